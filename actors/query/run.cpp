#include <algorithm>

#include "actors/entity/directory.hpp"
#include "actors/query/answer.hpp"
#include "actors/query/candidates.hpp"
#include "actors/query/chains.hpp"
#include "actors/query/fusion.hpp"
#include "actors/query/plan.hpp"
#include "actors/query/query.hpp"
#include "actors/query/weights.hpp"

namespace graphrag::query {
namespace {

constexpr std::size_t least_keyword = 40;  // passages looked at, however few are asked for
constexpr std::size_t grouping_factor = 4; // more are looked at when documents are grouped
constexpr std::size_t local_mentions = 32; // passages that mention a name, in local mode
constexpr std::size_t local_fallback_anchors = 5;

// One question on its way through the stages. Kept per thread for its memory.
struct Work {
  Plan plan;
  Candidates candidates;
  AnchorSet anchors;
  std::vector<chunk::ScoredChunk> keyword;
  std::vector<std::uint32_t> order;
  std::vector<chunk::HomeRef> homes;
  std::vector<chunk::ChunkRef> mentions, refs;
  std::vector<std::uint32_t> numbers; // of refs, as candidates
};

class Run {
public:
  Run(const chunk::ReadView& view, const Question& question, const std::function<bool()>& expired,
      Work& work)
      : view_(view), question_(question), expired_(expired), work_(work) {}

  QueryResult operator()() {
    make_plan(view_, question_.text, work_.plan);
    if (!question_.filter.empty()) filter_ = view_.compile(question_.filter);
    work_.candidates.begin(view_, work_.plan.terms);
    work_.anchors.named.clear();
    work_.anchors.keyword.clear();
    work_.keyword.clear();
    if (goes_on("results")) {
      switch (question_.mode) {
      case Mode::keyword:
        keyword(wanted());
        break;
      case Mode::vector:
        vector();
        break;
      case Mode::local:
        local();
        break;
      case Mode::hybrid:
        hybrid();
        break;
      }
    }
    order();
    hits();
    known_entities();
    if (question_.answer && goes_on("answer")) answer();
    return std::move(result_);
  }

private:
  // False when the time is up; then `stage` is missing.
  bool goes_on(const char* stage) {
    if (!expired_()) return true;
    result_.partial = true;
    result_.missing.emplace_back(stage);
    return false;
  }

  std::size_t wanted() const {
    return question_.limit * (question_.group_by_document ? grouping_factor : 1);
  }
  float scale() const { return work_.keyword.empty() ? 1 : work_.keyword.front().score; }

  void keyword(std::size_t count) {
    work_.keyword = view_.top_k(work_.plan.terms, count, filter_);
    work_.refs.clear();
    for (const auto& found : work_.keyword) work_.refs.push_back(found.ref);
    work_.candidates.add(work_.refs, work_.numbers);
    for (std::size_t i = 0; i < work_.keyword.size(); ++i)
      if (work_.numbers[i] != no_candidate)
        work_.candidates[work_.numbers[i]].keyword = work_.keyword[i].score;
  }

  void hybrid() {
    keyword(std::max(wanted(), least_keyword));
    if (goes_on("links")) {
      add_named_anchors(view_, work_.plan, filter_, scale(), work_.candidates, work_.anchors);
      const auto count = std::min(work_.keyword.size(), weights::keyword_anchors);
      for (std::size_t i = 0; i < count; ++i)
        work_.anchors.keyword.push_back(work_.candidates.find(work_.keyword[i].ref));
      follow_links(view_, work_.plan, work_.anchors, filter_, scale(), work_.candidates);
    }
    if (!question_.vector.empty() && goes_on("vector"))
      add_vector_evidence(view_.nearest(question_.vector, weights::vector_candidates, filter_),
                          work_.keyword, scale(), work_.candidates);
  }

  void vector() {
    for (const auto& found : view_.nearest(question_.vector, wanted(), filter_)) {
      const auto number = work_.candidates.add(found.ref);
      if (number == no_candidate) continue;
      work_.candidates[number].keyword = 0; // the similarity alone decides
      work_.candidates[number].vector = found.score;
    }
  }

  // The question's names: their homes, the passages that mention them, and where these lead.
  void local() {
    work_.keyword = view_.top_k(work_.plan.terms, local_fallback_anchors, filter_); // for the scale
    add_named_anchors(view_, work_.plan, filter_, scale(), work_.candidates, work_.anchors);
    for (const auto& name : work_.plan.names) {
      if (view_.mention_count(name.name) > local_mentions)
        continue; // known everywhere, telling nothing
      view_.mentions(name.name, local_mentions, work_.mentions);
      for (const auto ref : work_.mentions) {
        if (!view_.passes(ref, filter_)) continue;
        const auto number = work_.candidates.add(ref);
        if (number != no_candidate) work_.anchors.keyword.push_back(number);
      }
    }
    if (work_.candidates.size() == 0)
      for (const auto& found : work_.keyword)
        work_.anchors.keyword.push_back(work_.candidates.add(found.ref));
    if (goes_on("links"))
      follow_links(view_, work_.plan, work_.anchors, filter_, scale(), work_.candidates);
  }

