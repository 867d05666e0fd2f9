#pragma once
// The opaque position of a listing: the last row shown, not a count, so that it survives deletes
// and restarts.
#include <string>
#include <string_view>

#include "runtime/store/types.hpp"

namespace graphrag::runtime {

struct Cursor {
  SortOrder sort = SortOrder::id;
  std::int64_t updated_ms = 0; // only with SortOrder::updated_desc
  std::string id;
};

std::string encode_cursor(const Cursor& cursor); // lower-case hex
// invalid_argument when it was not made by encode_cursor for this order.
Result<Cursor> decode_cursor(std::string_view text, SortOrder sort);

} // namespace graphrag::runtime
