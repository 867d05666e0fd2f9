#pragma once
// The passages that a question has come across, with what each word of the question adds to each.
#include <cstdint>
#include <span>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/entity/key_set.hpp"
#include "actors/query/view.hpp"

namespace graphrag::query {

inline constexpr std::uint32_t no_candidate = entity::KeySet::absent;

struct Candidate {
  chunk::ChunkRef ref;
  float keyword = 0; // its own BM25
  float name = 0;    // bonus for being a home of a name in the question
  float link = 0;    // what its best chain adds to the two above
  float vector = 0;
  std::uint32_t via = no_candidate; // the passage that led here
  float via_weight = 0;             // 0..1: of that link
  float score() const noexcept { return keyword + name + link + vector; }
};

class Candidates {
public:
  // Forgets all and begins anew for the terms of a question. Both must outlive the use.
  void begin(View& view, std::span<const chunk::QueryTerm> terms);
  // The passage's number; no_candidate when there are too many already.
  std::uint32_t add(chunk::ChunkRef ref);
  // The same for many, at less cost: the number of each into `numbers`.
  void add(std::span<const chunk::ChunkRef> refs, std::vector<std::uint32_t>& numbers);
  std::uint32_t find(chunk::ChunkRef ref) const { return numbers_.find(ref.packed()); }

  std::size_t size() const noexcept { return items_.size(); }
  Candidate& operator[](std::uint32_t i) noexcept { return items_[i]; }
  const Candidate& operator[](std::uint32_t i) const noexcept { return items_[i]; }
  // BM25 contributions of the question's terms.
  std::span<const float> parts(std::uint32_t i) const noexcept {
    return std::span{parts_}.subspan(i * terms_.size(), terms_.size());
  }
  // What two passages explain together: each term counted once, by its larger contribution.
  float together(std::uint32_t a, std::uint32_t b) const noexcept;

private:
  View* view_ = nullptr;
  std::span<const chunk::QueryTerm> terms_;
  std::vector<Candidate> items_;
  std::vector<float> parts_;
  std::vector<chunk::ChunkRef> fresh_; // new ones of one add()
  entity::KeySet numbers_;
};

} // namespace graphrag::query
