#include "actors/document/formats/pdf_layout.hpp"

#include <algorithm>
#include <cmath>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include "actors/document/formats/ascii.hpp"

namespace graphrag::document::formats {
namespace {

constexpr double heading_ratio = 1.12; // taller than the body by this much
constexpr std::size_t max_word_bytes = 256;
constexpr std::size_t max_heading_bytes = 200;
constexpr std::size_t max_heading_lines = 3;
constexpr std::size_t max_bold_heading_bytes = 120;
constexpr int max_size_level = 4; // deeper ones are told by bold letters alone

int bucket(double size) { return static_cast<int>(std::lround(std::clamp(size, 0.0, 1000.0) * 2)); }

UChar32 first_char(std::string_view text) {
  UChar32 c = 0;
  std::int32_t at = 0;
  const auto size = static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 4));
  if (size > 0) U8_NEXT(text.data(), at, size, c);
  return c;
}

UChar32 last_char(std::string_view text) {
  UChar32 c = 0;
  const auto tail = text.substr(text.size() - std::min<std::size_t>(text.size(), 4));
  auto at = static_cast<std::int32_t>(tail.size());
  if (at > 0) U8_PREV(tail.data(), 0, at, c);
  return c;
}

bool ends_sentence(std::string_view text) {
  const auto c = last_char(text);
  return c == '.' || c == '!' || c == '?' || c == ':' || c == ';' || c == 0x3002;
}

// Scripts that put no blanks between words.
bool is_dense_script(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  const auto script = uscript_getScript(c, &status);
  return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
         script == USCRIPT_THAI || (c >= 0x3000 && c <= 0x303f) || (c >= 0xff00 && c <= 0xff65);
}

// "1.", "(a)", "iv)" at the beginning.
bool is_numbered(std::string_view text) {
  std::size_t at = text.starts_with('(') ? 1 : 0;
  const auto begin = at;
  while (at < text.size() && at < begin + 4 && (is_digit(text[at]) || is_letter(text[at]))) ++at;
  const bool short_letters = is_digit(text[begin < text.size() ? begin : 0]) || at - begin <= 1;
  return at > begin && short_letters && at + 1 < text.size() &&
         (text[at] == '.' || text[at] == ')') && text[at + 1] == ' ';
}

std::string_view last_word(std::string_view text) {
  text = text.substr(text.size() - std::min(text.size(), max_word_bytes));
  const auto blank = text.rfind(' ');
  return blank == text.npos ? text : text.substr(blank + 1);
}

// Letters, digits and hyphens at the beginning.
std::string_view first_word(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && (is_letter(text[at]) || is_digit(text[at]) || text[at] == '-' ||
                              static_cast<unsigned char>(text[at]) >= 0x80))
    ++at;
  return text.substr(0, at);
}

std::size_t hyphen_length(std::string_view text) {
  for (const std::string_view hyphen : {"-", "\xe2\x80\x90", "\xc2\xad"})
    if (text.ends_with(hyphen)) return hyphen.size();
  return 0;
}

std::size_t count_letters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
  }));
}

} // namespace

void PdfLayout::learn(const PdfLine& line) {
  size_ += line.text.size() + 1;
  const auto letters = count_letters(line.text);
  letters_by_size_[bucket(line.size)] += letters;
  letters_by_rotation_[line.rotation] += letters;
  letters_ += letters;
  if (line.bold) bold_letters_ += letters;
  std::string_view rest = line.text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(' '), rest.size());
    const bool inside = end < rest.size(); // the last word may be half of one
    const auto word = first_word(rest.substr(0, end));
    if (inside && word.size() > 3) vocabulary_.insert(ascii_lower(word));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

bool PdfLayout::continues(const Paragraph& paragraph, const PdfLine& line) {
  const auto& last = paragraph.lines.back();
  if (paragraph.row() || line.row || line.item || last.rotation != line.rotation) return false;
  const double height = std::max(last.height(), line.height());
  if (std::min(last.size, line.size) < 0.85 * std::max(last.size, line.size)) return false;
  if (last.bold != line.bold) return false; // a run-in heading
  if (line.left > paragraph.right || line.right < paragraph.left) return false;

  const double step = line.top - last.top;
  double usual = 2.0 * height;
  if (paragraph.lines.size() > 1)
    usual = 1.25 * (last.top - paragraph.lines[paragraph.lines.size() - 2].top);
  const bool unfinished = !ends_sentence(last.text) && u_islower(first_char(line.text));
  if (step < 0.3 * height || step > (unfinished ? std::max(usual, 3.0 * height) : usual))
    return false;

  const double right = std::max(paragraph.right, line.right);
  const double width = right - std::min(paragraph.left, line.left);
  const bool ended = ends_sentence(last.text);
  if (is_numbered(line.text) && (ended || paragraph.item() || is_numbered(paragraph.lines[0].text)))
    return false;
  if (ended && last.right < right - 0.25 * width && !u_islower(first_char(line.text))) return false;
  const bool indented = line.left > last.left + 0.8 * height && paragraph.lines.size() > 1;
  return !(ended && indented && !paragraph.item());
}

