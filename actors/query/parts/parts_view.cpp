#include "actors/query/parts/parts_view.hpp"

#include <algorithm>
#include <limits>
#include <random>

#include "actors/chunk/index/bm25.hpp"
#include "actors/query/plan.hpp"
#include "runtime/check.hpp"

namespace graphrag::query::parts {
namespace {

constexpr std::size_t passages_with_top = weights::keyword_anchors; // from each part
constexpr std::uint16_t local_mentions = 32; // as many as local mode looks at

std::uint64_t random_number() {
  std::random_device random;
  return std::uint64_t{random()} << 32 | random();
}

} // namespace

PartsView::PartsView(PartPort& port, const runtime::Clock& clock, Spread spread,
                     runtime::SteadyTime deadline)
    : port_(port), clock_(clock), spread_(std::move(spread)), deadline_(deadline),
      session_(random_number()) {
  for (std::size_t i = 0; i < spread_.parts.size(); ++i)
    for (const auto shard : spread_.parts[i].shards)
      RUNTIME_CHECK(part_of_.emplace(shard, i).second, "a shard lies in one part");
}

PartsView::~PartsView() {
  if (rounds_ == 0) return;
  Request request;
  request.session = session_;
  request.release = true; // also where the answer to the opening was lost
  port_.tell(std::vector<std::string>(spread_.parts.size(), pack(request)));
}

void PartsView::begin(const Question& question, std::size_t nearest) {
  RUNTIME_CHECK(rounds_ == 0, "one question per view");
  opening_.collection = spread_.collection;
  opening_.after = spread_.after;
  opening_.filter = filter_text(question.filter);
  opening_.model = question.vector_model;
  if (nearest > 0) opening_.vector = question.vector;
  mode_ = question.mode;
  shown_ = question.limit;
  std::vector<NameAhead> names;
  std::vector<std::string> terms;
  read_ahead(question.text, terms, names);
  for (const auto& term : terms) find_term(term);
  for (const auto& name : names)
    wish_name(mirror_.name_of(name.key),
              NameWish::description | (name.comma ? NameWish::comma : std::uint16_t{0}));
  wishes_.nearest = static_cast<std::uint32_t>(nearest);
  round();
}

void PartsView::planned(const Plan& plan) {
  if (error_) return;
  score_by(plan.terms);
  if (mode_ == Mode::keyword) return;
  for (const auto& near : nearest_) wish_row(near.ref);
  if (mode_ == Mode::vector) {
    for (std::size_t i = 0; i < std::min({shown_, passages_with_top, nearest_.size()}); ++i)
      wish_passage(nearest_[i].ref, true);
    return;
  }
  for (const auto& name : plan.names) {
    const auto& told = mirror_.name(name.name);
    for (const auto& home : told.homes.passing) wish_passage(home.ref, false);
    if (mode_ == Mode::local && told.count <= local_mentions)
      wish_name(name.name, local_mentions | NameWish::passages);
  }
  if (!opening_.model.empty())
    for (std::size_t i = 0; i < std::min(weights::vector_anchors, nearest_.size()); ++i)
      wish_passage(nearest_[i].ref, false);
}

void PartsView::links_ahead(std::span<const chunk::ChunkRef> named,
                            std::span<const chunk::ChunkRef> others) {
  bool missing = false;
  for (const auto& refs : {named, others})
    for (const auto ref : refs)
      if (!has(ref, false)) wish_passage(ref, false), missing = true;
  if (missing && !round()) return;
  std::vector<chunk::TermId> rare, all;
  for (const auto ref : named)
    for (const auto& mention : mirror_.find(ref)->shown->chunk.mentions)
      if (!mention.normal.empty()) rare.push_back(mirror_.name_of(mention.key));
  for (const auto& refs : {named, others})
    for (const auto ref : refs) {
      const auto& names = mirror_.find(ref)->shown->names;
      all.insert(all.end(), names.begin(), names.end());
    }
  const auto once = [](auto& names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
  };
  once(rare);
  once(all);
  for (const auto name : all) {
    const bool may_be_rare = std::binary_search(rare.begin(), rare.end(), name);
    const auto& told = mirror_.name(name);
    const bool wanted = may_be_rare && (!told.known || told.count <= weights::rare_name);
    if (!told.known || wanted)
      wish_name(name, wanted ? static_cast<std::uint16_t>(weights::rare_name) : std::uint16_t{0});
    // Homes that the first round told have no scores yet.
    for (const auto& home : told.homes.passing) wish_row(home.ref);
    if (wishes_.names.size() == most_names) break; // the rest when it is asked for
  }
  if (!wishes_.names.empty() || !wishes_.rows.empty()) round();
}

void PartsView::passages_ahead(std::span<const chunk::ChunkRef> refs) {
  for (const auto ref : refs) wish_passage(ref, true);
}

chunk::TermId PartsView::find_term(std::string_view term) {
  if (term.empty()) return chunk::no_term;
  const auto [found, fresh] =
      term_numbers_.try_emplace(std::string{term}, static_cast<chunk::TermId>(terms_.size()));
  if (fresh) terms_.emplace_back(term);
  return found->second;
}

std::uint32_t PartsView::document_frequency(chunk::TermId term) {
  if (term == chunk::no_term) return 0;
  if (term >= holding_.size() && !round()) return 0;
  return holding_[term];
}

float PartsView::idf(chunk::TermId term) {
  return chunk::detail::inverse_document_frequency(chunks_, document_frequency(term));
}

std::vector<chunk::ScoredChunk> PartsView::top_k(std::span<const chunk::QueryTerm> terms,
                                                 std::size_t k) {
  score_by(terms);
  wishes_.top = static_cast<std::uint32_t>(std::min(k, most_found));
  const auto looked_at = mode_ == Mode::keyword ? shown_ : k;
  wishes_.top_passages = static_cast<std::uint32_t>(std::min({k, looked_at, passages_with_top}));
  return round() ? top_ : std::vector<chunk::ScoredChunk>{};
}

void PartsView::contributions(std::span<const chunk::ChunkRef> refs,
                              std::span<const chunk::QueryTerm> terms, std::span<float> out) {
  std::fill(out.begin(), out.end(), 0.0F);
  score_by(terms);
  bool missing = false;
  for (const auto ref : refs) {
    const auto* known = mirror_.find(ref);
    if (known != nullptr && known->scoring == scoring_) continue;
    wishes_.rows.push_back(ref);
    missing = true;
  }
  if (missing && !round()) return;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    const auto& parts = mirror_.find(refs[i])->contributions;
    std::copy(parts.begin(), parts.end(),
              out.begin() + static_cast<std::ptrdiff_t>(i * terms.size()));
  }
}

