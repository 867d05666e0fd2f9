#include "actors/document/formats/docx_styles.hpp"

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/markup.hpp"

namespace graphrag::document::formats {
namespace {

using Event = MarkupReader::Event;
constexpr int max_chain = 16; // styles based on styles

// "heading 2" -> 2 (built-in names are English in every language), "Title" -> 1.
int level_by_name(std::string_view name) {
  if (name == "title") return 1;
  if (!name.starts_with("heading")) return 0;
  name = trim(name.substr(7));
  return name.size() == 1 && name[0] >= '1' && name[0] <= '9' ? std::min(name[0] - '0', 6) : 0;
}

} // namespace

void DocxStyles::read(std::string_view styles_xml) {
  MarkupReader reader(styles_xml, Dialect::xml);
  Style* style = nullptr;
  for (auto event = reader.next(); event != Event::done; event = reader.next()) {
    const auto& name = reader.name();
    if (event == Event::end && name == "style") style = nullptr;
    if (event != Event::start) continue;
    if (name == "style") {
      style =
          reader.attribute("type") == "paragraph" ? &styles_[reader.attribute("styleId")] : nullptr;
    } else if (style != nullptr) {
      if (name == "name")
        style->name = ascii_lower(reader.attribute("val"));
      else if (name == "basedOn")
        style->based_on = reader.attribute("val");
      else if (name == "numPr")
        style->numbered = true;
      else if (name == "outlineLvl") {
        const auto level = reader.attribute("val");
        style->outline = level.size() == 1 && is_digit(level[0]) ? level[0] - '0' : 9;
      }
    }
  }
}

DocxStyles::Meaning DocxStyles::meaning(const std::string& style_id) const {
  Meaning meaning;
  bool outline_known = false;
  auto id = style_id;
  for (int i = 0; i < max_chain && !id.empty(); ++i) {
    const auto found = styles_.find(id);
    if (found == styles_.end()) {
      if (i == 0) meaning.heading = level_by_name(ascii_lower(id));
      break;
    }
    const auto& style = found->second;
    if (meaning.heading == 0 && !outline_known) meaning.heading = level_by_name(style.name);
    if (meaning.heading == 0 && !outline_known && style.outline >= 0) {
      outline_known = true;
      if (style.outline < 9) meaning.heading = std::min(style.outline + 1, 6);
    }
    meaning.list |= style.numbered || style.name.starts_with("list ");
    id = style.based_on;
  }
  return meaning;
}

} // namespace graphrag::document::formats
