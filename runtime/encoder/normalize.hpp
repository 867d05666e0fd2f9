#pragma once
// The steps that text goes through before it is cut into words: pure functions on UTF-8.
#include <functional>
#include <string>
#include <string_view>

namespace graphrag::runtime::encoder {

// Thread-safe: a step holds nothing that changes.
using TextStep = std::function<std::string(std::string_view)>;

struct BertNormalizer {
  bool clean_text = true;    // control characters go, every white space becomes a blank
  bool split_chinese = true; // each ideograph becomes a word
  bool strip_accents = true;
  bool lower_case = true;

  std::string operator()(std::string_view text) const;
};

enum class Form { nfc, nfd, nfkc, nfkd };
std::string unicode_form(std::string_view text, Form form);

// Character by character with no look at neighbours, as Rust's char::to_lowercase.
std::string lower_case(std::string_view text);
// Without the non-spacing marks (Mn); text in NFD loses its accents.
std::string drop_marks(std::string_view text);
// Runs of two and more blanks become one blank.
std::string single_blanks(std::string_view text);
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);
// Without white space at the ends.
std::string trim(std::string_view text, bool left, bool right);

} // namespace graphrag::runtime::encoder
