#pragma once
// A field value with parameters: `form-data; name="a"; filename*=UTF-8''b`. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace graphrag::gateway {

struct ParameterisedValue {
  std::string value;                                           // lower case
  std::vector<std::pair<std::string, std::string>> parameters; // names in lower case

  const std::string* find(std::string_view name) const;
};

// Nothing when the syntax is broken or a parameter is given twice. In quoted strings a backslash
// escapes a quote or a backslash and is itself otherwise (browsers send paths that way).
std::optional<ParameterisedValue> parse_parameterised(std::string_view text);

// RFC 8187, UTF-8 only: UTF-8''na%C3%AFve -> naïve.
std::optional<std::string> decode_extended(std::string_view text);

} // namespace graphrag::gateway
