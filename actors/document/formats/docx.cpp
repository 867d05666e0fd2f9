// Word documents: the body, then footnotes and endnotes, then each different header and footer.
#include <array>
#include <set>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/docx_styles.hpp"
#include "actors/document/formats/flow.hpp"
#include "actors/document/formats/ooxml.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

using Event = MarkupReader::Event;
constexpr std::string_view main_part = "word/document.xml";

// Deleted text, field codes, and the copy of a drawing for old programs.
constexpr std::array<std::string_view, 9> skipped{
    "del", "moveFrom", "delText", "instrText", "Fallback", "sdtPr", "pPrChange", "rPrChange", "rt"};

class PartReader {
public:
  PartReader(std::string_view xml, const DocxStyles& styles, TextBuilder& out)
      : reader_(xml, Dialect::xml), styles_(styles), out_(out), flow_(out) {}

  // False when the part is not whole: its root element is never closed.
  bool run() {
    std::string root;
    bool whole = false;
    for (auto event = reader_.next(); event != Event::done && !out_.full();
         event = reader_.next()) {
      if (event == Event::text)
        text();
      else if (event == Event::start) {
        if (root.empty()) root = reader_.name();
        start(reader_.name());
      } else {
        whole |= reader_.name() == root;
        end(reader_.name());
      }
    }
    flow_.finish();
    return whole || out_.full();
  }

private:
  void text() {
    if (!in_text_ || covered_) return;
    scratch_.clear();
    reader_.append_text(scratch_);
    flow_.text(scratch_);
  }

  void start(const std::string& name) {
    if (std::find(skipped.begin(), skipped.end(), name) != skipped.end())
      skip_element(reader_);
    else if (name == "t")
      in_text_ = true;
    else if (name == "p") {
      flow_.begin(BlockKind::paragraph);
      meaning_ = {};
    } else if (name == "pPr")
      in_properties_ = true;
    else if (in_properties_)
      property(name);
    else if (name == "tab")
      flow_.text(" ");
    else if (name == "br" || name == "cr")
      flow_.line_break();
    else if (name == "noBreakHyphen")
      flow_.text("-");
    else if (name == "tbl")
      flow_.begin_table();
    else if (name == "tr")
      flow_.begin_row();
    else if (name == "tc") {
      flow_.begin_cell();
      covered_ = false;
    } else if (name == "vMerge")
      covered_ = reader_.attribute("val") != "restart";
    else if (name == "docPr") {
      if (const auto alt = reader_.attribute("descr"); is_description(alt)) flow_.image(alt);
    } else if ((name == "footnote" || name == "endnote") && !reader_.attribute("type").empty())
      skip_element(reader_); // the line above the notes
  }

  void property(const std::string& name) {
    if (name == "pStyle")
      meaning_ = styles_.meaning(reader_.attribute("val"));
    else if (name == "numId")
      meaning_.list = reader_.attribute("val") != "0";
    else if (name == "outlineLvl") {
      const auto level = reader_.attribute("val");
      if (level.size() == 1 && level[0] >= '0' && level[0] <= '8')
        meaning_.heading = std::min(level[0] - '0' + 1, 6);
    }
  }

  void end(const std::string& name) {
    if (name == "t")
      in_text_ = false;
    else if (name == "p")
      flow_.end();
    else if (name == "pPr") {
      in_properties_ = false;
      if (meaning_.heading > 0)
        flow_.begin_heading(meaning_.heading);
      else if (meaning_.list)
        flow_.begin(BlockKind::list_item);
    } else if (name == "tbl")
      flow_.end_table();
    else if (name == "tr")
      flow_.end_row();
    else if (name == "tc") {
      flow_.end_cell();
      covered_ = false;
    }
  }

  MarkupReader reader_;
  const DocxStyles& styles_;
  TextBuilder& out_;
  Flow flow_;
  DocxStyles::Meaning meaning_;
  bool in_text_ = false, in_properties_ = false;
  bool covered_ = false; // in a cell under a merged one: its text is not shown
  std::string scratch_;
};

bool read_part(const Archive& archive, std::string_view name, const DocxStyles& styles,
               TextBuilder& out) {
  const auto* bytes = archive.find(name);
  if (bytes == nullptr) return false;
  std::string storage;
  return PartReader(utf8_part(*bytes, storage), styles, out).run();
}

// First, even and later pages often repeat one header: each text once.
void read_margins(const Archive& archive, const std::map<std::string, Relation>& relations,
                  const DocxStyles& styles, TextBuilder& out) {
  std::set<std::string> seen, read;
  for (const auto& [id, relation] : relations) {
    if (relation.type != "header" && relation.type != "footer") continue;
    if (!read.insert(relation.target).second) continue;
    TextBuilder margin(out.limits());
    read_part(archive, relation.target, styles, margin);
    const auto document = margin.finish("");
    if (!document || !seen.insert(document->text).second) continue;
    out.append(*document);
  }
}

} // namespace

Result<ParsedDocument> parse_docx(std::string_view bytes, const Limits& limits) {
  auto archive = Archive::open(bytes, limits, [](const std::string& name) {
    return name.ends_with(".xml.rels") || name == "docprops/core.xml" ||
           (name.starts_with("word/") && name.ends_with(".xml") &&
            !name.starts_with("word/theme/"));
  });
  if (!archive) return tl::unexpected(archive.error());
  TextBuilder out(limits);
  read_core_properties(*archive, out);
  DocxStyles styles;
  std::string storage;
  if (const auto* xml = archive->find("word/styles.xml")) styles.read(utf8_part(*xml, storage));
  if (!read_part(*archive, main_part, styles, out))
    return tl::unexpected(Error{Errc::corrupt, "word/document.xml is missing or cut"});
  read_part(*archive, "word/footnotes.xml", styles, out);
  read_part(*archive, "word/endnotes.xml", styles, out);
  read_margins(*archive, relations_of(*archive, main_part), styles, out);
  const bool pictures = archive->has_prefix("word/media/");
  return out.finish("application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                    pictures ? Errc::no_text_layer : Errc::empty_document,
                    pictures ? "only pictures in it" : "no text in it");
}

} // namespace graphrag::document::formats
