#include "actors/query/rerank.hpp"

#include <algorithm>
#include <numeric>

#include "actors/query/answer.hpp"
#include "actors/query/local_view.hpp"
#include "actors/query/plan.hpp"
#include "runtime/check.hpp"

namespace graphrag::query {

Question before_rerank(Question question, std::size_t shown) {
  question.limit = std::max(question.limit, static_cast<std::uint32_t>(shown));
  question.answer = false;
  return question;
}

std::vector<std::string> rerank_texts(std::span<const Hit> hits, std::size_t shown) {
  std::vector<std::string> out;
  for (const auto& hit : hits.first(std::min(shown, hits.size()))) {
    auto& text = out.emplace_back();
    for (const auto* part : {&hit.title, &hit.section, &hit.text})
      if (!part->empty()) text.append(text.empty() ? "" : "\n").append(*part);
  }
  return out;
}

void rerank(std::vector<Hit>& hits, std::span<const double> scores) {
  RUNTIME_CHECK(scores.size() <= hits.size(), "more scores than hits");
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return scores[i]; });
  std::vector<Hit> sorted;
  sorted.reserve(hits.size());
  for (const auto i : order) {
    auto& hit = sorted.emplace_back(std::move(hits[i]));
    if (hit.signals) hit.signals->rerank = scores[i];
  }
  std::ranges::move(sorted, hits.begin());
}

void after_rerank(const chunk::ReadView& view, const Question& question, QueryResult& result) {
  LocalView local{view};
  after_rerank(local, question, result);
}

void after_rerank(View& view, const Question& question, QueryResult& result) {
  if (result.hits.size() > question.limit) result.hits.resize(question.limit);
  if (!question.answer) return;
  thread_local Plan plan;
  make_plan(view, question.text, plan);
  std::vector<Source> sources;
  for (const auto& hit : result.hits) sources.push_back({hit.ref, hit.score});
  result.answer = make_answer(view, question.text, plan, sources);
}

} // namespace graphrag::query
