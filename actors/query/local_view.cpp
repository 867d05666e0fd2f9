#include "actors/query/local_view.hpp"

#include <algorithm>
#include <limits>

#include "actors/chunk/index/vector_store.hpp"
#include "actors/query/plan.hpp"
#include "actors/query/query.hpp"

namespace graphrag::query {

void LocalView::begin(const Question& question, std::size_t) {
  filter_ = question.filter.empty() ? chunk::FilterSet{} : view_.compile(question.filter);
  vector_ = question.vector;
  model_ = question.vector_model;
}

std::vector<chunk::ScoredChunk> LocalView::nearest(std::size_t k) {
  return view_.nearest(model_, vector_, k, filter_);
}

void LocalView::similarities(std::span<const chunk::ChunkRef> refs, std::span<float> out) {
  for (std::size_t i = 0; i < refs.size(); ++i) {
    const auto vector = view_.vector_of(refs[i], model_);
    const bool comparable = !vector.empty() && vector.size() == vector_.size();
    out[i] = comparable ? chunk::detail::dot(vector.data(), vector_.data(), vector.size())
                        : std::numeric_limits<float>::quiet_NaN();
  }
}

Place LocalView::place(chunk::ChunkRef ref) {
  const auto seen = view_.chunk(ref);
  return {seen.document->id, seen.chunk->index};
}

void LocalView::homes(chunk::TermId name, NameHomes& out) {
  view_.homes(name, homes_);
  out.passing.clear();
  out.best = homes_.empty() ? 0 : homes_.front().confidence;
  out.rivals = 0;
  for (const auto& home : homes_) {
    const bool rival = home.confidence >= weights::same_confidence * out.best;
    const bool close = home.confidence >= weights::close_confidence * out.best;
    out.rivals += rival ? 1 : 0;
    const bool wanted = out.passing.empty() || (close && out.passing.size() < homes_looked_at);
    if (wanted && view_.passes(home.ref, filter_)) out.passing.push_back(home);
    if (!rival && !out.passing.empty() && (!close || out.passing.size() == homes_looked_at)) return;
  }
}

bool LocalView::home_has_comma(chunk::TermId name) {
  thread_local entity::Words written;
  view_.homes(name, homes_);
  const auto key = view_.name_key(name);
  return std::any_of(homes_.begin(), homes_.end(), [&](const auto& at) {
    const auto& known = view_.chunk(at.ref).chunk->homes;
    return std::any_of(known.begin(), known.end(), [&](const auto& home) {
      if (home.key != key) return false;
      written.read(home.display);
      return written.size() > 1 &&
             comma_within(written, 0, static_cast<std::uint32_t>(written.size() - 1));
    });
  });
}

std::uint8_t LocalView::kind_at_home(chunk::ChunkRef home, chunk::TermId name) {
  const auto key = view_.name_key(name);
  for (const auto& known : view_.chunk(home).chunk->homes)
    if (known.key == key && known.kind != 0) return known.kind;
  return 0;
}

bool LocalView::describe(chunk::TermId name, std::string& written, std::uint8_t& kind) {
  homes(name, looked_at_);
  if (looked_at_.passing.empty()) return describe_mention(name, written, kind);
  const auto key = view_.name_key(name);
  for (const auto& known : view_.chunk(looked_at_.passing.front().ref).chunk->homes) {
    if (known.key != key) continue;
    written = known.display;
    kind = known.kind;
    return true;
  }
  return false;
}

bool LocalView::describe_mention(chunk::TermId name, std::string& written, std::uint8_t& kind) {
  std::vector<chunk::ChunkRef> first;
  view_.mentions(name, 1, first);
  if (first.empty() || !passes(first.front())) return false;
  const auto key = view_.name_key(name);
  const auto passage = view_.chunk(first.front());
  for (const auto& mention : passage.chunk->mentions) {
    if (mention.key != key || mention.normal.empty()) continue;
    written = passage.text.substr(mention.span.start, mention.span.end - mention.span.start);
    kind = mention.kind;
    return true;
  }
  return false;
}

} // namespace graphrag::query