// The first line of the next column goes on with the sentence of the last one.
bool PdfLayout::flows_on(const Paragraph& column, const PdfLine& line) {
  const auto& last = column.lines.back();
  return column.lines.size() > 1 && !column.row() && !line.row && !line.item &&
         last.rotation == line.rotation && line.top < last.top &&
         std::abs(last.size - line.size) < 0.1 * last.size && last.bold == line.bold &&
         !ends_sentence(last.text) && u_islower(first_char(line.text)) &&
         last.right > column.right - 3 * last.height();
}

void PdfLayout::add_page(std::vector<PdfLine> lines, std::uint32_t page) {
  for (auto& line : lines) {
    learn(line);
    if (const auto bullet = bullet_length(line.text); bullet > 0) {
      line.item = true;
      line.text.erase(0, line.text.find_first_not_of(' ', bullet));
      if (line.text.empty()) continue;
    }
    if (!paragraphs_.empty() && paragraphs_.back().page == page &&
        (continues(paragraphs_.back(), line) || flows_on(paragraphs_.back(), line))) {
      auto& paragraph = paragraphs_.back();
      const auto& last = paragraph.lines.back();
      const bool new_column = line.top < last.top;
      paragraph.left = new_column ? line.left : std::min(paragraph.left, line.left);
      paragraph.right = new_column ? line.right : std::max(paragraph.right, line.right);
      const double width = paragraph.right - paragraph.left;
      line.after_short = !new_column && last.right < paragraph.right - 0.3 * width;
      paragraph.lines.push_back(std::move(line));
    } else {
      Paragraph paragraph{.page = page, .left = line.left, .right = line.right};
      paragraph.lines.push_back(std::move(line));
      paragraphs_.push_back(std::move(paragraph));
    }
  }
}

void PdfLayout::append_line(std::string& text, const std::string& line, bool after_short) const {
  if (text.empty()) {
    text = line;
    return;
  }
  const auto hyphen = hyphen_length(text);
  if (hyphen == 0 || text.size() == hyphen || text[text.size() - hyphen - 1] == ' ') {
    const bool dense = is_dense_script(last_char(text)) && is_dense_script(first_char(line));
    if (!dense) text += after_short ? '\n' : ' ';
    text += line;
    return;
  }
  // A hyphen at the end of a line divides a word, or belongs to it: what is written elsewhere in
  // the document decides, then the shape.
  const auto left = ascii_lower(last_word(std::string_view(text).substr(0, text.size() - hyphen)));
  const auto right = ascii_lower(first_word(line));
  const bool soft = text.ends_with("\xc2\xad");
  const bool divisible = u_islower(first_char(line)) && u_isalpha(last_char(left)) &&
                         left.find('-') == left.npos && left.size() > 1;
  const bool compound = vocabulary_.contains(left) && vocabulary_.contains(right);
  const bool keep = !soft && !vocabulary_.contains(left + right) &&
                    (vocabulary_.contains(left + "-" + right) || !divisible || compound);
  text.erase(text.size() - hyphen);
  if (keep) text += '-';
  text += line;
}

std::string PdfLayout::join(const Paragraph& paragraph) const {
  std::string text;
  for (const auto& line : paragraph.lines) append_line(text, line.text, line.after_short);
  return text;
}

// From size (in half points) to level, for sizes that only headings have.
std::map<int, int> PdfLayout::heading_levels() const {
  std::map<int, int> levels;
  const auto body =
      std::max_element(letters_by_size_.begin(), letters_by_size_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (body == letters_by_size_.end()) return levels;
  std::size_t large = 0;
  for (const auto& [size, letters] : letters_by_size_)
    if (size >= body->first * heading_ratio) large += letters;
  if (large * 10 > letters_ * 3) return levels; // a poster or slides: size says nothing
  int level = 0;
  double last = 1e9;
  for (auto at = letters_by_size_.rbegin(); at != letters_by_size_.rend(); ++at) {
    if (at->first < body->first * heading_ratio) break;
    if (at->first < last * 0.95) ++level;
    last = at->first;
    levels[at->first] = std::min(level, max_size_level);
  }
  return levels;
}

// 0 for what is no heading.
int PdfLayout::heading_level(const Paragraph& paragraph, const std::string& text,
                             const std::map<int, int>& by_size) const {
  const auto& first = paragraph.lines.front();
  const auto turned = letters_by_rotation_.find(first.rotation);
  if (paragraph.item() || paragraph.lines.size() > max_heading_lines ||
      text.size() > max_heading_bytes || count_letters(text) < 3 || turned->second * 2 < letters_)
    return 0;
  const char last = text.back();
  if (const auto level = by_size.find(bucket(first.size)); level != by_size.end())
    return last == '.' && text.size() > max_bold_heading_bytes ? 0 : level->second;
  const bool bold = first.bold && bold_letters_ * 3 < letters_;
  if (!bold || text.size() > max_bold_heading_bytes || last == '.' || last == ',') return 0;
  return std::min(by_size.empty() ? 1 : by_size.begin()->second + 1, max_size_level + 1);
}

void PdfLayout::write(TextBuilder& out) const {
  const auto by_size = heading_levels();
  for (const auto& paragraph : paragraphs_) {
    if (out.full()) return;
    out.page(paragraph.page);
    const auto text = join(paragraph);
    if (paragraph.row())
      out.add(BlockKind::table_row, text);
    else if (const int level = heading_level(paragraph, text, by_size); level > 0)
      out.heading(text, level);
    else
      out.add(paragraph.item() ? BlockKind::list_item : BlockKind::paragraph, text);
  }
}

} // namespace graphrag::document::formats
