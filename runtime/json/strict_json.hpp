#pragma once
// JSON from somebody who is not trusted, read strictly: the one reader behind requests of clients
// and answers of models. Pure.
#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

namespace graphrag::runtime {

struct JsonFault {
  std::size_t position = 0; // byte, from 1; 0 = not known
  std::string detail;       // for whoever sent the text, since it may repeat some of it
};

// One JSON value and nothing before or after it. Refuses duplicate members, ill-formed UTF-8, NaN,
// infinities, numbers too large for a double and nesting deeper than `max_depth`. Bounded in stack,
// whatever the text.
tl::expected<nlohmann::json, JsonFault> parse_strict_json(std::string_view text,
                                                          std::size_t max_depth);

} // namespace graphrag::runtime
