#include "runtime/encoder/normalize.hpp"

#include <algorithm>

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include "runtime/check.hpp"
#include "runtime/encoder/characters.hpp"

namespace graphrag::runtime::encoder {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 128; });
}

bool is_control(char32_t c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_C_MASK) != 0;
}

// The ranges of the published BERT tokenizer.
bool is_chinese(char32_t c) {
  constexpr char32_t ranges[][2] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF},
                                    {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF},
                                    {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
  return c >= 0x3400 && std::any_of(std::begin(ranges), std::end(ranges), [&](const auto& range) {
           return c >= range[0] && c <= range[1];
         });
}

const icu::Normalizer2& normalizer(Form form) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* out = form == Form::nfc    ? icu::Normalizer2::getNFCInstance(error)
                                : form == Form::nfd  ? icu::Normalizer2::getNFDInstance(error)
                                : form == Form::nfkc ? icu::Normalizer2::getNFKCInstance(error)
                                                     : icu::Normalizer2::getNFKDInstance(error);
  RUNTIME_CHECK(U_SUCCESS(error) && out, "ICU has no normalisation data");
  return *out;
}

} // namespace

std::string BertNormalizer::operator()(std::string_view text) const {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    if (clean_text && (c == 0 || c == 0xFFFD || is_control(c))) continue;
    if (clean_text && is_space(c)) {
      out.push_back(' ');
    } else if (split_chinese && is_chinese(c)) {
      out.push_back(' ');
      append_character(out, c);
      out.push_back(' ');
    } else {
      append_character(out, c);
    }
  }
  if (strip_accents) out = drop_marks(unicode_form(out, Form::nfd));
  return lower_case ? encoder::lower_case(out) : out;
}

std::string unicode_form(std::string_view text, Form form) {
  if (is_ascii(text)) return std::string{text};
  UErrorCode error = U_ZERO_ERROR;
  auto wide = icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  std::string out;
  normalizer(form).normalize(wide, error).toUTF8String(out);
  RUNTIME_CHECK(U_SUCCESS(error), "ICU cannot normalise");
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    if (c == 0x130)
      out += "i\u0307"; // the one character whose lower case has two
    else
      append_character(out, static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))));
  }
  return out;
}

std::string drop_marks(std::string_view text) {
  if (is_ascii(text)) return std::string{text};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    if (u_charType(static_cast<UChar32>(c)) != U_NON_SPACING_MARK) append_character(out, c);
  }
  return out;
}

std::string single_blanks(std::string_view text) {
  std::string out;
  for (char c : text)
    if (c != ' ' || out.empty() || out.back() != ' ') out.push_back(c);
  return out;
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t at = 0;
  for (auto hit = text.find(from); hit != std::string_view::npos; hit = text.find(from, at)) {
    out.append(text, at, hit - at).append(to);
    at = hit + from.size();
  }
  return out.append(text, at);
}

std::string trim(std::string_view text, bool left, bool right) {
  std::size_t begin = std::string_view::npos, end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    if (is_space(next_character(text, at))) continue;
    begin = std::min(begin, here);
    end = at;
  }
  if (begin == std::string_view::npos) return {};
  if (!left) begin = 0;
  if (!right) end = text.size();
  return std::string{text.substr(begin, end - begin)};
}

} // namespace graphrag::runtime::encoder
