#include <algorithm>

#include "actors/entity/directory.hpp"
#include "actors/query/answer.hpp"
#include "actors/query/candidates.hpp"
#include "actors/query/chains.hpp"
#include "actors/query/fusion.hpp"
#include "actors/query/local_view.hpp"
#include "actors/query/passage.hpp"
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
  std::vector<chunk::ChunkRef> mentions, refs;
  std::vector<std::uint32_t> numbers; // of refs, as candidates
};

class Run {
public:
  Run(View& view, const Question& question, const std::function<bool()>& expired,
      const Weights& setting, Work& work)
      : view_(view), question_(question), expired_(expired), setting_(setting), work_(work) {}

  QueryResult operator()() {
    view_.begin(question_, nearest_wanted());
    make_plan(view_, question_.text, work_.plan);
    view_.planned(work_.plan);
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
      case Mode::global: // not here: run_global()
        hybrid();
        break;
      }
    }
    order();
    hits();
    known_entities();
    if (question_.answer && goes_on("answer")) answer();
    if (view_.broken() != nullptr) return {};
    return std::move(result_);
  }

private:
  // False when the time is up; then `stage` is missing. And when the view is broken.
  bool goes_on(const char* stage) {
    if (view_.broken() != nullptr) return false;
    if (!expired_()) return true;
    result_.partial = true;
    result_.missing.emplace_back(stage);
    return false;
  }

  std::size_t wanted() const {
    return question_.limit * (question_.group_by_document ? grouping_factor : 1);
  }
  // How many of the nearest passages the mode looks at.
  std::size_t nearest_wanted() const {
    if (question_.vector.empty()) return 0;
    if (question_.mode == Mode::vector) return wanted();
    return question_.mode == Mode::hybrid || question_.mode == Mode::global
               ? weights::vector_candidates
               : 0;
  }
  float scale() const { return work_.keyword.empty() ? 1 : work_.keyword.front().score; }

  void keyword(std::size_t count) {
    work_.keyword = view_.top_k(work_.plan.terms, count);
    work_.refs.clear();
    for (const auto& found : work_.keyword) work_.refs.push_back(found.ref);
    work_.candidates.add(work_.refs, work_.numbers);
    for (std::size_t i = 0; i < work_.keyword.size(); ++i)
      if (work_.numbers[i] != no_candidate)
        work_.candidates[work_.numbers[i]].keyword = work_.keyword[i].score;
  }

  void hybrid() {
    keyword(std::max(wanted(), least_keyword));
    nearest_.clear();
    if (!question_.vector.empty() && goes_on("vector")) nearest_ = view_.nearest(nearest_wanted());
    if (goes_on("links")) {
      add_named_anchors(view_, work_.plan, scale(), setting_, work_.candidates, work_.anchors);
      const auto count = std::min(work_.keyword.size(), weights::keyword_anchors);
      for (std::size_t i = 0; i < count; ++i)
        work_.anchors.keyword.push_back(work_.candidates.find(work_.keyword[i].ref));
      if (encoded())
        for (std::size_t j = 0; j < std::min(nearest_.size(), weights::vector_anchors); ++j)
          add_anchor(work_.candidates.add(nearest_[j].ref));
      follow_links(view_, work_.plan, work_.anchors, scale(), setting_, work_.candidates);
    }
    if (encoded())
      add_encoder_evidence(view_, nearest_, scale() * work_.plan.unnamed_share(), setting_,
                           work_.candidates);
    else
      add_client_evidence(nearest_, work_.keyword, scale(), setting_, work_.candidates);
  }

  bool encoded() const { return !question_.vector_model.empty(); }

  void add_anchor(std::uint32_t number) {
    auto& anchors = work_.anchors.keyword;
    if (number != no_candidate &&
        std::find(anchors.begin(), anchors.end(), number) == anchors.end())
      anchors.push_back(number);
  }

  void vector() {
    for (const auto& found : view_.nearest(nearest_wanted())) {
      const auto number = work_.candidates.add(found.ref);
      if (number == no_candidate) continue;
      work_.candidates[number].keyword = 0; // the similarity alone decides
      work_.candidates[number].vector = found.score;
    }
  }

  // The question's names: their homes, the passages that mention them, and where these lead.
  void local() {
    work_.keyword = view_.top_k(work_.plan.terms, local_fallback_anchors); // for the scale
    add_named_anchors(view_, work_.plan, scale(), setting_, work_.candidates, work_.anchors);
    for (const auto& name : work_.plan.names) {
      if (view_.mention_count(name.name) > local_mentions)
        continue; // known everywhere, telling nothing
      view_.mentions(name.name, local_mentions, work_.mentions);
      for (const auto ref : work_.mentions) {
        if (!view_.passes(ref)) continue;
        const auto number = work_.candidates.add(ref);
        if (number != no_candidate) work_.anchors.keyword.push_back(number);
      }
    }
    if (work_.candidates.size() == 0)
      for (const auto& found : work_.keyword)
        work_.anchors.keyword.push_back(work_.candidates.add(found.ref));
    if (goes_on("links"))
      follow_links(view_, work_.plan, work_.anchors, scale(), setting_, work_.candidates);
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
      const auto left = view_.place(candidates[a].ref);
      const auto right = view_.place(candidates[b].ref);
      return left.document != right.document ? left.document < right.document
                                             : left.index < right.index;
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
      const auto document = view_.place(work_.candidates[number].ref).document;
      const bool seen = std::any_of(
          order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), [&](auto other) {
            return view_.place(work_.candidates[other].ref).document == document;
          });
      if (!seen) order[kept++] = number;
    }
    order.resize(kept);
  }

  void hits() {
    work_.refs.clear();
    for (const auto number : work_.order) work_.refs.push_back(work_.candidates[number].ref);
    view_.passages_ahead(work_.refs);
    result_.hits.reserve(work_.order.size());
    for (const auto number : work_.order) {
      const auto& candidate = work_.candidates[number];
      const auto passage = view_.whole(candidate.ref);
      auto& hit = result_.hits.emplace_back(hit_of(passage, candidate.score()));
      hit.ref = candidate.ref;
      if (!question_.explain) continue;
      Signals signals{candidate.keyword, candidate.vector, candidate.link, candidate.name, {}};
      if (candidate.via != no_candidate)
        signals.via = view_.place(work_.candidates[candidate.via].ref).document;
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
      std::uint8_t kind = 0;
      if (!view_.describe(name.name, found.name, kind)) continue;
      found.kind = entity::to_string(static_cast<entity::Kind>(kind));
      result_.entities.push_back(std::move(found));
    }
  }

  void answer() {
    std::vector<Source> sources;
    for (const auto number : work_.order) {
      const auto& candidate = work_.candidates[number];
      sources.push_back({candidate.ref, candidate.score()});
    }
    result_.answer = make_answer(view_, question_.text, work_.plan, sources);
  }

  View& view_;
  const Question& question_;
  const std::function<bool()>& expired_;
  const Weights& setting_;
  Work& work_;
  std::vector<chunk::ScoredChunk> nearest_;
  QueryResult result_;
};

} // namespace

QueryResult run(const chunk::ReadView& view, const Question& question,
                const std::function<bool()>& expired, const Weights& setting) {
  LocalView local{view};
  return run(local, question, expired, setting);
}

QueryResult run(View& view, const Question& question, const std::function<bool()>& expired,
                const Weights& setting) {
  thread_local Work work;
  return Run{view, question, expired, setting, work}();
}

} // namespace graphrag::query
