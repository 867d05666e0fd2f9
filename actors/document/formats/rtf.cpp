// Rich Text Format, read once from front to back. Footnotes, headers and footers come after the
// text of the document.
#include <map>
#include <vector>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/charset.hpp"
#include "actors/document/formats/flow.hpp"
#include "actors/document/formats/readers.hpp"
#include "actors/document/formats/rtf_codes.hpp"
#include "actors/document/formats/rtf_tokens.hpp"

namespace graphrag::document::formats {
namespace {

using Kind = RtfToken::Kind;
constexpr std::size_t max_groups = 100'000; // nested; each costs a few bytes

// Where the text of a group goes.
enum class Target : unsigned char { body, margin, title, author, style, font, info, skip };

struct Group {
  Target target = Target::body;
  bool hidden = false;
  int font_page = 0; // code page of the font, 0 for that of the document
  int unicode_skip = 1;
  int style = -1; // in the stylesheet: the number that is being defined
};

struct Paragraph {
  bool in_table = false, list = false;
  int heading = 0;
};

int heading_by_name(std::string_view name) {
  const auto lower_name = ascii_lower(trim(name));
  if (!lower_name.starts_with("heading ") || lower_name.size() < 9) return 0;
  const char digit = lower_name[8];
  return digit >= '1' && digit <= '9' ? std::min(digit - '0', 6) : 0;
}

class RtfReader {
public:
  RtfReader(std::string_view text, TextBuilder& out)
      : tokens_(text), out_(out), flow_(out), groups_(1) {}

  void run() {
    for (auto token = tokens_.next(); token.kind != Kind::done && !out_.full();
         token = tokens_.next())
      take(token);
    flush_bytes();
    flow_.finish();
    for (const auto& text : margins_) out_.add(BlockKind::paragraph, text);
  }

private:
  Group& group() { return groups_.back(); }

  void take(const RtfToken& token) {
    if (token.kind == Kind::open || token.kind == Kind::close) {
      flush_bytes();
      skip_ = 0;
      star_ = false;
      if (token.kind == Kind::open)
        open();
      else
        close();
    } else if (skip_ > 0) { // stands for the character that \u gave
      --skip_;
    } else if (token.kind == Kind::byte) {
      byte(token);
    } else if (token.kind == Kind::symbol) {
      symbol(token.symbol);
    } else {
      flush_bytes();
      word(token);
      star_ = false;
    }
  }

  void open() {
    if (groups_.size() >= max_groups) return out_.refuse(Errc::too_large, "groups nest too deep");
    groups_.push_back(group());
  }

  void close() {
    if (groups_.size() < 2) return;
    const auto closed = group();
    groups_.pop_back();
    if (closed.target == Target::style) end_style(closed.style);
    if (closed.target == group().target) return;
    if (closed.target == Target::title) out_.title(meta_);
    if (closed.target == Target::author) out_.property("author", meta_);
  }

  void symbol(char c) {
    if (c == '*') {
      star_ = true;
      return;
    }
    flush_bytes();
    if (c == '\n' || c == '\r')
      paragraph_end();
    else if (const auto character = rtf_character({&c, 1}); character != 0)
      put(character);
  }

  void word(const RtfToken& token) {
    const auto word = token.word;
    const int value = token.value;
    if (word == "u")
      unicode(value);
    else if (const auto character = rtf_character(word); character != 0)
      put(character);
    else if (destination(word) || table_word(word) || paragraph_word(word, value))
      return;
    else if (word == "uc")
      group().unicode_skip = std::clamp(value, 0, 100);
    else if (word == "f")
      font(value);
    else if (word == "fcharset")
      fonts_[font_] = rtf_font_code_page(value);
    else if (word == "cpg" && group().target == Target::font)
      fonts_[font_] = value;
    else if (word == "ansicpg")
      code_page_ = value;
    else if (word == "mac")
      code_page_ = 10000;
    else if (word == "pc")
      code_page_ = 437;
    else if (word == "pca")
      code_page_ = 850;
    else if (word == "v" || word == "deleted")
      group().hidden = !token.has_value || value != 0;
    else if (word == "plain")
      group().hidden = false;
    else if (star_)
      group().target = Target::skip; // a destination that we do not know
  }

  // True when the word says what kind of text the group holds.
  bool destination(std::string_view word) {
    auto& target = group().target;
    if (target == Target::skip) return true;
    if (rtf_is_skipped(word)) {
      if (word == "listtext" || word == "pntext") paragraph_.list = true;
      target = Target::skip;
    } else if (word == "fonttbl")
      target = Target::font;
    else if (word == "stylesheet")
      target = Target::style;
    else if (word == "info")
      target = Target::info;
    else if ((word == "title" || word == "author") && target == Target::info) {
      target = word == "title" ? Target::title : Target::author;
      meta_.clear();
    } else if (rtf_is_margin(word)) {
      target = Target::margin;
      margins_.emplace_back();
    } else {
      return word == "shpinst" || word == "shptxt"; // text boxes: read, though starred
    }
    return true;
  }

