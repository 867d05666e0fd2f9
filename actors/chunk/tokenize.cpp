#include <memory>

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include "actors/chunk/analyse.hpp"
#include "actors/chunk/characters.hpp"
#include "actors/chunk/fold.hpp"
#include "runtime/check.hpp"

namespace graphrag::chunk {
namespace {

// Longer runs of letters are not words (hashes, base64, a file without a space): cut in pieces.
constexpr std::uint32_t max_word_chars = 128;
constexpr std::uint32_t max_dictionary_chars = 1024;

class Scanner {
public:
  Scanner(std::string_view text, std::vector<Token>& out) : text_(text), out_(out) {}

  void run() {
    std::size_t at = 0;
    while (at < text_.size()) {
      const char c = text_[at];
      if (is_ascii(c)) {
        at = is_ascii_letter(c) || is_ascii_digit(c) ? word(at) : at + 1;
        continue;
      }
      const auto character = decode(text_, at);
      switch (classify(character.code)) {
      case CharClass::letter:
      case CharClass::digit:
        at = word(at);
        break;
      case CharClass::han:
        at = bigrams(at, CharClass::han);
        break;
      case CharClass::hangul:
        at = bigrams(at, CharClass::hangul);
        break;
      case CharClass::complex:
        at = dictionary_words(at);
        break;
      default:
        at += character.bytes;
      }
    }
    out_.resize(count_);
  }

private:
  // A token whose term is still empty. Reuses what the vector already holds.
  Token& emit(std::size_t start, std::size_t end) {
    if (count_ == out_.size()) out_.emplace_back();
    auto& token = out_[count_++];
    token.span = {static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end)};
    token.term.clear();
    return token;
  }

  char ascii_at(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  bool word_character_at(std::size_t at) const {
    if (at >= text_.size()) return false;
    if (is_ascii(text_[at])) return is_ascii_letter(text_[at]) || is_ascii_digit(text_[at]);
    const auto kind = classify(decode(text_, at).code);
    return kind == CharClass::letter || kind == CharClass::digit || kind == CharClass::mark;
  }

  std::size_t word(std::size_t start) {
    if (auto end = dotted_letters(start); end != start) {
      auto& token = emit(start, end);
      std::string joined;
      for (auto c : text_.substr(start, end - start))
        if (c != '.') joined.push_back(c);
      term_of(joined, token.term);
      return end;
    }
    bool has_comma = false;
    const auto end = word_end(start, has_comma);
    auto& token = emit(start, end);
    const auto written = text_.substr(start, end - start);
    if (has_comma) {
      for (auto c : written)
        if (c != ',') token.term.push_back(c);
    } else {
      term_of(written, token.term);
    }
    return end;
  }

  std::size_t word_end(std::size_t start, bool& has_comma) const {
    std::size_t at = start;
    std::uint32_t chars = 0;
    while (at < text_.size() && chars < max_word_chars) {
      const char c = text_[at];
      if (is_ascii_letter(c) || is_ascii_digit(c)) {
        ++at;
      } else if (c == '.' && at > start && is_ascii_digit(text_[at - 1]) &&
                 is_ascii_digit(ascii_at(at + 1))) {
        ++at;
      } else if (c == ',' && at > start && thousands_follow(at)) {
        has_comma = true;
        ++at;
      } else if (c == '\'' || !is_ascii(c)) {
        const auto character = decode(text_, at);
        if (character.code == '\'' || character.code == 0x2019) {
          const auto end = short_ending(at + character.bytes);
          if (end == 0 || at == start) break;
          return end;
        }
        if (!word_character_at(at)) break;
        at += character.bytes;
      } else {
        break;
      }
      ++chars;
    }
    return symbol_suffix(start, at);
  }

  // "1,000": a comma between a digit and exactly three digits.
  bool thousands_follow(std::size_t comma) const {
    if (!is_ascii_digit(text_[comma - 1])) return false;
    for (std::size_t i = 1; i <= 3; ++i)
      if (!is_ascii_digit(ascii_at(comma + i))) return false;
    return !is_ascii_digit(ascii_at(comma + 4));
  }

  // "'s", "'t", "'re" ... belong to their word; l'eau and O'Brien are two. 0 = no such ending.
  std::size_t short_ending(std::size_t at) const {
    std::size_t end = at;
    while (end < text_.size() && end - at < 3 && is_ascii_letter(text_[end])) ++end;
    return end > at && end - at <= 2 && !word_character_at(end) ? end : 0;
  }

  // C++, C#, F#.
  std::size_t symbol_suffix(std::size_t start, std::size_t end) const {
    if (end - start != 1 || !is_ascii_letter(text_[start])) return end;
    if (ascii_at(end) == '+' && ascii_at(end + 1) == '+') return end + 2;
    return ascii_at(end) == '#' && !word_character_at(end + 1) ? end + 1 : end;
  }

  // "U.S.A." and "J.R.R.": the end after the last letter, or `start` when it is none.
  std::size_t dotted_letters(std::size_t start) const {
    std::size_t at = start;
    while (is_ascii_letter(ascii_at(at)) && ascii_at(at + 1) == '.' &&
           is_ascii_letter(ascii_at(at + 2)) && !word_character_at(at + 3))
      at += 2;
    return at == start ? start : at + 1;
  }

  // Overlapping pairs of the run's characters; a run of one is itself.
  std::size_t bigrams(std::size_t start, CharClass kind) {
    auto before = decode(text_, start);
    std::size_t before_at = start;
    std::size_t at = start + before.bytes;
    bool single = true;
    while (at < text_.size() && !is_ascii(text_[at])) {
      const auto now = decode(text_, at);
      if (classify(now.code) != kind) break;
      bigram(before_at, at + now.bytes, before.code, now.code);
      single = false;
      before = now;
      before_at = at;
      at += now.bytes;
    }
    if (single) bigram(start, at, before.code, before.code);
    return at;
  }

  void bigram(std::size_t start, std::size_t end, std::uint32_t a, std::uint32_t b) {
    const auto written = text_.substr(start, end - start);
    auto& term = emit(start, end).term;
    auto compatibility = [](std::uint32_t code) { return code >= 0xF900; };
    if (compatibility(a) || compatibility(b))
      fold(written, term);
    else
      term.append(written);
  }

  std::size_t dictionary_words(std::size_t start) {
    std::size_t end = start;
    for (std::uint32_t chars = 0; chars < max_dictionary_chars && end < text_.size(); ++chars) {
      const auto character = decode(text_, end);
      if (classify(character.code) != CharClass::complex) break;
      end += character.bytes;
    }
    thread_local const auto words = [] {
      UErrorCode status = U_ZERO_ERROR;
      std::unique_ptr<icu::BreakIterator> made{
          icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status)};
      RUNTIME_CHECK(U_SUCCESS(status), "ICU has its word rules");
      return made;
    }();
    const auto run = icu::UnicodeString::fromUTF8(
        {text_.data() + start, static_cast<std::int32_t>(end - start)});
    words->setText(run);
    std::size_t at = start;
    for (std::int32_t from = words->first(), to = words->next(); to != icu::BreakIterator::DONE;
         from = to, to = words->next()) {
      std::string piece;
      run.tempSubStringBetween(from, to).toUTF8String(piece);
      const auto piece_end = std::min(at + piece.size(), end);
      fold(piece, emit(at, piece_end).term);
      at = piece_end;
    }
    return end;
  }

  std::string_view text_;
  std::vector<Token>& out_;
  std::size_t count_ = 0;
};

} // namespace

void tokenize(std::string_view text, std::vector<Token>& out) { Scanner{text, out}.run(); }

} // namespace graphrag::chunk
