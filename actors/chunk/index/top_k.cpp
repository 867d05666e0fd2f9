// The exact top k by BM25: MaxScore, term by term over windows of chunks.
//
// Terms are ordered by the most they can add to a chunk of the shard. While the k-th best score so
// far is t, a chunk that holds only terms of the tail whose bounds add up to less than t cannot
// enter; so only the terms before that tail (the essential ones) are walked, adding their scores
// to one sum per chunk. The tail, stop words above all, is looked up in the forward index of those
// chunks whose sum can still reach t. Who survives that is scored again in the order of the
// question's terms, so that equal chunks get equal bits by whatever way they came.
#include <algorithm>
#include <limits>

#include "actors/chunk/index/accumulate.hpp"
#include "actors/chunk/index/state.hpp"

namespace graphrag::chunk {
namespace {

using detail::Posting;
using detail::PostingList;
using Block = PostingList::Block;

constexpr std::uint32_t window_size = 1U << 15;
// Below this many chunks passing the filter, they are scored one by one.
constexpr std::size_t few_chunks = 512;

struct Term { // of the question, in its order
  TermId id;
  float factor;
};

struct Walk { // a term in one shard
  TermId id;
  float factor;
  float bound; // most that it adds to a chunk
  const Block* block;
  std::uint32_t at; // next posting of the block
};

// Calls `each(postings)` for runs of the walk's postings below `end` and moves it there.
template <class Each>
void advance(Walk& walk, std::uint32_t end, Each&& each) {
  while (walk.block != nullptr) {
    auto items = walk.block->view();
    const Block* next = PostingList::next(walk.block);
    if (next != nullptr) __builtin_prefetch(next);
    std::size_t to = items.size();
    if (to > walk.at && items[to - 1].ord >= end)
      to = static_cast<std::size_t>(
          std::lower_bound(items.begin() + walk.at, items.end(), end,
                           [](const Posting& p, std::uint32_t ord) { return p.ord < ord; }) -
          items.begin());
    if (to > walk.at) each(items.subspan(walk.at, to - walk.at));
    walk.at = static_cast<std::uint32_t>(to);
    if (to < items.size() || next == nullptr) return;
    walk.block = next;
    walk.at = 0;
  }
}

// One sum per chunk of a window, all zero between uses. Kept by the thread.
std::vector<float>& sums_of_thread() {
  thread_local std::vector<float> sums(window_size);
  return sums;
}

} // namespace

// One question against all shards of a view.
class ReadView::Search {
public:
  Search(const State& view, std::span<const QueryTerm> terms, std::size_t k,
         const FilterSet& filter, const Bm25& parameters)
      : view_(view), filter_(filter), norm_(parameters, view.average_length), best_(view, k),
        k_(k) {
    for (const auto& term : terms)
      if (view.known(term.term) && term.weight > 0)
        terms_.push_back({term.term, detail::term_factor(term.weight, view.frequency(term.term).idf,
                                                         parameters)});
    // Sums made in another order differ by rounding: at most this part of them, twice over.
    slack_ = 1 - 2.5e-7F * static_cast<float>(terms_.size() + 4);
  }

  std::vector<ScoredChunk> run() {
    if (!filter_.all() && score_few()) return best_.take();
    for (std::uint32_t s = 0; s < view_.shards.size(); ++s) search(s);
    return best_.take();
  }

private:
  // What a chunk must at least reach; 0 while everything enters.
  float least() const noexcept { return best_.full() ? best_.threshold() * slack_ : 0; }

  float exact(const detail::ChunkEntry& chunk) const noexcept {
    float norm = norm_(static_cast<float>(chunk.length)), sum = 0;
    for (const auto& term : terms_)
      if (auto tf = chunk.tf(term.id); tf > 0)
        sum += detail::term_score(term.factor, static_cast<float>(tf), norm);
    return sum;
  }

  bool wanted(std::uint32_t document) const noexcept {
    return filter_.all() ? view_.visible(shard_, document) : filter_.test(shard_, document);
  }

  void offer(std::uint32_t ord, const detail::ChunkEntry& chunk) {
    if (!filter_.all() || view_.visible(shard_, chunk.document))
      best_.offer({{shard_, ord}, exact(chunk)});
  }

  // With a filter that few pass there is no need for postings. Returns whether that was so.
  bool score_few() {
    std::size_t passing = 0;
    auto each_document = [&](auto&& each) {
      for (shard_ = 0; shard_ < view_.shards.size(); ++shard_)
        for (std::uint32_t d = 0; d < view_.shards[shard_].documents; ++d)
          if (filter_.test(shard_, d) && !each(view_.shard(shard_).document(d))) return false;
      return true;
    };
    if (!each_document(
            [&](const auto& document) { return (passing += document.chunk_count) <= few_chunks; }))
      return false;
    each_document([&](const auto& document) {
      for (std::uint32_t i = 0; i < document.chunk_count; ++i) {
        auto ord = document.first_chunk + i;
        if (float score = exact(view_.shard(shard_).chunk(ord)); score > 0)
          best_.offer({{shard_, ord}, score});
      }
      return true;
    });
    return true;
  }

  void search(std::uint32_t s) {
    shard_ = s;
    snapshot_ = view_.shards[s];
    walks_.clear();
    for (const auto& term : terms_) {
      const auto* list = snapshot_.shard->postings(term.id);
      if (list == nullptr || list->first() == nullptr) continue;
      float bound = list->bounds.largest([&](std::uint32_t tf, std::uint32_t length) {
        return detail::term_score(term.factor, static_cast<float>(tf),
                                  norm_(static_cast<float>(length)));
      });
      walks_.push_back({term.id, term.factor, bound, list->first(), 0});
    }
    std::sort(walks_.begin(), walks_.end(), [](const Walk& a, const Walk& b) {
      return a.bound != b.bound ? a.bound > b.bound : a.id < b.id;
    });
    rest_.assign(walks_.size() + 1, 0);
    for (std::size_t i = walks_.size(); i-- > 0;) rest_[i] = rest_[i + 1] + walks_[i].bound;
    for (std::uint32_t begin = 0; begin < snapshot_.chunks; begin += window_size) {
      if (rest_[0] < least()) return;
      window(begin, std::min(snapshot_.chunks, begin + window_size));
    }
  }

