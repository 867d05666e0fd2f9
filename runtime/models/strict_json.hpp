#pragma once
// JSON from a server that is not trusted: one value, bounded depth, every member once.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "runtime/error.hpp"

namespace graphrag::runtime::models {

inline constexpr std::size_t json_max_depth = 32;

// Refuses as `corrupt`: anything before or after the value, duplicate members, ill-formed UTF-8,
// NaN and infinities (no JSON has them), numbers too large for a double, deeper nesting than
// `max_depth`. The detail never repeats the text.
Result<nlohmann::json> parse_strict(std::string_view text, std::size_t max_depth = json_max_depth);

// Compact; bytes that are not UTF-8 become U+FFFD, so that no text of a document can fail it.
std::string to_text(const nlohmann::json& value);

// Null when `value` is no object or has no such member, or the member is null.
const nlohmann::json* member(const nlohmann::json& value, const char* name);
// The same for a member of that kind.
const std::string* text_member(const nlohmann::json& value, const char* name);
// An integer from 0 to 2^63 - 1; nothing for anything else.
std::optional<std::int64_t> count_member(const nlohmann::json& value, const char* name);

} // namespace graphrag::runtime::models
