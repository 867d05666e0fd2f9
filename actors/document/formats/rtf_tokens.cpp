#include "actors/document/formats/rtf_tokens.hpp"

#include <algorithm>
#include <charconv>

#include "actors/document/formats/ascii.hpp"

namespace graphrag::document::formats {
namespace {

constexpr std::size_t max_word = 32;

} // namespace

RtfToken RtfTokens::next() {
  RtfToken token;
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\r' || c == '\n' || c == '\0') continue; // line breaks of the file say nothing
    if (c == '\\') {
      token = control();
      if (token.kind == RtfToken::Kind::word && token.word == "bin") {
        const auto size = static_cast<std::size_t>(std::max(token.value, 0));
        rest_.remove_prefix(std::min(size, rest_.size()));
        continue;
      }
      return token;
    }
    token.kind = c == '{'   ? RtfToken::Kind::open
                 : c == '}' ? RtfToken::Kind::close
                            : RtfToken::Kind::byte;
    token.symbol = c;
    return token;
  }
  token.kind = RtfToken::Kind::done;
  return token;
}

RtfToken RtfTokens::control() {
  RtfToken token;
  if (rest_.empty()) return token;
  if (!is_letter(rest_.front())) {
    token.kind = RtfToken::Kind::symbol;
    token.symbol = rest_.front();
    rest_.remove_prefix(1);
    if (token.symbol != '\'' || rest_.size() < 2) return token;
    const int high = hex_value(rest_[0]), low = hex_value(rest_[1]);
    rest_.remove_prefix(2);
    if (high < 0 || low < 0) return token;
    token.kind = RtfToken::Kind::byte;
    token.symbol = static_cast<char>(high * 16 + low);
    token.hex = true;
    return token;
  }
  std::size_t at = 0;
  while (at < rest_.size() && at < max_word && is_letter(rest_[at])) ++at;
  token.kind = RtfToken::Kind::word;
  token.word = rest_.substr(0, at);
  rest_.remove_prefix(at);
  const auto* begin = rest_.data();
  const auto [end, error] = std::from_chars(begin, begin + rest_.size(), token.value);
  token.has_value = error == std::errc{};
  if (error != std::errc::invalid_argument)
    rest_.remove_prefix(static_cast<std::size_t>(end - begin));
  if (rest_.starts_with(' ')) rest_.remove_prefix(1);
  return token;
}

} // namespace graphrag::document::formats
