#include "actors/entity/words.hpp"

#include <algorithm>

#include "actors/chunk/characters.hpp"
#include "actors/chunk/fold.hpp"
#include "actors/entity/lexicon.hpp"

namespace graphrag::entity {
namespace {

using chunk::CharClass;

constexpr std::size_t max_word_bytes = 256;

std::uint16_t gap_of(std::uint32_t code) {
  switch (code) {
  case ',':
  case 0xFF0C:
  case 0x3001:
    return gap_comma;
  case '-':
  case 0x2010:
  case 0x2011:
    return gap_hyphen;
  case '.':
  case '!':
  case '?':
  case 0x3002:
  case 0xFF01:
  case 0xFF1F:
    return gap_stop;
  case ':':
  case 0xFF1A:
  case 0x2013:
  case 0x2014:
    return gap_colon;
  case '(':
  case '[':
  case 0xFF08:
  case 0x3010:
    return gap_open;
  case ')':
  case ']':
  case 0xFF09:
  case 0x3011:
    return gap_close;
  case 0x201C:
  case 0xAB:
  case 0x300A:
  case 0x300C:
  case 0x300E:
    return gap_quote_open;
  case 0x201D:
  case 0xBB:
  case 0x300B:
  case 0x300D:
  case 0x300F:
    return gap_quote_close;
  case '"':
    return gap_quote;
  case '\'':
  case 0x2019:
  case 0x2018:
    return gap_apostrophe;
  case 0x30FB:
  case 0xB7:
    return gap_hyphen; // between the parts of foreign names
  default:
    return chunk::is_space(code) ? gap_space : gap_other;
  }
}

class Reader {
public:
  Reader(std::string_view text, std::vector<Word>& words, std::string& folded)
      : text_(text), words_(words), folded_(folded) {}

  std::uint16_t run() {
    while (at_ < text_.size()) {
      const auto character = chunk::decode(text_, at_);
      switch (chunk::classify(character.code)) {
      case CharClass::letter:
      case CharClass::digit:
      case CharClass::hangul:
      case CharClass::complex:
        word();
        break;
      case CharClass::han:
        han(character);
        break;
      default:
        between(character);
      }
    }
    return gap_;
  }

private:
  void between(chunk::Character character) {
    if (character.code == '&') {
      std::size_t bytes = text_.substr(at_, 5) == "&amp;" ? 5 : 1;
      push(at_, at_ + bytes, 0, [&] { folded_ += "and"; });
      at_ += bytes;
      return;
    }
    if (character.code == '`' || character.code == '\'') { // ``so quoted''
      if (text_.substr(at_, 2) == "``" || text_.substr(at_, 2) == "''") {
        gap_ |= character.code == '`' ? gap_quote_open : gap_quote_close;
        at_ += 2;
        return;
      }
    }
    if (at_ > 0 && (gap_ & gap_space) == 0 && !words_.empty() && possessive(at_)) { // "Jr.'s"
      gap_ |= gap_possessive;
      at_ += character.bytes + 1;
      return;
    }
    gap_ |= gap_of(character.code);
    at_ += character.bytes;
  }

  // "'s" after a word, with nothing more to the word.
  bool possessive(std::size_t at) const {
    const auto c = chunk::decode(text_, at);
    if (c.code != '\'' && c.code != 0x2019) return false;
    const auto s = at + c.bytes;
    if (s >= text_.size() || (text_[s] != 's' && text_[s] != 'S')) return false;
    return s + 1 >= text_.size() || !in_word(s + 1);
  }

  bool in_word(std::size_t at) const {
    const char c = text_[at];
    if (chunk::is_ascii(c)) return chunk::is_ascii_letter(c) || chunk::is_ascii_digit(c);
    switch (chunk::classify(chunk::decode(text_, at).code)) {
    case CharClass::letter:
    case CharClass::digit:
    case CharClass::mark:
    case CharClass::hangul:
    case CharClass::complex:
      return true;
    default:
      return false;
    }
  }

