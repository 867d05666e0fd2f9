// Plain text: paragraphs are what blank lines set apart; lines stay as they are written.
#include <string>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

std::string_view take_line(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  const auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

// "----": a run of one punctuation mark, as underlines of reStructuredText are.
char underline(std::string_view line) {
  constexpr std::string_view marks = "=-~^\"'`#*+:._<>";
  if (line.size() < 3 || marks.find(line[0]) == marks.npos) return 0;
  return line.find_first_not_of(line[0]) == line.npos ? line[0] : '\0';
}

class OutlinedText {
public:
  explicit OutlinedText(TextBuilder& out) : out_(out) {}

  void restructured(std::string_view rest) {
    std::string seen; // heading styles in order of appearance: the order is the level
    while (!rest.empty()) {
      const auto line = take_line(rest);
      auto after = rest;
      const auto mark = underline(take_line(after));
      const bool heading = mark != 0 && paragraph_.empty() && !line.empty() && line[0] != ' ' &&
                           underline(line) == 0;
      if (heading) {
        if (seen.find(mark) == seen.npos) seen += mark;
        out_.heading(line, static_cast<int>(seen.find(mark)) + 1);
        rest = after;
      } else if (!(paragraph_.empty() && underline(line) != 0)) {
        add(line);
      }
    }
    flush();
  }

  void org(std::string_view rest) {
    while (!rest.empty()) {
      const auto line = take_line(rest);
      const auto stars = std::min(line.find_first_not_of('*'), line.size());
      if (stars > 0 && stars < line.size() && line[stars] == ' ') {
        flush();
        out_.heading(line.substr(stars), static_cast<int>(std::min<std::size_t>(stars, 6)));
      } else if (same_ignoring_case(line.substr(0, 8), "#+title:")) {
        flush();
        out_.title(line.substr(8));
        out_.heading(line.substr(8), 1);
      } else {
        add(line);
      }
    }
    flush();
  }

private:
  void add(std::string_view line) {
    if (line.empty()) return flush();
    if (!paragraph_.empty()) paragraph_ += '\n';
    paragraph_ += line;
  }
  void flush() {
    out_.add_clean(BlockKind::paragraph, paragraph_);
    paragraph_.clear();
  }

  TextBuilder& out_;
  std::string paragraph_;
};

} // namespace

void read_plain(std::string_view utf8, Outline outline, TextBuilder& out) {
  const auto text = clean(utf8, Space::keep);
  if (outline == Outline::restructured_text) return OutlinedText(out).restructured(text);
  if (outline == Outline::org) return OutlinedText(out).org(text);
  std::string_view rest = text;
  while (!rest.empty() && !out.full()) {
    const auto end = std::min(rest.find("\n\n"), rest.size());
    out.add_clean(BlockKind::paragraph, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
}

} // namespace graphrag::document::formats
