#pragma once
// Which chunks hold a term, and what BM25 needs to know of each.
#include <array>
#include <atomic>
#include <cstdint>

#include "actors/chunk/index/append_list.hpp"
#include "actors/chunk/index/segmented_array.hpp"

namespace graphrag::chunk::detail {

// Counts and lengths above this are taken as this; both are far below in chunks of ours.
inline constexpr std::uint32_t posting_limit = 0xffff;

struct Posting {
  std::uint32_t ord;
  std::uint16_t tf;
  std::uint16_t length; // of the chunk
};
static_assert(sizeof(Posting) == 8);

struct HomePosting {
  std::uint32_t ord;
  float confidence;
  std::uint32_t tie; // of the document's id, to order equal confidences without reading ids
};

// Bounds of a block of postings. What BM25 they allow depends on today's statistics, so the
// bound itself is worked out by the query.
struct BlockBounds {
  std::atomic<std::uint16_t> max_tf{0};
  std::atomic<std::uint16_t> min_length{0xffff};

  void add(const Posting& posting) noexcept {
    if (posting.tf > max_tf.load(std::memory_order_relaxed))
      max_tf.store(posting.tf, std::memory_order_relaxed);
    if (posting.length < min_length.load(std::memory_order_relaxed))
      min_length.store(posting.length, std::memory_order_relaxed);
  }
};

// The same for a whole list, but tighter: the shortest chunk for each small count.
class ListBounds {
public:
  void add(const Posting& posting) noexcept {
    auto& shortest = shortest_[bucket(posting.tf)];
    auto length = static_cast<std::uint16_t>(0xffff - posting.length); // zero bytes mean none
    if (length >= shortest.load(std::memory_order_relaxed))
      shortest.store(length, std::memory_order_relaxed);
    if (posting.tf > max_tf_.load(std::memory_order_relaxed))
      max_tf_.store(posting.tf, std::memory_order_relaxed);
  }

  // The largest of value(tf, length), which must grow with tf and shrink with length.
  template <class Value>
  float largest(Value&& value) const noexcept {
    std::uint32_t max_tf = max_tf_.load(std::memory_order_relaxed);
    float best = 0;
    std::uint32_t low = 1;
    for (std::size_t i = 0; i < tops.size() && low <= max_tf; ++i) {
      std::uint32_t tf = std::min<std::uint32_t>(tops[i], max_tf);
      std::uint32_t length = 0xffffU - shortest_[i].load(std::memory_order_relaxed);
      if (length < 0xffffU || tf == max_tf) best = std::max(best, value(tf, length));
      low = tops[i] + 1;
    }
    return best;
  }

private:
  static constexpr std::array<std::uint32_t, 5> tops{1, 2, 4, 8, posting_limit};
  static std::size_t bucket(std::uint32_t tf) noexcept {
    std::size_t i = 0;
    while (tf > tops[i]) ++i;
    return i;
  }
  std::array<std::atomic<std::uint16_t>, 5> shortest_;
  std::atomic<std::uint16_t> max_tf_;
};

// The count of one frequent term in every chunk of a shard, for looking up chunks in any order.
using Column = SegmentedArray<std::uint8_t>;
inline constexpr std::uint8_t column_limit = 0xff; // this or more

struct PostingList : AppendList<Posting, BlockBounds> {
  ListBounds bounds;
  std::atomic<std::uint32_t> live;   // chunks of this shard that hold the term
  std::atomic<const Column*> column; // null while the term is in few of the chunks

  void add(Arena& arena, const Posting& posting) {
    bounds.add(posting); // first, so that nobody sees a posting above its bound
    append(arena, posting);
  }
};

// Of one name in one shard.
struct NameLists {
  AppendList<std::uint32_t> mentions;
  AppendList<HomePosting> homes;
  std::atomic<std::uint32_t> live, live_homes; // chunks of this shard
};

} // namespace graphrag::chunk::detail
