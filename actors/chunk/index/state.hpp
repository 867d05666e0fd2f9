#pragma once
// What CollectionIndex and ReadView hold; for the files that implement them.
#include <atomic>
#include <bit>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/chunk/index/bm25.hpp"
#include "actors/chunk/index/shard.hpp"

namespace graphrag::chunk {

// The shards of a collection at one time, and the ids that they and their readers share.
struct ShardSet {
  std::shared_ptr<detail::Shared> shared;
  std::vector<std::shared_ptr<detail::Shard>> shards;
};

struct CollectionIndex::State {
  std::string name;
  std::uint32_t shard_count = 0;
  // Writers of single shards share it; who replaces all of them excludes them. Readers never wait.
  std::shared_mutex writing;
  std::atomic<std::uint64_t> renewal_due{0}; // when the vocabulary has so many entries
  mutable std::mutex mutex; // guards the pointer below for a moment, never the shards
  std::shared_ptr<const ShardSet> set;

  std::shared_ptr<const ShardSet> current() const {
    std::lock_guard lock{mutex};
    return set;
  }
};

namespace detail {

// Document frequencies as the view first saw them, so that every score of one view agrees even
// while a writer counts on.
class FrequencyMemo {
public:
  struct Entry {
    TermId term = no_term;
    std::uint32_t frequency = 0;
    float idf = 0;
  };

  template <class Make>
  const Entry& get(TermId term, Make&& make) {
    if (entries_.empty()) entries_.resize(64);
    std::size_t mask = entries_.size() - 1;
    for (std::size_t i = term * 0x9e3779b1U & mask;; i = (i + 1) & mask) {
      if (entries_[i].term == term) return entries_[i];
      if (entries_[i].term != no_term) continue;
      if (used_ * 2 >= entries_.size()) {
        grow();
        return get(term, make);
      }
      ++used_;
      return entries_[i] = make();
    }
  }

private:
  void grow() {
    auto old = std::move(entries_);
    entries_.assign(old.size() * 2, {});
    std::size_t mask = entries_.size() - 1;
    for (const auto& entry : old) {
      if (entry.term == no_term) continue;
      std::size_t i = entry.term * 0x9e3779b1U & mask;
      while (entries_[i].term != no_term) i = (i + 1) & mask;
      entries_[i] = entry;
    }
  }

  std::vector<Entry> entries_;
  std::size_t used_ = 0;
};

} // namespace detail

struct ReadView::State {
  std::shared_ptr<const CollectionIndex> index;
  std::shared_ptr<const ShardSet> set;
  const detail::Shared* shared = nullptr; // the set's
  std::vector<detail::Snapshot> shards;   // those outside of a part see nothing
  bool part = false;
  std::vector<std::uint32_t> seen; // numbers of the shards that are seen
  std::uint64_t chunks = 0, tokens = 0;
  float average_length = 0;
  mutable detail::FrequencyMemo memo;

  const detail::FrequencyMemo::Entry& frequency(TermId term) const {
    return memo.get(term, [&] {
      return entry(term, part ? holding_part(term)
                              : shared->terms[term].live.load(std::memory_order_relaxed));
    });
  }
  detail::FrequencyMemo::Entry entry(TermId term, std::uint32_t holding) const {
    return {term, holding, detail::inverse_document_frequency(chunks, holding)};
  }
  std::uint32_t holding_part(TermId term) const {
    std::uint32_t sum = 0;
    for (auto i : seen)
      if (const auto* list = shard(i).postings(term))
        sum += list->live.load(std::memory_order_relaxed);
    return sum;
  }
  // How many live chunks mention a name, or are its home.
  std::uint32_t count_name(TermId name, std::atomic<std::uint32_t> detail::NameEntry::*whole,
                           std::atomic<std::uint32_t> detail::NameLists::*here) const {
    if (name >= shared->names.size()) return 0;
    if (!part) return (shared->names[name].*whole).load(std::memory_order_relaxed);
    std::uint32_t sum = 0;
    for (auto i : seen)
      if (const auto* lists = shard(i).name(name))
        sum += (lists->*here).load(std::memory_order_relaxed);
    return sum;
  }
  void set_average() {
    average_length =
        chunks == 0 ? 0
                    : static_cast<float>(static_cast<double>(tokens) / static_cast<double>(chunks));
  }
  bool known(TermId term) const noexcept { return term < shared->terms.size(); }
  const detail::Shard& shard(std::uint32_t i) const noexcept { return *shards[i].shard; }

  // Whether the view sees this document of this shard.
  bool visible(std::uint32_t shard, std::uint32_t document) const noexcept {
    const auto& snapshot = shards[shard];
    return document < snapshot.documents && snapshot.shard->visible(document, snapshot.seq);
  }
  bool before(ChunkRef a, ChunkRef b) const noexcept; // by document id, then chunk index

  // The best `k` scored chunks so far: worst first while they compete, best first when taken.
  class Best {
  public:
    Best(const State& view, std::size_t k) : view_(view), k_(k) { items_.reserve(k + 1); }
    bool full() const noexcept { return items_.size() == k_; }
    float threshold() const noexcept { return items_.front().score; } // when full
    void offer(ScoredChunk item);
    std::vector<ScoredChunk> take();

  private:
    bool better(const ScoredChunk& a, const ScoredChunk& b) const noexcept {
      return a.score != b.score ? a.score > b.score : view_.before(a.ref, b.ref);
    }
    const State& view_;
    std::size_t k_;
    std::vector<ScoredChunk> items_;
  };
};

} // namespace graphrag::chunk
