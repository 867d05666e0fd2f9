#include "actors/document/formats/ooxml.hpp"

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/charset.hpp"

namespace graphrag::document::formats {

using Event = MarkupReader::Event;

std::string_view utf8_part(const std::string& bytes, std::string& storage) {
  if (!bytes.starts_with("\xff\xfe") && !bytes.starts_with("\xfe\xff")) return bytes;
  storage = decode(bytes).value_or(std::string{});
  return storage;
}

void skip_element(MarkupReader& reader) {
  std::size_t open = 1;
  while (open > 0) {
    const auto event = reader.next();
    if (event == Event::done) return;
    if (event == Event::start)
      ++open;
    else if (event == Event::end)
      --open;
  }
}

bool is_description(std::string_view alt) {
  alt = trim(alt);
  const auto dot = alt.rfind('.');
  const bool file = dot != alt.npos && alt.size() - dot <= 5 && dot + 1 < alt.size();
  return alt.find(' ') != alt.npos && !file && !alt.starts_with("http");
}

std::map<std::string, Relation> relations_of(const Archive& archive, std::string_view part) {
  std::map<std::string, Relation> relations;
  const auto folder = folder_of(part);
  const auto* bytes =
      archive.find(folder + "_rels/" + std::string(part.substr(folder.size())) + ".rels");
  if (bytes == nullptr) return relations;
  std::string storage;
  MarkupReader reader(utf8_part(*bytes, storage), Dialect::xml);
  for (auto event = reader.next(); event != Event::done; event = reader.next()) {
    if (event != Event::start || reader.name() != "Relationship") continue;
    if (reader.attribute("TargetMode") == "External") continue;
    const auto type = reader.attribute("Type");
    relations[reader.attribute("Id")] = {type.substr(type.rfind('/') + 1),
                                         join_path(folder, reader.attribute("Target"))};
  }
  return relations;
}

void read_core_properties(const Archive& archive, TextBuilder& out) {
  const auto* bytes = archive.find("docProps/core.xml");
  if (bytes == nullptr) return;
  std::string storage, text;
  MarkupReader reader(utf8_part(*bytes, storage), Dialect::xml);
  for (auto event = reader.next(); event != Event::done; event = reader.next()) {
    if (event == Event::start)
      text.clear();
    else if (event == Event::text)
      reader.append_text(text);
    else if (reader.name() == "title")
      out.title(text);
    else if (reader.name() == "creator")
      out.property("author", text);
    else if (reader.name() == "created" || reader.name() == "modified" ||
             reader.name() == "subject" || reader.name() == "keywords" ||
             reader.name() == "description")
      out.property(reader.name(), text);
  }
}

} // namespace graphrag::document::formats
