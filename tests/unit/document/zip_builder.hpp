#pragma once
// Small zip archives made inside tests.
#include <archive.h>
#include <archive_entry.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace graphrag::document::formats {

using Members = std::vector<std::pair<std::string, std::string>>; // name, content

// A member called "mimetype" is stored, as ODF and EPUB want it; all others are deflated.
inline std::string make_zip(const Members& members) {
  std::string bytes;
  auto* writer = archive_write_new();
  archive_write_set_format_zip(writer);
  archive_write_set_bytes_per_block(writer, 0);
  const auto sink = [](archive*, void* out, const void* data, std::size_t size) -> la_ssize_t {
    static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
  };
  archive_write_open(writer, &bytes, nullptr, sink, nullptr);
  for (const auto& [name, content] : members) {
    if (name == "mimetype")
      archive_write_zip_set_compression_store(writer);
    else
      archive_write_zip_set_compression_deflate(writer);
    auto* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(writer, entry);
    archive_write_data(writer, content.data(), content.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  return bytes;
}

inline std::string docx(std::string_view body, Members more = {}) {
  Members members{{"word/document.xml", "<?xml version=\"1.0\"?><w:document><w:body>" +
                                            std::string(body) + "</w:body></w:document>"}};
  members.insert(members.end(), more.begin(), more.end());
  return make_zip(members);
}

inline std::string relations(const Members& type_and_target) {
  std::string xml = "<Relationships>";
  int id = 0;
  for (const auto& [type, target] : type_and_target)
    xml += "<Relationship Id=\"rId" + std::to_string(++id) + "\" Type=\"http://x/relationships/" +
           type + "\" Target=\"" + target + "\"/>";
  return xml + "</Relationships>";
}

} // namespace graphrag::document::formats
