#pragma once
// A text as a row of words for finding names in it. The folded words stand one after the other in
// one string, so that the normal form of any run of words is a slice of it.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/analysed_document.hpp"

namespace graphrag::entity {

enum WordFlag : std::uint8_t {
  word_capital = 1, // begins with a capital
  word_upper = 2,   // two letters or more, all capitals
  word_digit = 4,   // begins with a digit
  word_initial = 8, // "J.", "U.S."
  word_han = 16,    // one Chinese character or kana
  word_hiragana = 32,
  word_katakana = 64,
  word_code = 128, // a digit first and a capital in it: "6PR"
};

// What stands between a word and the one before.
enum Gap : std::uint16_t {
  gap_space = 1,
  gap_comma = 2,
  gap_hyphen = 4,
  gap_stop = 8, // . ! ? and their kin
  gap_colon = 16,
  gap_open = 32, // ( or [
  gap_close = 64,
  gap_quote_open = 128,
  gap_quote_close = 256,
  gap_quote = 512, // " that can be either
  gap_apostrophe = 1024,
  gap_other = 2048,
  gap_possessive = 4096, // 's of the word before
};

struct Word {
  std::uint32_t start = 0, end = 0; // bytes as written
  std::uint32_t at = 0, size = 0;   // of its folded form in Words::folded
  std::uint32_t classes = 0;        // WordClass
  std::uint16_t gap = 0;            // before it
  std::uint8_t flags = 0;
  bool is(std::uint32_t word_class) const noexcept { return (classes & word_class) != 0; }
  bool has(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
};

class Words {
public:
  void read(std::string_view text);

  std::size_t size() const noexcept { return words_.size(); }
  const Word& operator[](std::size_t i) const noexcept { return words_[i]; }
  std::uint16_t last_gap() const noexcept { return last_gap_; } // after the last word
  std::uint16_t gap_after(std::size_t i) const noexcept {
    return i + 1 < words_.size() ? words_[i + 1].gap : last_gap_;
  }
  std::string_view folded(std::size_t i) const noexcept {
    return std::string_view{folded_}.substr(words_[i].at, words_[i].size);
  }
  // The normal form of words [first, last], without a leading article when more words follow.
  std::string_view normal(std::size_t first, std::size_t last) const noexcept;
  // Begins with a digit and is no code such as "6PR"; plain when it has digits only.
  bool number(std::size_t i) const noexcept {
    return words_[i].has(word_digit) && !words_[i].has(word_code);
  }
  bool plain_number(std::size_t i) const noexcept {
    return number(i) && folded(i).find_first_not_of("0123456789") == std::string_view::npos;
  }
  chunk::Span span(std::size_t first, std::size_t last) const noexcept {
    return {words_[first].start, words_[last].end};
  }

private:
  std::vector<Word> words_;
  std::string folded_;
  std::uint16_t last_gap_ = 0;
};

} // namespace graphrag::entity