  // Walks whose tail could not enter by itself.
  std::size_t essential() const noexcept {
    float enough = least();
    std::size_t count = walks_.size();
    while (count > 0 && rest_[count - 1] < enough) --count;
    return count;
  }

  void window(std::uint32_t begin, std::uint32_t end) {
    float* sums = sums_of_thread().data() - begin;
    start_ = walks_;
    std::size_t touched = 0, seen = 0, done = 0;
    while (done < essential()) {
      advance(walks_[done], end, [&](std::span<const Posting> run) {
        detail::accumulate(run, walks_[done].factor, norm_, sums);
        touched += run.size();
      });
      ++done;
      if (!best_.full() && done < walks_.size() && touched >= k_ && touched >= 4 * seen) {
        seen = touched;
        seed(done, end, sums);
      }
    }
    collect(done, begin, end, sums, touched);
  }

  // Scores the most promising chunks of the window now, for a threshold to begin with.
  void seed(std::size_t done, std::uint32_t end, float* sums) {
    promising_.clear();
    for (std::size_t i = 0; i < done; ++i) {
      Walk walk = start_[i];
      advance(walk, end, [&](std::span<const Posting> run) {
        for (const auto& posting : run)
          if (sums[posting.ord] > 0) promising_.emplace_back(sums[posting.ord], posting.ord);
      });
    }
    auto top =
        promising_.begin() + static_cast<std::ptrdiff_t>(std::min(promising_.size(), 2 * k_));
    std::partial_sort(promising_.begin(), top, promising_.end(), std::greater<>{});
    for (auto it = promising_.begin(); it != top; ++it) {
      auto ord = it->second;
      if (sums[ord] < 0) continue; // two walks hold it
      sums[ord] =
          -std::numeric_limits<float>::infinity(); // done with: no later score brings it back
      const auto& chunk = snapshot_.shard->chunk(ord);
      if (wanted(chunk.document)) best_.offer({{shard_, ord}, exact(chunk)});
    }
  }

  // Takes what was summed up and leaves the sums zero.
  void collect(std::size_t done, std::uint32_t begin, std::uint32_t end, float* sums,
               std::size_t touched) {
    float enough = std::max(least() - rest_[done], std::numeric_limits<float>::min());
    auto consider = [&](std::uint32_t ord) {
      if (candidate(ord, sums[ord], done))
        enough = std::max(least() - rest_[done], std::numeric_limits<float>::min());
    };
    if (touched > (end - begin) / 4) {
      for (std::uint32_t ord = begin; ord < end; ++ord)
        if (sums[ord] >= enough) consider(ord);
      std::fill(sums + begin, sums + end, 0.0F);
      return;
    }
    for (std::size_t i = 0; i < done; ++i)
      advance(start_[i], end, [&](std::span<const Posting> run) {
        for (const auto& posting : run) {
          if (sums[posting.ord] >= enough) consider(posting.ord);
          sums[posting.ord] = 0;
        }
      });
  }

  // Whether the chunk was good enough to be offered.
  bool candidate(std::uint32_t ord, float sum, std::size_t done) {
    const auto& chunk = snapshot_.shard->chunk(ord);
    if (!filter_.all() && !filter_.test(shard_, chunk.document)) return false;
    float enough = least(), norm = norm_(static_cast<float>(chunk.length));
    for (; done < walks_.size(); ++done) {
      if (sum + rest_[done] < enough) return false;
      if (auto tf = chunk.tf(walks_[done].id); tf > 0)
        sum += detail::term_score(walks_[done].factor, static_cast<float>(tf), norm);
    }
    if (sum < enough) return false;
    offer(ord, chunk);
    return true;
  }

  const State& view_;
  const FilterSet& filter_;
  detail::LengthNorm norm_;
  State::Best best_;
  std::size_t k_;
  float slack_ = 1;
  std::vector<Term> terms_;

  std::uint32_t shard_ = 0;
  detail::Snapshot snapshot_;
  std::vector<Walk> walks_, start_; // by falling bound; now, and at the beginning of the window
  std::vector<float> rest_;         // sum of the bounds from here on
  std::vector<std::pair<float, std::uint32_t>> promising_;
};

std::vector<ScoredChunk> ReadView::top_k(std::span<const QueryTerm> terms, std::size_t k,
                                         const FilterSet& filter, const Bm25& parameters) const {
  if (k == 0) return {};
  return Search{*state_, terms, k, filter, parameters}.run();
}

void ReadView::contributions(ChunkRef ref, std::span<const QueryTerm> terms, std::span<float> out,
                             const Bm25& parameters) const {
  const auto& chunk = state_->shard(ref.shard).chunk(ref.ord);
  float norm =
      detail::LengthNorm{parameters, state_->average_length}(static_cast<float>(chunk.length));
  for (std::size_t i = 0; i < terms.size() && i < out.size(); ++i) {
    auto tf = terms[i].weight > 0 && state_->known(terms[i].term) ? chunk.tf(terms[i].term) : 0;
    out[i] = tf == 0 ? 0
                     : detail::term_score(detail::term_factor(terms[i].weight,
                                                              state_->frequency(terms[i].term).idf,
                                                              parameters),
                                          static_cast<float>(tf), norm);
  }
}

} // namespace graphrag::chunk
