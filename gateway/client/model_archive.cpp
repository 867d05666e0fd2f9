// What is read of others' packages: archives that carry a model, and pages of package indexes.
#include <algorithm>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <nlohmann/json.hpp>

#include "gateway/client/model_source.hpp"

namespace graphrag::client {
namespace {

using runtime::Errc;
using runtime::fail;

constexpr std::size_t max_unpacked = std::size_t{8} << 30;

// "pkg/model/1_Pooling/config.json" as the file of the model at "pkg/model/"; empty: none.
std::string_view wanted_file(std::string_view path) {
  for (const auto name : runtime::model_file_names())
    if (path == name || (path.ends_with(name) && path[path.size() - name.size() - 1] == '/'))
      return name;
  return {};
}

std::string resolved(const std::string& reference, const std::string& page_url) {
  if (reference.find("://") != std::string::npos) return reference;
  auto origin_end = page_url.find('/', page_url.find("://") + 3);
  if (reference.starts_with('/')) return page_url.substr(0, origin_end) + reference;
  auto folder = page_url.substr(0, page_url.rfind('/'));
  auto rest = std::string_view{reference};
  while (rest.starts_with("../")) {
    rest.remove_prefix(3);
    if (folder.size() > origin_end) folder = folder.substr(0, folder.rfind('/'));
  }
  return folder + "/" + std::string{rest};
}

// A version's numbers, "1.10.0" after "1.9"; other versions count as early ones.
std::vector<unsigned> version_of(std::string_view wheel) {
  std::vector<unsigned> out;
  auto from = wheel.find('-');
  if (from == std::string_view::npos) return out;
  for (const char c : wheel.substr(from + 1)) {
    if (c == '-') break;
    if (c == '.')
      out.push_back(0);
    else if (c >= '0' && c <= '9') {
      if (out.empty()) out.push_back(0);
      out.back() = out.back() * 10 + static_cast<unsigned>(c - '0');
    } else
      return {};
  }
  return out;
}

} // namespace

runtime::Result<runtime::ModelFiles> model_in_archive(std::string_view bytes) {
  std::unique_ptr<archive, int (*)(archive*)> reader{archive_read_new(), archive_read_free};
  archive_read_support_format_all(reader.get());
  archive_read_support_filter_all(reader.get());
  const auto broken = [&]() -> tl::unexpected<runtime::Error> {
    const char* why = archive_error_string(reader.get());
    return fail(Errc::corrupt, std::string{"not an archive that can be read: "} + (why ? why : ""));
  };
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
    return broken();
  std::map<std::string, runtime::ModelFiles> folders; // by the folder that they are below
  std::size_t total = 0;
  archive_entry* entry = nullptr;
  int status = ARCHIVE_OK;
  while ((status = archive_read_next_header(reader.get(), &entry)) == ARCHIVE_OK) {
    const char* path_name = archive_entry_pathname(entry);
    const std::string path = path_name ? path_name : "";
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    // A file may be named at two depths ("1_Pooling/config.json" ends with "config.json"): the
    // longest name says where the model's folder is.
    auto name = wanted_file(path);
    for (const auto longer : runtime::model_file_names())
      if (longer.size() > name.size() && path.ends_with(longer) && !name.empty()) name = longer;
    if (name.empty()) continue;
    std::string content;
    std::string buffer(1 << 20, '\0');
    la_ssize_t got = 0;
    while ((got = archive_read_data(reader.get(), buffer.data(), buffer.size())) > 0) {
      content.append(buffer, 0, static_cast<std::size_t>(got));
      if ((total += static_cast<std::size_t>(got)) > max_unpacked)
        return fail(Errc::no_space, "the archive unpacks to more than 8 GiB");
    }
    if (got < 0) return broken();
    folders[path.substr(0, path.size() - name.size())][std::string{name}] = std::move(content);
  }
  if (status != ARCHIVE_EOF) return broken();
  const std::string* best = nullptr;
  for (const auto& [folder, files] : folders)
    if (runtime::require_model_files(files) &&
        (best == nullptr || std::count(folder.begin(), folder.end(), '/') <
                                std::count(best->begin(), best->end(), '/')))
      best = &folder;
  if (best == nullptr) return fail(Errc::not_found, "the archive holds no encoder with weights");
  return std::move(folders[*best]);
}

runtime::Result<IndexedFile> newest_wheel(const std::string& page, const std::string& page_url) {
  struct Listed {
    std::string file;
    IndexedFile at;
  };
  std::vector<Listed> all;
  if (auto json = nlohmann::json::parse(page, nullptr, false); json.is_object()) {
    for (const auto& file : json.value("files", nlohmann::json::array())) {
      if (!file.is_object() || !file.contains("url") || !file["url"].is_string()) continue;
      std::string sha;
      if (file.contains("hashes") && file["hashes"].is_object())
        sha = file["hashes"].value("sha256", std::string{});
      all.push_back({file.value("filename", std::string{}),
                     {resolved(file["url"].get<std::string>(), page_url), sha}});
    }
  } else {
    constexpr std::string_view reference = "href=\"", hash = "#sha256=";
    for (auto at = page.find(reference); at != std::string::npos; at = page.find(reference, at)) {
      at += reference.size();
      auto url = page.substr(at, page.find('"', at) - at);
      std::string sha;
      if (auto mark = url.find(hash); mark != std::string::npos)
        sha = url.substr(mark + hash.size(), 64);
      url = url.substr(0, url.find('#'));
      all.push_back({url.substr(url.rfind('/') + 1), {resolved(url, page_url), sha}});
    }
  }
  std::erase_if(all, [](const Listed& one) { return !one.file.ends_with(".whl"); });
  if (all.empty()) return fail(Errc::not_found, "the index lists no wheel of the package");
  return std::max_element(all.begin(), all.end(),
                          [](const Listed& a, const Listed& b) {
                            return version_of(a.file) < version_of(b.file);
                          })
      ->at;
}

} // namespace graphrag::client
