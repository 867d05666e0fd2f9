// Electronic books: the chapters in the order of the spine, each read as HTML.
#include <map>
#include <set>
#include <vector>

#include "actors/document/formats/ooxml.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

using Event = MarkupReader::Event;

std::string package_path(const Archive& archive) {
  const auto* bytes = archive.find("META-INF/container.xml");
  if (bytes == nullptr) return {};
  std::string storage;
  MarkupReader reader(utf8_part(*bytes, storage), Dialect::xml);
  for (auto event = reader.next(); event != Event::done; event = reader.next())
    if (event == Event::start && reader.name() == "rootfile")
      return join_path("", reader.attribute("full-path"));
  return {};
}

struct Package {
  std::vector<std::string> chapters; // members, in reading order
  bool whole = false;
};

// Reads the metadata into `out`. The table of contents is left out, it repeats the headings.
Package read_package(std::string_view xml, const std::string& folder, TextBuilder& out) {
  Package package;
  std::map<std::string, std::string> items;
  std::set<std::string> seen;
  std::string text;
  MarkupReader reader(xml, Dialect::xml);
  for (auto event = reader.next(); event != Event::done; event = reader.next()) {
    const auto& name = reader.name();
    if (event == Event::text)
      reader.append_text(text);
    else if (event == Event::start) {
      text.clear();
      if (name == "item" && reader.attribute("properties").find("nav") == std::string::npos)
        items[reader.attribute("id")] = join_path(folder, reader.attribute("href"));
      const auto item = name == "itemref" ? items.find(reader.attribute("idref")) : items.end();
      if (item != items.end() && seen.insert(item->second).second)
        package.chapters.push_back(item->second);
    } else if (name == "title")
      out.title(text);
    else if (name == "creator")
      out.property("author", text);
    else if (name == "date" || name == "language" || name == "publisher" || name == "description")
      out.property(name, text);
    else if (name == "package")
      package.whole = true;
  }
  return package;
}

// Members that a rights management has made unreadable (fonts may be, that is harmless).
std::set<std::string> encrypted_members(const Archive& archive) {
  std::set<std::string> members;
  const auto* bytes = archive.find("META-INF/encryption.xml");
  if (bytes == nullptr) return members;
  std::string storage;
  MarkupReader reader(utf8_part(*bytes, storage), Dialect::xml);
  for (auto event = reader.next(); event != Event::done; event = reader.next())
    if (event == Event::start && reader.name() == "CipherReference")
      members.insert(join_path("", reader.attribute("URI")));
  return members;
}

} // namespace

Result<ParsedDocument> parse_epub(std::string_view bytes, const Limits& limits) {
  auto archive = Archive::open(bytes, limits, [](const std::string& name) {
    for (const std::string_view ending : {".xml", ".opf", ".html", ".xhtml", ".htm"})
      if (name.ends_with(ending)) return true;
    return false;
  });
  if (!archive) return tl::unexpected(archive.error());
  const auto path = package_path(*archive);
  const auto* package_bytes = archive->find(path);
  if (path.empty() || package_bytes == nullptr)
    return tl::unexpected(Error{Errc::corrupt, "the book has no package file"});
  TextBuilder out(limits);
  std::string storage;
  const auto package = read_package(utf8_part(*package_bytes, storage), folder_of(path), out);
  if (!package.whole) return tl::unexpected(Error{Errc::corrupt, "the package file is cut"});
  if (package.chapters.size() > limits.max_pages)
    return tl::unexpected(
        Error{Errc::too_large, "more than " + std::to_string(limits.max_pages) + " chapters"});
  const auto encrypted = encrypted_members(*archive);
  for (const auto& chapter : package.chapters) {
    if (encrypted.contains(chapter))
      return tl::unexpected(Error{Errc::encrypted, "the book is protected (DRM)"});
    const auto* content = archive->find(chapter);
    if (content == nullptr) continue;
    const auto html = decode_markup(*content, {});
    if (!html) return tl::unexpected(html.error());
    read_html(*html, out);
  }
  return out.finish("application/epub+zip", Errc::no_text_layer, "no text in its chapters");
}

} // namespace graphrag::document::formats