  bool table_word(std::string_view word) {
    if (group().target != Target::body) return false;
    if (word == "intbl")
      paragraph_.in_table = true;
    else if (word == "cell" || word == "nestcell") {
      open_cell();
      flow_.end_cell();
      cell_open_ = paragraph_open_ = false;
    } else if (word == "row" || word == "nestrow") {
      flow_.end_row();
      row_open_ = cell_open_ = paragraph_open_ = false;
    } else {
      return false;
    }
    return true;
  }

  bool paragraph_word(std::string_view word, int value) {
    if (word == "s") {
      group().style = value;
      const auto style = styles_.find(value);
      if (style != styles_.end() && group().target == Target::body)
        paragraph_.heading = style->second;
    } else if (word == "line" || (word == "par" && group().target == Target::margin)) {
      put('\n');
    } else if (group().target != Target::body) {
      return false;
    } else if (word == "par" || word == "sect" || word == "page")
      paragraph_end();
    else if (word == "pard")
      paragraph_ = {};
    else if (word == "ls")
      paragraph_.list = value > 0;
    else if (word == "outlinelevel" && value >= 0 && value < 9)
      paragraph_.heading = std::min(value + 1, 6);
    else
      return false;
    return true;
  }

  void end_style(int number) {
    if (const int level = heading_by_name(meta_); number >= 0 && level > 0) styles_[number] = level;
    meta_.clear();
  }

  void font(int number) {
    font_ = number;
    if (group().target == Target::font) return;
    const auto found = fonts_.find(number);
    group().font_page = found == fonts_.end() ? 0 : found->second;
  }

  void unicode(int value) {
    skip_ = group().unicode_skip;
    const auto unit = static_cast<char32_t>(value & 0xffff);
    if (unit >= 0xd800 && unit < 0xdc00) {
      surrogate_ = unit;
      return;
    }
    if (unit >= 0xdc00 && unit < 0xe000 && surrogate_ != 0)
      put(0x10000 + ((surrogate_ - 0xd800) << 10) + (unit - 0xdc00));
    else
      put(unit);
    surrogate_ = 0;
  }

  void byte(const RtfToken& token) {
    const auto c = static_cast<unsigned char>(token.symbol);
    if (c < 0x80 && !lead_byte_) {
      flush_bytes();
      return put(c);
    }
    bytes_ += token.symbol;
    lead_byte_ = !lead_byte_ && rtf_two_bytes(page());
  }

  int page() { return group().font_page != 0 ? group().font_page : code_page_; }

  void flush_bytes() {
    if (bytes_.empty()) return;
    const auto text = convert(bytes_, rtf_charset(page()));
    bytes_.clear();
    lead_byte_ = false;
    if (text) put(*text);
  }

  void put(char32_t character) {
    scratch_.clear();
    append_utf8(scratch_, character);
    put(std::string_view(scratch_));
  }

  void put(std::string_view text) {
    const auto target = group().target;
    if (target == Target::margin)
      margins_.back() += text;
    else if (target == Target::title || target == Target::author || target == Target::style)
      meta_ += text;
    if (target != Target::body || group().hidden) return;
    if (text == "\n") return flow_.line_break();
    if (paragraph_.in_table)
      open_cell();
    else if (!paragraph_open_)
      begin_paragraph();
    paragraph_open_ = true;
    flow_.text(text);
  }

  void open_cell() {
    if (!table_open_) flow_.begin_table();
    if (!row_open_) flow_.begin_row();
    if (!cell_open_) flow_.begin_cell();
    table_open_ = row_open_ = cell_open_ = true;
  }

  void begin_paragraph() {
    if (table_open_) flow_.end_table();
    table_open_ = row_open_ = cell_open_ = false;
    if (paragraph_.heading > 0)
      flow_.begin_heading(paragraph_.heading);
    else
      flow_.begin(paragraph_.list ? BlockKind::list_item : BlockKind::paragraph);
  }

  void paragraph_end() {
    if (group().target != Target::body) return;
    if (paragraph_open_) flow_.end();
    paragraph_open_ = false;
  }

  RtfTokens tokens_;
  TextBuilder& out_;
  Flow flow_;
  std::vector<Group> groups_;
  Paragraph paragraph_;
  std::map<int, int> fonts_, styles_; // number -> code page; number -> heading level
  std::vector<std::string> margins_;
  std::string bytes_, meta_, scratch_;
  int code_page_ = 1252, font_ = 0, skip_ = 0;
  char32_t surrogate_ = 0;
  bool lead_byte_ = false, star_ = false;
  bool table_open_ = false, row_open_ = false, cell_open_ = false, paragraph_open_ = false;
};

} // namespace

Result<ParsedDocument> parse_rtf(std::string_view bytes, const Limits& limits) {
  TextBuilder out(limits);
  RtfReader(bytes, out).run();
  const bool pictures = bytes.find("\\pict") != bytes.npos;
  return out.finish("application/rtf", pictures ? Errc::no_text_layer : Errc::empty_document,
                    pictures ? "only pictures in it" : "no text in it");
}

} // namespace graphrag::document::formats