std::vector<chunk::ScoredChunk> PartsView::nearest(std::size_t k) {
  if (k > nearest_asked_) {
    wishes_.nearest = static_cast<std::uint32_t>(std::min(k, most_found));
    if (!round()) return {};
  }
  if (error_) return {};
  return {nearest_.begin(),
          nearest_.begin() + static_cast<std::ptrdiff_t>(std::min(k, nearest_.size()))};
}

void PartsView::similarities(std::span<const chunk::ChunkRef> refs, std::span<float> out) {
  for (const auto ref : refs)
    if (mirror_.find(ref) == nullptr) wishes_.rows.push_back(ref);
  for (std::size_t i = 0; i < refs.size(); ++i) {
    const auto* known = row(refs[i]);
    const bool near = known != nullptr && known->has_vector;
    out[i] = near ? known->similarity : std::numeric_limits<float>::quiet_NaN();
  }
}

bool PartsView::passes(chunk::ChunkRef ref) {
  const auto* known = row(ref);
  return known != nullptr && known->passes;
}

Place PartsView::place(chunk::ChunkRef ref) {
  const auto* known = row(ref);
  return known == nullptr ? Place{} : Place{known->document, known->index};
}

chunk::ChunkView PartsView::shown(chunk::ChunkRef ref, bool whole) {
  static const chunk::LiveDocument no_document;
  static const chunk::AnalysedChunk no_chunk;
  if (!has(ref, whole)) {
    wish_passage(ref, whole);
    if (!round()) {
      chunk::ChunkView nothing;
      nothing.document = &no_document;
      nothing.chunk = &no_chunk;
      return nothing;
    }
  }
  return mirror_.find(ref)->shown->view();
}

chunk::TermId PartsView::find_name(std::uint64_t key) { return mirror_.name_of(key); }

std::uint32_t PartsView::mention_count(chunk::TermId name) {
  const auto* told = known(name, 0);
  if (told == nullptr) return 0;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(told->count, chunk::no_term));
}

bool PartsView::has_home(chunk::TermId name) {
  const auto* told = known(name, 0);
  return told != nullptr && told->has_home;
}

void PartsView::homes(chunk::TermId name, NameHomes& out) {
  const auto* told = known(name, 0);
  if (told == nullptr)
    out = {};
  else
    out = told->homes;
}

void PartsView::mentions(chunk::TermId name, std::size_t limit, std::vector<chunk::ChunkRef>& out) {
  RUNTIME_CHECK(limit > 0 && limit <= NameWish::mentions, "more mentions than a view tells");
  out.clear();
  const auto* told = known(name, static_cast<std::uint16_t>(limit));
  if (told == nullptr) return;
  out.assign(told->mentions.begin(), told->mentions.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                  limit, told->mentions.size())));
}

bool PartsView::home_has_comma(chunk::TermId name) {
  const auto* told = known(name, NameWish::comma);
  return told != nullptr && told->comma;
}

std::uint8_t PartsView::kind_at_home(chunk::ChunkRef home, chunk::TermId name) {
  const auto* told = known(name, 0);
  if (told == nullptr) return 0;
  for (std::size_t i = 0; i < told->kinds.size(); ++i)
    if (told->homes.passing[i].ref == home) return told->kinds[i];
  return 0;
}

bool PartsView::describe(chunk::TermId name, std::string& written, std::uint8_t& kind) {
  const auto* told = known(name, NameWish::description);
  if (told == nullptr || !told->described) return false;
  written = told->written;
  kind = told->kind;
  return true;
}

} // namespace graphrag::query::parts
