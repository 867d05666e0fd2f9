#pragma once
// Going through a posting list window by window.
#include <algorithm>
#include <cstdint>
#include <span>

#include "actors/chunk/index.hpp"
#include "actors/chunk/index/postings.hpp"

namespace graphrag::chunk::detail {

// A term of a question in one shard, and how far its postings have been read.
struct Walk {
  TermId id = no_term;
  float factor = 0; // weight * idf * (k1 + 1)
  float bound = 0;  // most that the term adds to a chunk
  const PostingList* list = nullptr;
  const Column* column = nullptr;
  const PostingList::Block* block = nullptr;
  std::uint32_t at = 0; // next posting of the block

  // Calls `each(postings)` for runs of postings below `end`, and stands behind them then.
  template <class Each>
  void advance(std::uint32_t end, Each&& each) {
    while (block != nullptr) {
      auto items = block->view();
      const auto* next = PostingList::next(block);
      if (next != nullptr) __builtin_prefetch(next);
      std::size_t to = items.size();
      if (to > at && items[to - 1].ord >= end) to = first_from(items, end);
      if (to > at) each(items.subspan(at, to - at));
      at = static_cast<std::uint32_t>(to);
      if (to < items.size() || next == nullptr) return;
      block = next;
      at = 0;
    }
  }
  void skip(std::uint32_t end) {
    advance(end, [](std::span<const Posting>) {});
  }

private:
  std::size_t first_from(std::span<const Posting> items, std::uint32_t ord) const noexcept {
    auto found = std::lower_bound(items.begin() + at, items.end(), ord,
                                  [](const Posting& p, std::uint32_t o) { return p.ord < o; });
    return static_cast<std::size_t>(found - items.begin());
  }
};

} // namespace graphrag::chunk::detail
