#include "runtime/encoder/bert_config.hpp"

#include <algorithm>

#include "runtime/encoder/json_file.hpp"

namespace graphrag::runtime::encoder {
namespace {

tl::unexpected<Error> not_supported(const std::string& what) {
  return fail(Errc::invalid_argument, what + " is not supported");
}

template <class T>
bool take(Result<T> value, T& to, Status& status) {
  if (value)
    to = std::move(*value);
  else if (status)
    status = tl::unexpected(value.error());
  return status.has_value();
}

Status read_shape(const ModelFiles& files, BertConfig& out) {
  auto file = JsonFile::optional(files, "config.json");
  if (!file) return tl::unexpected(file.error());
  Status status;
  std::string type, activation, positions;
  std::size_t padding = 0;
  double epsilon = 0;
  take(file->text("model_type", ""), type, status);
  take(file->text("hidden_act", "gelu"), activation, status);
  take(file->text("position_embedding_type", "absolute"), positions, status);
  take(file->number("hidden_size", 1, 8192), out.hidden, status);
  take(file->number("num_hidden_layers", 1, 128), out.layers, status);
  take(file->number("num_attention_heads", 1, 256), out.heads, status);
  take(file->number("intermediate_size", 1, 65536), out.intermediate, status);
  take(file->number("vocab_size", 1, 4'000'000), out.vocabulary, status);
  take(file->number("max_position_embeddings", 4, 32768), out.positions, status);
  take(file->number("type_vocab_size", 1, 1024, 2), out.types, status);
  take(file->number("pad_token_id", 0, 4'000'000, 0), padding, status);
  take(file->real("layer_norm_eps", 0, 1, 1e-12), epsilon, status);
  if (!status) return status;
  out.epsilon = static_cast<float>(epsilon);
  if (type != "bert" && type != "xlm-roberta" && type != "roberta")
    return not_supported("config.json: model_type \"" + type + "\"");
  if (activation != "gelu") return not_supported("config.json: hidden_act \"" + activation + "\"");
  if (positions != "absolute")
    return not_supported("config.json: position_embedding_type \"" + positions + "\"");
  if (out.hidden % out.heads != 0)
    return bad_file("config.json", "hidden_size is not a multiple of num_attention_heads");
  out.first_position = type == "bert" ? 0 : padding + 1;
  if (out.first_position + 3 > out.positions)
    return bad_file("config.json", "pad_token_id leaves no positions");
  out.max_tokens = out.positions - out.first_position;
  return {};
}

Status read_length(const ModelFiles& files, BertConfig& out) {
  auto sentence = JsonFile::optional(files, "sentence_bert_config.json");
  if (!sentence) return tl::unexpected(sentence.error());
  auto tokenizer = JsonFile::optional(files, "tokenizer_config.json");
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  Status status;
  // model_max_length may be a huge float that stands for "no limit".
  const auto& root = tokenizer->root();
  auto model_max = root.find("model_max_length");
  std::size_t limit = out.max_tokens;
  if (model_max != root.end() && model_max->is_number_unsigned())
    limit = std::min(limit, model_max->get<std::size_t>());
  take(sentence->number("max_seq_length", 3, 1'000'000, limit), limit, status);
  take(sentence->flag("do_lower_case", false), out.lower_case, status);
  if (!status) return status;
  if (limit < 3) return bad_file("tokenizer_config.json", "model_max_length is below 3");
  out.max_tokens = std::min(out.max_tokens, limit);
  return {};
}

Status read_modules(const ModelFiles& files) {
  auto file = files.find("modules.json");
  if (file == files.end()) return {};
  auto list = nlohmann::json::parse(file->second, nullptr, false);
  if (!list.is_array()) return bad_file("modules.json", "is not a JSON list");
  for (const auto& module : list) {
    auto type = module.is_object() ? module.find("type") : module.end();
    if (!module.is_object() || type == module.end() || !type->is_string())
      return bad_file("modules.json", "a module has no type");
    std::string name = type->get<std::string>();
    name.erase(0, name.rfind('.') + 1);
    if (name != "Transformer" && name != "Pooling" && name != "Normalize")
      return not_supported("modules.json: module " + name);
    if (name == "Pooling" && !files.contains("1_Pooling/config.json"))
      return fail(Errc::not_found, "1_Pooling/config.json is missing");
  }
  return {};
}

Status read_pooling(const ModelFiles& files, BertConfig& out) {
  const std::string name = "1_Pooling/config.json";
  if (!files.contains(name)) return {};
  auto file = JsonFile::optional(files, name);
  if (!file) return tl::unexpected(file.error());
  Status status;
  bool mean = false, cls = false, other = false, with_prompt = true;
  std::size_t dimension = out.hidden;
  take(file->flag("pooling_mode_mean_tokens", false), mean, status);
  take(file->flag("pooling_mode_cls_token", false), cls, status);
  take(file->flag("include_prompt", true), with_prompt, status);
  take(file->number("word_embedding_dimension", 1, 8192, out.hidden), dimension, status);
  for (const char* mode : {"pooling_mode_max_tokens", "pooling_mode_mean_sqrt_len_tokens",
                           "pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"}) {
    bool on = false;
    take(file->flag(mode, false), on, status);
    other = other || on;
  }
  if (!status) return status;
  if (dimension != out.hidden)
    return bad_file(name, "word_embedding_dimension differs from hidden_size");
  if (other || mean == cls) return not_supported(name + ": a pooling other than mean or cls");
  if (!with_prompt) return not_supported(name + ": include_prompt false");
  out.pooling = cls ? Pooling::cls : Pooling::mean;
  return {};
}

Status take_prompts(const std::string& name, const nlohmann::json& prompts, BertConfig& out) {
  if (!prompts.is_object()) return bad_file(name, "prompts is not an object");
  for (const auto& [role, value] : prompts.items()) {
    std::string* to = role == "query"                           ? &out.query_prompt
                      : role == "passage" || role == "document" ? &out.passage_prompt
                                                                : nullptr;
    if (!to) continue;
    if (!value.is_string()) return bad_file(name, "prompt \"" + role + "\" is not a text");
    if (value.get_ref<const std::string&>().size() > 4096)
      return bad_file(name, "prompt \"" + role + "\" is longer than 4096 bytes");
    if (role == "document" && prompts.contains("passage")) continue;
    *to = value.get<std::string>();
  }
  return {};
}

Status read_prompts(const ModelFiles& files, BertConfig& out) {
  auto published = JsonFile::optional(files, "config_sentence_transformers.json");
  if (!published) return tl::unexpected(published.error());
  if (auto prompts = published->root().find("prompts");
      prompts != published->root().end() && !prompts->is_null())
    if (auto status = take_prompts("config_sentence_transformers.json", *prompts, out); !status)
      return status;
  auto own = JsonFile::optional(files, "graphrag_prompts.json");
  if (!own) return tl::unexpected(own.error());
  return take_prompts("graphrag_prompts.json", own->root(), out);
}

} // namespace

Result<BertConfig> read_bert_config(const ModelFiles& files) {
  BertConfig out{};
  if (auto s = read_shape(files, out); !s) return tl::unexpected(s.error());
  if (auto s = read_length(files, out); !s) return tl::unexpected(s.error());
  if (auto s = read_modules(files); !s) return tl::unexpected(s.error());
  if (auto s = read_pooling(files, out); !s) return tl::unexpected(s.error());
  if (auto s = read_prompts(files, out); !s) return tl::unexpected(s.error());
  return out;
}

} // namespace graphrag::runtime::encoder
