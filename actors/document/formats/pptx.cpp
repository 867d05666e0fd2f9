// Presentations: slides in the order of the show, on each the title, the shapes, then the notes.
#include <array>
#include <set>
#include <vector>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/flow.hpp"
#include "actors/document/formats/ooxml.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

using Event = MarkupReader::Event;
constexpr std::string_view main_part = "ppt/presentation.xml";

enum class Pick { titles, rest, notes }; // which shapes of a slide are read

// One pass over a slide. Groups of any depth need no care: shapes come in order of the stream.
class SlideReader {
public:
  SlideReader(std::string_view xml, Pick pick, TextBuilder& out)
      : reader_(xml, Dialect::xml), pick_(pick), out_(out), flow_(out) {}

  void run() {
    for (auto event = reader_.next(); event != Event::done && !out_.full();
         event = reader_.next()) {
      if (event == Event::text)
        text();
      else if (event == Event::start)
        start(reader_.name());
      else
        end(reader_.name());
    }
    flow_.finish();
  }

private:
  void text() {
    if (!in_text_) return;
    scratch_.clear();
    reader_.append_text(scratch_);
    flow_.text(scratch_);
  }

  bool is_title() const { return placeholder_ == "title" || placeholder_ == "ctrTitle"; }

  bool picked() const {
    if (placeholder_ == "sldNum") return false;
    if (pick_ == Pick::notes) return is_placeholder_ && placeholder_ == "body";
    return is_title() == (pick_ == Pick::titles);
  }

  void start(const std::string& name) {
    if (name == "Fallback") return skip_element(reader_);
    if (name == "sp" || name == "graphicFrame" || name == "pic") {
      placeholder_.clear();
      is_placeholder_ = false;
      heading_open_ = false;
    } else if (name == "ph") {
      is_placeholder_ = true;
      placeholder_ = reader_.attribute("type");
    } else if (name == "cNvPr") {
      const auto alt = reader_.attribute("descr");
      if (pick_ == Pick::rest && is_description(alt)) flow_.image(alt);
    } else if ((name == "txBody" || name == "t") && picked()) {
      (name == "t" ? in_text_ : in_body_) = true;
    } else if (name == "tbl" && pick_ == Pick::rest) {
      flow_.begin_table();
    } else if (name == "tr" && pick_ == Pick::rest) {
      flow_.begin_row();
    } else if (name == "tc" && pick_ == Pick::rest) {
      flow_.begin_cell();
    } else if (name == "p" && in_body_) {
      paragraph();
    } else if (name == "br" && in_body_) {
      flow_.line_break();
    }
  }

  void paragraph() {
    if (pick_ == Pick::titles) {
      if (heading_open_)
        flow_.line_break(); // a title of two lines
      else
        flow_.begin_heading(1);
      heading_open_ = true;
      return;
    }
    const bool bullets = pick_ == Pick::rest && is_placeholder_ &&
                         (placeholder_.empty() || placeholder_ == "body" || placeholder_ == "obj");
    flow_.begin(bullets ? BlockKind::list_item : BlockKind::paragraph);
  }

  void end(const std::string& name) {
    if (name == "t")
      in_text_ = false;
    else if (name == "txBody") {
      if (in_body_) flow_.end();
      in_body_ = false;
    } else if (pick_ == Pick::rest) {
      if (name == "tbl")
        flow_.end_table();
      else if (name == "tr")
        flow_.end_row();
      else if (name == "tc")
        flow_.end_cell();
    }
  }

  MarkupReader reader_;
  Pick pick_;
  TextBuilder& out_;
  Flow flow_;
  std::string placeholder_, scratch_;
  bool is_placeholder_ = false, in_body_ = false, in_text_ = false, heading_open_ = false;
};

void read_shapes(const Archive& archive, std::string_view part, Pick pick, TextBuilder& out) {
  if (const auto* bytes = archive.find(part)) {
    std::string storage;
    SlideReader(utf8_part(*bytes, storage), pick, out).run();
  }
}

// Text of a SmartArt drawing stands in a part of its own.
void read_diagram(const Archive& archive, std::string_view part, TextBuilder& out) {
  const auto* bytes = archive.find(part);
  if (bytes == nullptr) return;
  std::string storage, text;
  MarkupReader reader(utf8_part(*bytes, storage), Dialect::xml);
  bool in_text = false;
  for (auto event = reader.next(); event != Event::done; event = reader.next()) {
    if (event == Event::text && in_text)
      reader.append_text(text);
    else if (event == Event::start && reader.name() == "t")
      in_text = true;
    else if (event == Event::end && reader.name() == "p") {
      out.add(BlockKind::paragraph, text);
      text.clear();
      in_text = false;
    }
  }
}

// Nothing when the part is not a whole presentation.
std::optional<std::vector<std::string>> slide_order(const Archive& archive) {
  const auto* bytes = archive.find(main_part);
  if (bytes == nullptr) return std::nullopt;
  const auto relations = relations_of(archive, main_part);
  std::vector<std::string> slides;
  std::set<std::string> seen;
  std::string storage;
  bool whole = false;
  MarkupReader reader(utf8_part(*bytes, storage), Dialect::xml);
  for (auto event = reader.next(); event != Event::done; event = reader.next()) {
    if (event == Event::end && reader.name() == "presentation") whole = true;
    if (event != Event::start || reader.name() != "sldId") continue;
    const auto relation = relations.find(reader.attribute("r:id"));
    if (relation != relations.end() && seen.insert(relation->second.target).second)
      slides.push_back(relation->second.target);
  }
  if (!whole) return std::nullopt;
  return slides;
}

} // namespace

Result<ParsedDocument> parse_pptx(std::string_view bytes, const Limits& limits) {
  auto archive = Archive::open(bytes, limits, [](const std::string& name) {
    return name == main_part || name == "docprops/core.xml" || name.ends_with(".xml.rels") ||
           name.starts_with("ppt/slides/") || name.starts_with("ppt/notesslides/") ||
           name.starts_with("ppt/diagrams/data");
  });
  if (!archive) return tl::unexpected(archive.error());
  const auto slides = slide_order(*archive);
  if (!slides)
    return tl::unexpected(Error{Errc::corrupt, "ppt/presentation.xml is missing or cut"});
  TextBuilder out(limits);
  if (slides->size() > limits.max_pages)
    return tl::unexpected(
        Error{Errc::too_large, "more than " + std::to_string(limits.max_pages) + " slides"});
  read_core_properties(*archive, out);
  std::uint32_t number = 0;
  std::set<std::string> seen; // a part that many slides point to is read once
  for (const auto& slide : *slides) {
    out.page(++number);
    read_shapes(*archive, slide, Pick::titles, out);
    read_shapes(*archive, slide, Pick::rest, out);
    for (const auto& [id, relation] : relations_of(*archive, slide)) {
      const bool wanted = relation.type == "diagramData" || relation.type == "notesSlide";
      if (!wanted || !seen.insert(relation.target).second) continue;
      if (relation.type == "diagramData")
        read_diagram(*archive, relation.target, out);
      else
        read_shapes(*archive, relation.target, Pick::notes, out);
    }
  }
  out.pages(number);
  const bool pictures = archive->has_prefix("ppt/media/");
  return out.finish("application/vnd.openxmlformats-officedocument.presentationml.presentation",
                    pictures ? Errc::no_text_layer : Errc::empty_document,
                    pictures ? "only pictures in it" : "no text in it");
}

} // namespace graphrag::document::formats
