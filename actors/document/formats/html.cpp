// HTML as a reader sees it: headings, paragraphs, lists, preformatted text and tables; no scripts,
// styles, navigation or hidden parts. Works on the stream of tags, without a tree.
#include "actors/document/formats/flow.hpp"

#include <array>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/charset.hpp"
#include "actors/document/formats/markup.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

using Event = MarkupReader::Event;
constexpr std::size_t declaration_bytes = 4096; // where a charset must be declared

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What no reader of the text wants; `noise` is kept after all when nothing else is there.
constexpr std::array<std::string_view, 16> dropped{
    "script", "style",  "template", "svg", "iframe", "object", "noembed",    "noframes",
    "select", "canvas", "rp",       "rt",  "audio",  "video",  "annotation", "textarea"};
constexpr std::array<std::string_view, 3> noise{"nav", "noscript", "menu"};
constexpr std::array<std::string_view, 14> void_elements{
    "area",  "base", "br",   "col",   "embed",  "hr",    "img",
    "input", "link", "meta", "param", "source", "track", "wbr"};
// Blocks that may stand inside a heading or a list item, and those that end it.
constexpr std::array<std::string_view, 14> inner_blocks{
    "address", "center", "dd",     "details", "div", "dt",      "fieldset",
    "figure",  "form",   "legend", "option",  "p",   "summary", "optgroup"};
constexpr std::array<std::string_view, 16> outer_blocks{
    "article", "aside",  "blockquote", "body", "dialog", "dl", "footer",  "head",
    "header",  "hgroup", "hr",         "html", "main",   "ol", "section", "ul"};
// Their end tags are often left out: the next one of the kind ends them.
constexpr std::array<std::string_view, 8> open_ended{"p",  "li", "dt", "dd",
                                                     "tr", "td", "th", "option"};

int heading_level(std::string_view name) {
  return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6' ? name[1] - '0' : 0;
}

bool hidden(const MarkupReader& tag) {
  if (tag.has_attribute("hidden")) return true;
  auto style = ascii_lower(tag.attribute("style"));
  std::erase_if(style, is_blank);
  return style.find("display:none") != style.npos;
}

class HtmlReader {
public:
  HtmlReader(std::string_view text, TextBuilder& out, bool keep_noise)
      : reader_(text, Dialect::html), out_(out), flow_(out), keep_noise_(keep_noise) {}

  // True when noise was left out.
  bool run() {
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
    return skipped_noise_;
  }

private:
  void text() {
    if (in_title_)
      reader_.append_text(title_);
    else if (skipping_.empty()) {
      scratch_.clear();
      reader_.append_text(scratch_);
      flow_.text(scratch_);
    }
  }

  bool begin_skipping(const std::string& name) {
    if (one_of(void_elements, name)) return false;
    const bool page = name == "body" || name == "html";
    const bool is_noise =
        !keep_noise_ && !page &&
        (one_of(noise, name) || reader_.attribute("role") == "navigation" || hidden(reader_));
    if (!is_noise && !one_of(dropped, name)) return false;
    if (reader_.self_closing()) return true; // XHTML: nothing is inside
    skipped_noise_ |= is_noise;
    skipping_ = name;
    skip_depth_ = 1;
    return true;
  }

  void start(const std::string& name) {
    if (!skipping_.empty()) {
      if (name != skipping_) return;
      ++skip_depth_;
      if (!one_of(open_ended, name)) return;
      skipping_.clear();
    }
    if (begin_skipping(name)) return;
    if (name == "title")
      in_title_ = !reader_.self_closing();
    else if (name == "br")
      flow_.line_break();
    else if (name == "img")
      flow_.image(reader_.attribute("alt"));
    else if (name == "input" && same_ignoring_case(reader_.attribute("type"), "image"))
      flow_.image(reader_.attribute("alt"));
    else if (name == "meta")
      meta();
    else if (name == "html")
      out_.property("language", reader_.attribute("lang"));
    else if (const int level = heading_level(name); level > 0)
      flow_.begin_heading(level);
    else if (name == "li")
      flow_.begin(BlockKind::list_item);
    else if (name == "figcaption" || name == "caption")
      flow_.begin(BlockKind::caption);
    else if (name == "pre" || name == "listing" || name == "xmp")
      flow_.begin_pre();
    else if (name == "code")
      flow_.code_inside_pre();
    else if (name == "table")
      flow_.begin_table();
    else if (name == "tr")
      flow_.begin_row();
    else if (name == "td" || name == "th")
      flow_.begin_cell();
    else if (one_of(inner_blocks, name))
      flow_.begin_block();
    else if (one_of(outer_blocks, name))
      flow_.end_all();
  }

  void end(const std::string& name) {
    if (!skipping_.empty()) {
      if (name == skipping_ && --skip_depth_ == 0) skipping_.clear();
      return;
    }
    if (name == "title") {
      in_title_ = false;
      out_.title(title_);
    } else if (heading_level(name) > 0 || name == "li" || name == "figcaption" || name == "caption")
      flow_.end();
    else if (name == "pre" || name == "listing" || name == "xmp")
      flow_.end_pre();
    else if (name == "table")
      flow_.end_table();
    else if (name == "tr")
      flow_.end_row();
    else if (name == "td" || name == "th")
      flow_.end_cell();
    else if (one_of(inner_blocks, name))
      flow_.block_boundary();
    else if (one_of(outer_blocks, name))
      flow_.end_all();
  }

  void meta() {
    const auto name = ascii_lower(reader_.attribute("name"));
    if (name == "author" || name == "description" || name == "date" || name == "keywords")
      out_.property(name, reader_.attribute("content"));
  }

  MarkupReader reader_;
  TextBuilder& out_;
  Flow flow_;
  bool keep_noise_;
  bool skipped_noise_ = false;
  std::string skipping_; // the element that is left out, empty for none
  std::size_t skip_depth_ = 0;
  bool in_title_ = false;
  std::string title_, scratch_;
};

// <meta charset=x>, <meta http-equiv content="...; charset=x">, <?xml ... encoding="x"?>
std::string declared_charset(std::string_view head) {
  if (head.starts_with("<?xml")) {
    const auto declaration = head.substr(0, std::min(head.find("?>"), head.size()));
    const auto at = declaration.find("encoding");
    if (at != declaration.npos)
      return charset_of("charset" + std::string(declaration.substr(at + 8)));
  }
  MarkupReader reader(head, Dialect::html);
  for (auto event = reader.next(); event != Event::done; event = reader.next()) {
    if (event != Event::start || reader.name() != "meta") continue;
    if (const auto charset = reader.attribute("charset"); !charset.empty()) return charset;
    if (auto charset = charset_of(reader.attribute("content")); !charset.empty()) return charset;
  }
  return {};
}

} // namespace

void read_html(std::string_view utf8, TextBuilder& out) {
  const bool had_text = out.has_text();
  const bool skipped = HtmlReader(utf8, out, false).run();
  if (skipped && !had_text && !out.has_text()) HtmlReader(utf8, out, true).run();
}

Result<std::string> decode_markup(std::string_view bytes, std::string_view hint) {
  if (!hint.empty()) return decode(bytes, hint);
  return decode(bytes, declared_charset(bytes.substr(0, declaration_bytes)));
}

} // namespace graphrag::document::formats
