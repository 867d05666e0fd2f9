// OpenDocument text: headings, lists, tables; notes after the text; headers and footers last.
#include <array>
#include <vector>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/flow.hpp"
#include "actors/document/formats/ooxml.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

using Event = MarkupReader::Event;

// Deleted text, comments, forms, page numbers, and the names that objects carry.
constexpr std::array<std::string_view, 10> skipped{
    "tracked-changes", "annotation", "forms",       "sequence-decls", "note-citation",
    "title",           "desc",       "page-number", "page-count",     "ruby-text"};

class OdtReader {
public:
  // `region`: the elements whose text is read; "body" of the content, margins of the styles.
  OdtReader(std::string_view xml, std::vector<std::string_view> region, TextBuilder& out)
      : reader_(xml, Dialect::xml), region_(std::move(region)), out_(out), flow_(out) {}

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
    for (const auto& note : notes_) out_.add(BlockKind::paragraph, note);
    return whole || out_.full();
  }

private:
  bool is_region(std::string_view name) const {
    return std::find(region_.begin(), region_.end(), name) != region_.end();
  }

  void text() {
    if (inside_ == 0) return;
    scratch_.clear();
    reader_.append_text(scratch_);
    put(scratch_);
  }
  void put(std::string_view text) {
    if (in_note_)
      notes_.back() += text;
    else
      flow_.text(text);
  }

  void start(const std::string& name) {
    if (is_region(name)) ++inside_;
    if (inside_ == 0) return;
    if (std::find(skipped.begin(), skipped.end(), name) != skipped.end())
      skip_element(reader_);
    else if (name == "note") {
      in_note_ = true;
      notes_.emplace_back();
    } else if (name == "s" || name == "tab")
      put(" ");
    else if (name == "line-break")
      put_break();
    else if (in_note_)
      return;
    else if (name == "h") {
      const auto level = reader_.attribute("outline-level");
      flow_.begin_heading(level.size() == 1 && is_digit(level[0]) ? level[0] - '0' : 1);
    } else if (name == "p")
      flow_.begin(lists_ > 0 ? BlockKind::list_item : BlockKind::paragraph);
    else if (name == "list")
      ++lists_;
    else if (name == "table")
      flow_.begin_table();
    else if (name == "table-row")
      flow_.begin_row();
    else if (name == "table-cell")
      flow_.begin_cell();
  }

  void put_break() {
    if (in_note_)
      notes_.back() += '\n';
    else
      flow_.line_break();
  }

  void end(const std::string& name) {
    if (is_region(name) && inside_ > 0) --inside_;
    if (name == "note")
      in_note_ = false;
    else if (in_note_) {
      if (name == "p") notes_.back() += '\n';
    } else if (name == "h" || name == "p")
      flow_.end();
    else if (name == "list")
      lists_ = std::max(lists_ - 1, 0);
    else if (name == "table")
      flow_.end_table();
    else if (name == "table-row")
      flow_.end_row();
    else if (name == "table-cell")
      flow_.end_cell();
  }

  MarkupReader reader_;
  std::vector<std::string_view> region_;
  TextBuilder& out_;
  Flow flow_;
  std::vector<std::string> notes_;
  std::string scratch_;
  int inside_ = 0, lists_ = 0;
  bool in_note_ = false;
};

void read_meta(std::string_view xml, TextBuilder& out) {
  std::string text;
  MarkupReader reader(xml, Dialect::xml);
  for (auto event = reader.next(); event != Event::done; event = reader.next()) {
    if (event == Event::start)
      text.clear();
    else if (event == Event::text)
      reader.append_text(text);
    else if (reader.name() == "title")
      out.title(text);
    else if (reader.name() == "creator")
      out.property("author", text);
    else if (reader.name() == "date")
      out.property("modified", text);
    else if (reader.name() == "creation-date")
      out.property("created", text);
    else if (reader.name() == "language" || reader.name() == "subject" ||
             reader.name() == "description")
      out.property(reader.name(), text);
  }
}

} // namespace

Result<ParsedDocument> parse_odt(std::string_view bytes, const Limits& limits) {
  auto archive = Archive::open(bytes, limits, [](const std::string& name) {
    return name == "content.xml" || name == "meta.xml" || name == "styles.xml" ||
           name == "meta-inf/manifest.xml";
  });
  if (!archive) return tl::unexpected(archive.error());
  const auto* manifest = archive->find("META-INF/manifest.xml");
  if (manifest != nullptr && manifest->find("encryption-data") != manifest->npos)
    return tl::unexpected(Error{Errc::encrypted, "needs a password"});
  TextBuilder out(limits);
  std::string storage;
  if (const auto* meta = archive->find("meta.xml")) read_meta(utf8_part(*meta, storage), out);
  const auto* content = archive->find("content.xml");
  if (content == nullptr || !OdtReader(utf8_part(*content, storage), {"body"}, out).run())
    return tl::unexpected(Error{Errc::corrupt, "content.xml is missing or cut"});
  if (const auto* styles = archive->find("styles.xml"))
    OdtReader(utf8_part(*styles, storage), {"header", "footer"}, out).run();
  const bool pictures = archive->has_prefix("pictures/");
  return out.finish("application/vnd.oasis.opendocument.text",
                    pictures ? Errc::no_text_layer : Errc::empty_document,
                    pictures ? "only pictures in it" : "no text in it");
}

} // namespace graphrag::document::formats