  // Best first; equal ones by document id and place, so that shards make no difference.
  void order() {
    const auto& candidates = work_.candidates;
    auto& order = work_.order;
    order.resize(candidates.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto better = [&](std::uint32_t a, std::uint32_t b) {
      const auto x = candidates[a].score();
      const auto y = candidates[b].score();
      if (x != y) return x > y;
      const auto left = view_.chunk(candidates[a].ref);
      const auto right = view_.chunk(candidates[b].ref);
      if (left.document->id != right.document->id) return left.document->id < right.document->id;
      return left.chunk->index < right.chunk->index;
    };
    const auto kept = std::min(order.size(), std::max<std::size_t>(wanted(), question_.limit));
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                      better);
    order.resize(kept);
    if (question_.group_by_document) group();
    if (order.size() > question_.limit) order.resize(question_.limit);
  }

  void group() {
    auto& order = work_.order;
    std::size_t kept = 0;
    for (const auto number : order) {
      const auto* document = view_.chunk(work_.candidates[number].ref).document;
      const bool seen = std::any_of(
          order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), [&](auto other) {
            return view_.chunk(work_.candidates[other].ref).document == document;
          });
      if (!seen) order[kept++] = number;
    }
    order.resize(kept);
  }

  void hits() {
    result_.hits.reserve(work_.order.size());
    for (const auto number : work_.order) {
      const auto& candidate = work_.candidates[number];
      const auto passage = view_.chunk(candidate.ref);
      auto& hit = result_.hits.emplace_back();
      hit.document_id = passage.document->id;
      hit.chunk_id = passage.chunk_id;
      hit.title = passage.document->title;
      hit.text = passage.text;
      hit.section = passage.chunk->section;
      hit.metadata = passage.document->metadata;
      hit.score = candidate.score();
      hit.page = passage.chunk->page;
      hit.start = passage.chunk->start;
      hit.end = passage.chunk->end;
      if (!question_.explain) continue;
      Signals signals{candidate.keyword, candidate.vector, candidate.link, candidate.name, {}};
      if (candidate.via != no_candidate)
        signals.via = view_.chunk(work_.candidates[candidate.via].ref).document->id;
      hit.signals = std::move(signals);
    }
  }

  void known_entities() {
    for (const auto& name : work_.plan.names) {
      const auto id = entity::entity_id(name.key);
      const bool twice = std::any_of(result_.entities.begin(), result_.entities.end(),
                                     [&](const auto& e) { return e.id == id; });
      if (twice || (!name.has_home && !name.written_as_name)) continue;
      FoundEntity found{id, {}, {}};
      if (describe(name, found)) result_.entities.push_back(std::move(found));
    }
  }

  // The name as its home, or else a passage that mentions it, writes it.
  bool describe(const QuestionName& name, FoundEntity& found) {
    view_.homes(name.name, work_.homes);
    for (const auto& home : work_.homes) {
      if (!view_.passes(home.ref, filter_)) continue;
      for (const auto& known : view_.chunk(home.ref).chunk->homes) {
        if (known.key != name.key) continue;
        found.name = known.display;
        found.kind = entity::to_string(static_cast<entity::Kind>(known.kind));
        return true;
      }
    }
    view_.mentions(name.name, 1, work_.mentions);
    for (const auto ref : work_.mentions) {
      if (!view_.passes(ref, filter_)) continue;
      const auto passage = view_.chunk(ref);
      for (const auto& mention : passage.chunk->mentions) {
        if (mention.key != name.key || mention.normal.empty()) continue;
        found.name = passage.text.substr(mention.span.start, mention.span.end - mention.span.start);
        found.kind = entity::to_string(static_cast<entity::Kind>(mention.kind));
        return true;
      }
    }
    return false;
  }

  void answer() {
    std::vector<Source> sources;
    for (const auto number : work_.order) {
      const auto& candidate = work_.candidates[number];
      sources.push_back({candidate.ref, candidate.score()});
    }
    result_.answer = make_answer(view_, question_.text, work_.plan, sources);
  }

  const chunk::ReadView& view_;
  const Question& question_;
  const std::function<bool()>& expired_;
  Work& work_;
  chunk::FilterSet filter_;
  QueryResult result_;
};

} // namespace

QueryResult run(const chunk::ReadView& view, const Question& question,
                const std::function<bool()>& expired) {
  thread_local Work work;
  return Run{view, question, expired, work}();
}

} // namespace graphrag::query
