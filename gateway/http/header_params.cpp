#include "gateway/http/header_params.hpp"

#include "gateway/http/chars.hpp"
#include "gateway/http/uri.hpp"

namespace graphrag::gateway {
namespace {

std::string take_token(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && token_bytes[static_cast<unsigned char>(text[n])]) ++n;
  std::string out{text.substr(0, n)};
  text.remove_prefix(n);
  return out;
}

std::optional<std::string> take_quoted(std::string_view& text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    const bool escape =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    out.push_back(escape ? text[++i] : text[i]);
  }
  return std::nullopt;
}

void to_lower(std::string& text) {
  for (auto& c : text) c = lower(c);
}

} // namespace

const std::string* ParameterisedValue::find(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::optional<ParameterisedValue> parse_parameterised(std::string_view text) {
  ParameterisedValue out;
  text = trim_blank(text);
  const auto end = text.find_first_of("; \t");
  out.value = text.substr(0, end);
  to_lower(out.value);
  text.remove_prefix(out.value.size());
  if (out.value.empty()) return std::nullopt;
  while (true) {
    text = trim_blank(text);
    if (text.empty()) return out;
    if (text.front() != ';') return std::nullopt;
    text.remove_prefix(1);
    text = trim_blank(text);
    if (text.empty()) return out; // a trailing semicolon is common and harmless
    auto name = take_token(text);
    to_lower(name);
    if (name.empty() || text.empty() || text.front() != '=') return std::nullopt;
    text.remove_prefix(1);
    std::optional<std::string> value;
    if (!text.empty() && text.front() == '"')
      value = take_quoted(text);
    else
      value = take_token(text);
    const bool quoted_empty = value && value->empty() && !text.empty() && text.front() != ';';
    if (!value || quoted_empty || out.find(name)) return std::nullopt;
    out.parameters.emplace_back(std::move(name), std::move(*value));
  }
}

std::optional<std::string> decode_extended(std::string_view text) {
  if (text.size() < 7 || !equals_ignoring_case(text.substr(0, 6), "utf-8'")) return std::nullopt;
  const auto quote = text.find('\'', 6);
  if (quote == std::string_view::npos) return std::nullopt;
  return percent_decode(text.substr(quote + 1), false);
}

} // namespace graphrag::gateway
