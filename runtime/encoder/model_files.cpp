#include "runtime/encoder/model_files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "runtime/content_hash.hpp"

namespace graphrag::runtime {
namespace {

constexpr std::array<std::string_view, 10> names{"1_Pooling/config.json",
                                                 "config.json",
                                                 "config_sentence_transformers.json",
                                                 "graphrag_prompts.json",
                                                 "model.safetensors",
                                                 "modules.json",
                                                 "sentence_bert_config.json",
                                                 "tokenizer.json",
                                                 "tokenizer_config.json",
                                                 "vocab.txt"};

constexpr std::uintmax_t largest_file = std::uintmax_t{8} << 30;

Result<std::string> read_whole(const std::filesystem::path& path, std::uintmax_t size) {
  std::ifstream in{path, std::ios::binary};
  std::string bytes(size, '\0');
  if (!in || !in.read(bytes.data(), static_cast<std::streamsize>(size)))
    return fail(Errc::io, "cannot read " + path.string());
  return bytes;
}

} // namespace

std::span<const std::string_view> model_file_names() { return names; }

Result<ModelFiles> read_model_folder(const std::string& folder) {
  ModelFiles files;
  for (auto name : names) {
    if (name == "vocab.txt" && files.contains("tokenizer.json")) continue;
    std::filesystem::path path = std::filesystem::path{folder} / name;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) continue;
    auto size = std::filesystem::file_size(path, error);
    if (error) return fail(Errc::io, "cannot read " + path.string() + ": " + error.message());
    if (size > largest_file) return fail(Errc::no_space, path.string() + " is larger than 8 GiB");
    auto bytes = read_whole(path, size);
    if (!bytes) return tl::unexpected(bytes.error());
    files.emplace(name, std::move(*bytes));
  }
  if (auto status = require_model_files(files); !status)
    return fail(status.error().code, status.error().detail + " in " + folder);
  return files;
}

Status require_model_files(const ModelFiles& files) {
  for (const char* name : {"config.json", "model.safetensors"})
    if (!files.contains(name)) return fail(Errc::not_found, std::string{name} + " is missing");
  if (!files.contains("tokenizer.json") && !files.contains("vocab.txt"))
    return fail(Errc::not_found, "tokenizer.json (or vocab.txt) is missing");
  return {};
}

std::string model_hash(const ModelFiles& files) {
  std::string list;
  for (auto name : names) {
    if (name == "vocab.txt" && files.contains("tokenizer.json")) continue;
    if (auto file = files.find(std::string{name}); file != files.end())
      list.append(name).append(" ").append(content_hash(file->second)).append("\n");
  }
  return content_hash(list);
}

} // namespace graphrag::runtime
