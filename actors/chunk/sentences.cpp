#include "actors/chunk/sentences.hpp"

#include <algorithm>
#include <array>

#include "actors/chunk/characters.hpp"

namespace graphrag::chunk {
namespace {

// Lower case, sorted. Words after which a full stop rarely ends a sentence.
constexpr std::array<std::string_view, 58> abbreviations{
    "adm", "al",  "approx", "apr",  "art", "aug",  "ave", "bd",  "brig", "bros", "ca",  "capt",
    "cf",  "ch",  "col",    "cmdr", "dec", "dept", "dr",  "eds", "eg",   "eq",   "est", "etc",
    "feb", "fig", "figs",   "fr",   "gen", "gov",  "hon", "ie",  "jan",  "jr",   "lt",  "maj",
    "mr",  "mrs", "ms",     "mt",   "no",  "nos",  "nov", "oct", "pp",   "prof", "rep", "rev",
    "sen", "sep", "sept",   "sgt",  "sr",  "st",   "ste", "viz", "vol",  "vs"};

bool is_abbreviation(std::string_view word) {
  if (word.empty() || word.size() > 6) return false;
  std::array<char, 6> lower{};
  std::transform(word.begin(), word.end(), lower.begin(), ascii_lower);
  const std::string_view key{lower.data(), word.size()};
  return std::find(abbreviations.begin(), abbreviations.end(), key) != abbreviations.end();
}

bool is_wide_stop(std::uint32_t code) {
  return code == 0x3002 || code == 0xFF01 || code == 0xFF1F || code == 0xFF61 || code == 0x0964 ||
         code == 0x061F || code == 0x06D4;
}

bool closes(std::uint32_t code) {
  switch (code) {
  case '"':
  case '\'':
  case ')':
  case ']':
  case '}':
  case 0x2019:
  case 0x201D:
  case 0x00BB:
  case 0x300D:
  case 0x300F:
  case 0xFF09:
  case 0x300B:
  case 0x3011:
    return true;
  default:
    return false;
  }
}

class Splitter {
public:
  Splitter(std::string_view text, std::uint32_t start, std::uint32_t end, std::vector<Span>& out)
      : text_(text.substr(0, end)), start_(start), out_(out) {}

  void run() {
    std::size_t at = start_;
    while (at < text_.size()) {
      const char c = text_[at];
      if (c == '.' || c == '!' || c == '?') {
        at = after_stop(at);
      } else if (c == '\n') {
        at = after_line(at);
      } else if (!is_ascii(c)) {
        const auto character = decode(text_, at);
        at += character.bytes;
        if (is_wide_stop(character.code)) {
          at = skip_stops(at);
          cut(at);
        } else if (character.code == 0x2026) {
          at = after_stop(at - character.bytes);
        }
      } else {
        ++at;
      }
    }
    cut(text_.size());
  }

private:
  // Past further stops, closing quotes and brackets.
  std::size_t skip_stops(std::size_t at) const {
    while (at < text_.size()) {
      const auto character = decode(text_, at);
      const bool stop = character.code == '.' || character.code == '!' || character.code == '?' ||
                        character.code == 0x2026 || is_wide_stop(character.code);
      if (!stop && !closes(character.code)) break;
      at += character.bytes;
    }
    return at;
  }

  std::size_t after_stop(std::size_t stop) {
    const auto end = skip_stops(stop + decode(text_, stop).bytes);
    if (end >= text_.size()) return end;
    const auto after = decode(text_, end);
    if (!is_space(after.code)) return end;
    auto next = end;
    while (next < text_.size() && text_[next] == ' ') ++next;
    if (next < text_.size() && text_[next] == '\n') ++next;
    if (next >= text_.size()) return end;
    if (is_ascii_lower(text_[next])) return end;
    if (text_[stop] == '.' && end == stop + 1 && not_the_end(stop, next)) return end;
    cut(end);
    return end;
  }

  // A full stop of an abbreviation, an initial, or a list's number.
  bool not_the_end(std::size_t stop, std::size_t next) const {
    std::size_t from = stop;
    while (from > begin_ && stop - from < 8 &&
           (is_ascii_letter(text_[from - 1]) || is_ascii_digit(text_[from - 1])))
      --from;
    const auto word = text_.substr(from, stop - from);
    const bool single = word.size() == 1;
    if (single && from > begin_ && text_[from - 1] == '.') // "U.S. Army", not "the U.S. The"
      return !starts_with_common_word(next);
    if (single && is_ascii_lower(word[0])) return true; // "c. 612", "p. 4"
    if (single && is_ascii_upper(word[0])) return word[0] != 'I' || opens(from);
    if (!word.empty() && word.size() <= 3 && is_ascii_digit(word[0]) && opens(from)) return true;
    return is_abbreviation(word);
  }

  // Whether the sentence begins here, or a little before with white space.
  bool opens(std::size_t at) const {
    for (int i = 0; i < 4 && at > begin_; ++i)
      if (!is_ascii_space(text_[--at])) return false;
    return at == begin_;
  }

  bool starts_with_common_word(std::size_t at) const {
    constexpr std::array<std::string_view, 12> common{"The",  "In", "He", "She", "It", "This",
                                                      "They", "A",  "An", "On",  "At", "His"};
    return std::any_of(common.begin(), common.end(), [&](std::string_view word) {
      return text_.compare(at, word.size(), word) == 0 &&
             (at + word.size() >= text_.size() || is_ascii_space(text_[at + word.size()]));
    });
  }

  // A blank line ends a sentence; a single line end does not.
  std::size_t after_line(std::size_t at) {
    auto next = at + 1;
    while (next < text_.size() &&
           (text_[next] == ' ' || text_[next] == '\t' || text_[next] == '\r'))
      ++next;
    if (next < text_.size() && text_[next] == '\n') {
      cut(at);
      while (next < text_.size() && is_ascii_space(text_[next])) ++next;
    }
    return next;
  }

  void cut(std::size_t end) {
    auto from = begin_;
    while (from < end) {
      const auto character = decode(text_, from);
      if (!is_space(character.code)) break;
      from += character.bytes;
    }
    auto to = end;
    while (to > from && is_ascii_space(text_[to - 1])) --to;
    if (to > from)
      out_.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)});
    begin_ = end;
  }

  std::string_view text_;
  std::uint32_t start_;
  std::vector<Span>& out_;
  std::size_t begin_ = start_;
};

} // namespace

void split_sentences(std::string_view text, std::uint32_t start, std::uint32_t end,
                     std::vector<Span>& out) {
  Splitter{text, start, end, out}.run();
}

} // namespace graphrag::chunk
