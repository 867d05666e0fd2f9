// The exact top k by BM25: MaxScore, term by term over windows of chunks.
//
// Terms are ordered by the most they can add to a chunk of the shard. While the k-th best score so
// far is t, a chunk that holds only terms of the tail whose bounds add up to less than t cannot
// enter; so only the terms before that tail (the essential ones) bring in candidates. Their
// postings are summed up per chunk, and so are those of rare terms of the tail, which is cheaper
// than to look them up. What is left of the tail, stop words above all, is looked up for chunks
// whose sum can still reach t: in columns of bytes for frequent terms, else in the forward index.
// Who survives that is scored again in the order of the question's terms, so that equal chunks get
// equal bits by whatever way they came.
#include <algorithm>
#include <limits>
#include <utility>

#include "actors/chunk/index/accumulate.hpp"
#include "actors/chunk/index/state.hpp"
#include "actors/chunk/index/walk.hpp"

namespace graphrag::chunk {
namespace {

using detail::Posting;
using detail::Walk;

constexpr std::uint32_t window_size = 1U << 14;
// Below this many chunks passing the filter, they are scored one by one.
constexpr std::size_t few_chunks = 512;
// Looking a chunk up in the forward index costs about as much as summing so many postings.
constexpr std::size_t lookup_cost = 32;

struct Term { // of the question, in its order
  TermId id;
  float factor;
};

struct Candidate {
  std::uint32_t ord;
  float sum; // of what has been added up so far
  float norm = 0;
};

// What a thread's questions use one after the other.
struct Scratch {
  std::vector<float> sums; // per chunk of a window; 0 between uses
  bool in_use = true;      // stays so when an exception leaves the sums as they are
  std::vector<Candidate> candidates;
  std::vector<float> ranking;
};
Scratch& scratch_of_thread() {
  thread_local Scratch scratch;
  return scratch;
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
  const detail::Shard& shard() const noexcept { return *snapshot_.shard; }
  float norm_of(std::uint32_t ord) const noexcept {
    return norm_(static_cast<float>(shard().length_of(ord)));
  }
  bool passes(std::uint32_t ord) const noexcept {
    return filter_.all() || filter_.test(shard_, shard().document_of(ord));
  }

  // Scores a visible chunk that passes the filter; the dead and the filtered are passed over.
  void offer(std::uint32_t ord) {
    if (!passes(ord) || !view_.visible(shard_, shard().document_of(ord))) return;
    const auto& chunk = shard().chunk(ord);
    float norm = norm_of(ord), sum = 0;
    for (const auto& term : terms_)
      if (auto tf = chunk.tf(term.id); tf > 0)
        sum += detail::term_score(term.factor, static_cast<float>(tf), norm);
    if (sum > 0) best_.offer({{shard_, ord}, sum});
  }

  // Best first, so that few have to be scored.
  void offer_all() {
    auto by_sum = [](const Candidate& a, const Candidate& b) { return a.sum < b.sum; };
    auto begin = candidates_.begin(), end = candidates_.end();
    for (std::make_heap(begin, end, by_sum); begin != end && begin->sum >= least(); --end) {
      offer(begin->ord);
      std::pop_heap(begin, end, by_sum);
    }
    candidates_.clear();
  }

  // With a filter that few pass there is no need for postings. Returns whether that was so.
  bool score_few() {
    auto each_document = [&](auto&& each) {
      for (shard_ = 0; shard_ < view_.shards.size(); ++shard_) {
        snapshot_ = view_.shards[shard_];
        for (std::uint32_t d = 0; d < snapshot_.documents; ++d)
          if (filter_.test(shard_, d) && !each(shard().document(d))) return false;
      }
      return true;
    };
    std::size_t passing = 0;
    if (!each_document([&](const detail::DocumentEntry& document) {
          return (passing += document.chunk_count) <= few_chunks;
        }))
      return false;
    return each_document([&](const detail::DocumentEntry& document) {
      for (std::uint32_t i = 0; i < document.chunk_count; ++i) offer(document.first_chunk + i);
      return true;
    });
  }

  void search(std::uint32_t s) {
    shard_ = s;
    snapshot_ = view_.shards[s];
    walks_.clear();
    for (const auto& term : terms_) {
      const auto* list = shard().postings(term.id);
      if (list == nullptr || list->first() == nullptr) continue;
      float bound = list->bounds.largest([&](std::uint32_t tf, std::uint32_t length) {
        return detail::term_score(term.factor, static_cast<float>(tf),
                                  norm_(static_cast<float>(length)));
      });
      walks_.push_back({term.id, term.factor, bound, list,
                        list->column.load(std::memory_order_acquire), list->first()});
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

  // How many terms there are before the tail that could not enter by itself.
  std::size_t essential() const noexcept {
    float enough = least();
    std::size_t count = walks_.size();
    while (count > 0 && rest_[count - 1] < enough) --count;
    return count;
  }

  void window(std::uint32_t begin, std::uint32_t end) {
    if (std::exchange(scratch_.in_use, true)) scratch_.sums.assign(window_size, 0);
    float* sums = scratch_.sums.data() - begin;
    summed_.clear();
    tail_.clear();
    std::size_t touched = 0, seen = 0, done = 0;
    auto sum_up = [&](Walk& walk) {
      walk.skip(begin);
      summed_.push_back(walk);
      walk.advance(end, [&](std::span<const Posting> run) {
        detail::accumulate(run, walk.factor, norm_, sums);
        touched += run.size();
      });
    };
    for (; done < essential(); ++done) {
      sum_up(walks_[done]);
      if (!best_.full() && done + 1 < walks_.size() && touched >= k_ && touched >= 4 * seen) {
        seen = touched;
        seed(end, sums);
      }
    }
    for (std::size_t worth = touched * lookup_cost; done < walks_.size(); ++done) {
      auto& walk = walks_[done];
      auto share = std::uint64_t{walk.list->size()} * (end - begin) / snapshot_.chunks;
      if (walk.column == nullptr && share <= worth)
        sum_up(walk);
      else
        tail_.push_back(&walk);
    }
    collect(begin, end, sums, touched);
    scratch_.in_use = false;
    if (!tail_.empty()) {
      raise();
      look_up_tail();
    }
    offer_all();
  }

  float tail_bound() const noexcept {
    float bound = 0;
    for (const auto* walk : tail_) bound += walk->bound;
    return bound;
  }

  // Calls `each(ord)` for every posting that was summed up in this window.
  template <class Each>
  void each_summed(std::uint32_t end, Each&& each) {
    for (Walk walk : summed_)
      walk.advance(end, [&](std::span<const Posting> run) {
        for (const auto& posting : run) each(posting.ord);
      });
  }

  // Scores the most promising chunks of the window now, for a threshold to begin with.
  void seed(std::uint32_t end, float* sums) {
    candidates_.clear();
    each_summed(end, [&](std::uint32_t ord) {
      if (sums[ord] <= 0) return;
      candidates_.push_back({ord, sums[ord]});
      sums[ord] = -sums[ord]; // seen
    });
    float pivot = rank(k_ + k_ / 2);
    for (const auto& [ord, sum, norm] : candidates_) {
      sums[ord] = sum;
      if (sum < pivot) continue;
      sums[ord] = -std::numeric_limits<float>::infinity(); // done with: nothing brings it back
      offer(ord);
    }
  }

  // The sum of the candidate at this place among them, from the highest.
  float rank(std::size_t place) {
    if (candidates_.size() <= place) return 0;
    ranking_.clear();
    for (const auto& candidate : candidates_) ranking_.push_back(candidate.sum);
    auto at = ranking_.begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(ranking_.begin(), at, ranking_.end(), std::greater<>{});
    return *at;
  }

  // Makes candidates of the sums that can still reach the threshold, and leaves all sums zero.
  void collect(std::uint32_t begin, std::uint32_t end, float* sums, std::size_t touched) {
    candidates_.clear();
    float enough = std::max(least() - tail_bound(), std::numeric_limits<float>::min());
    if (touched > (end - begin) / 8) {
      detail::drain(sums + begin, end - begin, enough, [&](std::uint32_t i, float sum) {
        candidates_.push_back({begin + i, sum});
      });
    } else {
      each_summed(end, [&](std::uint32_t ord) {
        if (sums[ord] >= enough) candidates_.push_back({ord, sums[ord]});
        sums[ord] = 0;
      });
    }
    if (!filter_.all())
      std::erase_if(candidates_, [&](const Candidate& c) { return !passes(c.ord); });
  }

  // Scores the best of many candidates, and drops those whom the risen threshold leaves behind.
  void raise() {
    if (candidates_.size() > 4 * k_ + 64) {
      float pivot = rank(k_);
      for (auto& candidate : candidates_)
        if (candidate.sum > pivot) offer(candidate.ord), candidate.sum = -1;
      float enough = std::max(least() - tail_bound(), 0.0F);
      std::erase_if(candidates_, [&](const Candidate& c) { return c.sum < enough; });
    }
    for (auto& candidate : candidates_) candidate.norm = norm_of(candidate.ord);
  }

  // Adds the rest of the tail, term by term, and drops who cannot reach the threshold any more.
  void look_up_tail() {
    float rest = tail_bound(), enough = least();
    for (const auto* walk : tail_) {
      rest -= walk->bound;
      // The subtractions have rounded too.
      float needed = enough - rest - enough * (1 - slack_);
      if (walk->column != nullptr)
        look_up_column(*walk, needed);
      else
        look_up_forward(*walk, needed);
    }
  }

  void look_up_column(const Walk& walk, float needed) {
    detail::Column::Segment segment;
    std::size_t kept = 0;
    for (auto candidate : candidates_) {
      if (!segment.holds(candidate.ord)) segment = walk.column->segment_of(candidate.ord);
      auto tf = segment.items == nullptr ? 0 : segment.items[candidate.ord - segment.begin];
      auto score = detail::term_score(walk.factor, static_cast<float>(tf), candidate.norm);
      candidate.sum += tf < detail::column_limit ? score : walk.factor;
      candidates_[kept] = candidate;
      kept += candidate.sum >= needed ? 1 : 0;
    }
    candidates_.resize(kept);
  }

  void look_up_forward(const Walk& walk, float needed) {
    std::size_t kept = 0, size = candidates_.size();
    for (std::size_t i = 0; i < size; ++i) {
      if (i + 8 < size) __builtin_prefetch(&shard().chunk(candidates_[i + 8].ord));
      if (i + 4 < size) shard().chunk(candidates_[i + 4].ord).prefetch_terms();
      auto candidate = candidates_[i];
      auto tf = static_cast<float>(shard().chunk(candidate.ord).tf(walk.id));
      candidate.sum += detail::term_score(walk.factor, tf, candidate.norm);
      candidates_[kept] = candidate;
      kept += candidate.sum >= needed ? 1 : 0;
    }
    candidates_.resize(kept);
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
  std::vector<Walk> walks_;  // by falling bound
  std::vector<float> rest_;  // sum of the bounds from here on
  std::vector<Walk> summed_; // as they stood at the beginning of the window
  std::vector<const Walk*> tail_;
  Scratch& scratch_ = scratch_of_thread();
  std::vector<Candidate>& candidates_ = scratch_.candidates;
  std::vector<float>& ranking_ = scratch_.ranking;
};

std::vector<ScoredChunk> ReadView::top_k(std::span<const QueryTerm> terms, std::size_t k,
                                         const FilterSet& filter, const Bm25& parameters) const {
  if (k == 0) return {};
  return Search{*state_, terms, k, filter, parameters}.run();
}

} // namespace graphrag::chunk
