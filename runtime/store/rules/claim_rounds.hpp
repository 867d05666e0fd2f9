#pragma once
// The order of Store::claimable.
#include <span>
#include <string>
#include <vector>

#include "runtime/store/types.hpp"

namespace graphrag::runtime {

// Whether the document may be shown to a worker: nobody of `busy` owns it.
bool is_free_of(const std::string& owner, std::span<const std::string> busy);

// Given the documents of one collection after the other, the oldest of each first: the same in
// rounds, one of each collection a round, the older first within a round; at most `limit`.
std::vector<Claimable> in_rounds(std::vector<Claimable> by_collection, std::size_t limit);

} // namespace graphrag::runtime
