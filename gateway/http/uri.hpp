#pragma once
// Percent-decoding, strict: a broken escape, a NUL or bytes that are not UTF-8 are errors, never
// passed on. Pure.
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace graphrag::gateway {

struct Request;

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool valid_utf8(std::string_view bytes) noexcept;

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
std::string percent_encode(std::string_view text); // everything but unreserved bytes

using QueryParameters = std::multimap<std::string, std::string>;
// "a=1&b=%20" -> pairs; a name without "=" has an empty value. At most 256 of them.
std::optional<QueryParameters> parse_query(std::string_view query);

// The document a request names: its path parameter `id` or, for ids that do not travel well in a
// path, ?id= (with `_` for the segment, if the path has one). Nothing when neither or both are
// given.
std::optional<std::string> document_id_of(const Request& request);

} // namespace graphrag::gateway