  void word() {
    const auto start = at_;
    const auto first = chunk::decode(text_, start);
    bool all_ascii = true;
    std::uint32_t letters = 0;
    std::uint32_t capitals = 0;
    while (at_ < text_.size() && at_ - start < max_word_bytes) {
      const char c = text_[at_];
      if (c == ',' && thousands_follow()) {
        ++at_;
        continue;
      }
      if (!in_word(at_)) break;
      const auto character = chunk::decode(text_, at_);
      all_ascii = all_ascii && character.bytes == 1;
      ++letters;
      capitals += chunk::is_upper(character.code) ? 1U : 0U;
      at_ += character.bytes;
    }
    std::uint8_t flags = chunk::is_upper(first.code) ? word_capital : 0;
    if (chunk::classify(first.code) == CharClass::digit)
      flags = capitals > 0 ? word_digit | word_code : word_digit;
    if (letters > 1 && capitals == letters) flags |= word_upper;
    const bool dotted =
        letters == 1 && (flags & word_digit) == 0 && at_ < text_.size() && text_[at_] == '.';
    if (letters == 1 && (flags & word_digit) == 0 && joins_initial(dotted)) {
      auto& before = words_.back();
      fold(start, all_ascii);
      before.size = static_cast<std::uint32_t>(folded_.size()) - before.at;
      before.end = static_cast<std::uint32_t>(at_);
      before.classes = word_classes(std::string_view{folded_}.substr(before.at)) & class_country;
      gap_ = 0;
    } else {
      push(start, at_, flags, [&] { fold(start, all_ascii); });
    }
    if (dotted) {
      words_.back().flags |= word_initial;
      words_.back().classes &= class_country; // not the article "a", nor the number "V"
      ++at_;
      gap_ = gap_stop;
    }
  }

  // A single letter right after "J." or after "J. " when it has its own full stop.
  bool joins_initial(bool dotted) const {
    if (words_.empty() || !words_.back().has(word_initial)) return false;
    if (gap_ == gap_stop) return true;
    return dotted && gap_ == (gap_stop | gap_space);
  }

  bool thousands_follow() const {
    auto digit = [&](std::size_t i) { return i < text_.size() && chunk::is_ascii_digit(text_[i]); };
    return at_ > 0 && digit(at_ - 1) && digit(at_ + 1) && digit(at_ + 2) && digit(at_ + 3) &&
           !digit(at_ + 4);
  }

  void fold(std::size_t start, bool all_ascii) {
    const auto written = text_.substr(start, at_ - start);
    if (!all_ascii) {
      chunk::fold(written, folded_);
      return;
    }
    for (char c : written)
      if (c != ',') folded_.push_back(chunk::ascii_lower(c));
  }

  void han(chunk::Character character) {
    std::uint8_t flags = word_han;
    if (character.code >= 0x3041 && character.code <= 0x3096) flags |= word_hiragana;
    if (character.code >= 0x30A1 && character.code <= 0x30FC) flags |= word_katakana;
    const auto start = at_;
    at_ += character.bytes;
    push(start, at_, flags, [&] {
      if (character.code >= 0xF900)
        chunk::fold(text_.substr(start, at_ - start), folded_);
      else
        folded_.append(text_.substr(start, at_ - start));
    });
  }

  template <class Fold>
  void push(std::size_t start, std::size_t end, std::uint8_t flags, Fold fold) {
    if (!words_.empty() && (flags & word_han) == 0 && !words_.back().has(word_han))
      folded_.push_back(' ');
    Word word;
    word.start = static_cast<std::uint32_t>(start);
    word.end = static_cast<std::uint32_t>(end);
    word.at = static_cast<std::uint32_t>(folded_.size());
    word.flags = flags;
    word.gap = gap_;
    fold();
    word.size = static_cast<std::uint32_t>(folded_.size()) - word.at;
    if ((flags & word_han) == 0)
      word.classes = word_classes(std::string_view{folded_}.substr(word.at));
    words_.push_back(word);
    gap_ = 0;
  }

  std::string_view text_;
  std::vector<Word>& words_;
  std::string& folded_;
  std::size_t at_ = 0;
  std::uint16_t gap_ = 0;
};

} // namespace

void Words::read(std::string_view text) {
  words_.clear();
  folded_.clear();
  last_gap_ = Reader{text, words_, folded_}.run();
}

std::string_view Words::normal(std::size_t first, std::size_t last) const noexcept {
  if (first < last && words_[first].is(class_article)) ++first;
  const auto from = words_[first].at;
  return std::string_view{folded_}.substr(from, words_[last].at + words_[last].size - from);
}

} // namespace graphrag::entity
