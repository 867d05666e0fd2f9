#pragma once
// The order of changes that Store::changes_after promises.
#include <vector>

#include "runtime/store/types.hpp"

namespace graphrag::runtime {

// Sorts by sequence number and, within one, drops before creations before documents; then cuts at
// `limit` changes or, when that is inside a sequence number, after the last change of that number.
void order_changes(std::vector<Change>& changes, std::size_t limit);

} // namespace graphrag::runtime
