#include "actors/query/parts/part_session.hpp"

#include <algorithm>
#include <cmath>

#include "actors/query/plan.hpp"

namespace graphrag::query::parts {

using runtime::Errc;
using runtime::fail;

runtime::Result<std::unique_ptr<PartSession>>
PartSession::open(std::shared_ptr<const chunk::CollectionIndex> index, const Opening& opening) {
  auto shards = opening.shards;
  std::sort(shards.begin(), shards.end());
  const bool twice = std::adjacent_find(shards.begin(), shards.end()) != shards.end();
  if (twice || (!shards.empty() && shards.back() >= index->shards()))
    return fail(Errc::invalid_argument, "the collection has no such shards here");
  auto filter = read_filter(opening.filter);
  if (!filter) return tl::unexpected(filter.error());
  return std::unique_ptr<PartSession>{
      new PartSession{std::move(index), opening, std::move(*filter)}};
}

PartSession::PartSession(std::shared_ptr<const chunk::CollectionIndex> index,
                         const Opening& opening, chunk::Filter filter)
    : view_(std::move(index), opening.shards) {
  question_.filter = std::move(filter);
  question_.vector = opening.vector;
  question_.vector_model = opening.model;
  local_.begin(question_, 0);
  const auto own = view_.statistics({});
  chunks_ = own.chunks;
  tokens_ = own.tokens;
}

runtime::Result<Response> PartSession::answer(const Request& request) {
  out_ = {};
  rows_.clear();
  passages_.clear();
  if (terms_.size() + request.terms.size() > most_terms)
    return fail(Errc::invalid_argument, "too many words");
  out_.holding = view_.statistics(request.terms).holding;
  terms_.insert(terms_.end(), request.terms.begin(), request.terms.end());
  if (request.scoring)
    if (auto scored = score_by(*request.scoring); !scored) return tl::unexpected(scored.error());
  if (!known(request.rows) || !known(request.passages))
    return fail(Errc::invalid_argument, "no such chunk in this session");
  out_.applied = view_.applied();
  out_.chunks = chunks_;
  out_.tokens = tokens_;
  out_.nearest = found(local_.nearest(request.nearest));
  const auto top = local_.top_k(asked_, request.top);
  out_.top = found(top);
  bool fits = true;
  for (std::size_t i = 0; i < std::min<std::size_t>(top.size(), request.top_passages); ++i)
    fits = fits && add_passage(top[i].ref, request.whole_passages);
  for (std::uint32_t i = 0; i < request.names.size(); ++i)
    tell_name(i, request.names[i], request.wishes[i]);
  for (std::size_t i = 0; i < request.rows.size(); ++i) row_of(request.rows[i]);
  for (std::size_t i = 0; i < request.passages.size(); ++i)
    fits = fits && add_passage(request.passages[i], request.whole[i] != 0);
  if (!fits) return fail(Errc::invalid_argument, "too many passages");
  fill_rows();
  return std::move(out_);
}

runtime::Status PartSession::score_by(const Scoring& scoring) {
  const auto known_term = [&](auto number) { return number < terms_.size(); };
  const bool fits = scoring.holding.size() == terms_.size() && scoring.terms.size() <= max_terms &&
                    std::all_of(scoring.terms.begin(), scoring.terms.end(), known_term);
  if (!fits) return fail(Errc::invalid_argument, "statistics of other words");
  view_.score_by({scoring.chunks, scoring.tokens, scoring.holding}, terms_);
  asked_.clear();
  for (std::size_t i = 0; i < scoring.terms.size(); ++i)
    asked_.push_back({view_.find_term(terms_[scoring.terms[i]]), scoring.weights[i]});
  return {};
}

bool PartSession::known(const Refs& refs) const {
  for (std::size_t i = 0; i < refs.size(); ++i)
    if (!view_.visible(refs[i])) return false;
  return true;
}

std::uint32_t PartSession::row_of(chunk::ChunkRef ref) {
  const auto next = static_cast<std::uint32_t>(out_.rows.size());
  const auto [row, fresh] = rows_.try_emplace(ref.packed(), next);
  if (fresh) out_.rows.refs.add(ref);
  return row->second;
}

Found PartSession::found(const std::vector<chunk::ScoredChunk>& chunks) {
  Found out;
  for (const auto& chunk : chunks) {
    out.rows.push_back(row_of(chunk.ref));
    out.scores.push_back(chunk.score);
  }
  return out;
}

void PartSession::tell_name(std::uint32_t asked, std::uint64_t key, std::uint16_t wish) {
  auto& names = out_.names;
  const auto name = view_.find_name(key);
  if (name == chunk::no_term) return;
  const auto count = view_.mention_count(name);
  const bool at_home = view_.has_home(name);
  if (count == 0 && !at_home) return;
  names.asked.push_back(asked);
  names.counts.push_back(count);
  names.flags.push_back(at_home ? NameFlag::has_home : 0);
  tell_homes(name, names);
  if ((wish & NameWish::comma) != 0 && local_.home_has_comma(name))
    names.flags.back() |= NameFlag::comma;
  const std::size_t limit = wish & NameWish::mentions;
  mentions_.clear();
  if (limit > 0 && count <= limit) view_.mentions(name, limit, mentions_);
  names.mentions.push_back(static_cast<std::uint32_t>(mentions_.size()));
  for (const auto ref : mentions_) {
    names.mention_rows.push_back(row_of(ref));
    // Those that are left out for their number are asked for by themselves.
    if ((wish & NameWish::passages) != 0 && local_.passes(ref)) add_passage(ref, false);
  }
  auto& written = names.written.emplace_back();
  auto& kind = names.kinds.emplace_back(std::uint8_t{0});
  auto& first = names.first_mention.emplace_back(0);
  if ((wish & NameWish::description) == 0) return;
  view_.mentions(name, 1, mentions_);
  if (!mentions_.empty()) first = row_of(mentions_.front()) + 1;
  if (local_.describe(name, written, kind)) names.flags.back() |= NameFlag::described;
}

void PartSession::tell_homes(chunk::TermId name, Names& names) {
  local_.homes(name, homes_);
  const auto levels = names.level_homes.size();
  for (const auto& home : local_.all_homes()) {
    if (home.confidence < weights::same_confidence * homes_.best) break;
    if (names.level_homes.size() > levels && names.level_confidence.back() == home.confidence) {
      ++names.level_homes.back();
    } else {
      names.level_confidence.push_back(home.confidence);
      names.level_homes.push_back(1);
    }
  }
  names.levels.push_back(static_cast<std::uint32_t>(names.level_homes.size() - levels));
  names.homes.push_back(static_cast<std::uint32_t>(homes_.passing.size()));
  for (const auto& home : homes_.passing) {
    names.home_rows.push_back(row_of(home.ref));
    names.home_confidence.push_back(home.confidence);
    names.home_tie.push_back(home.tie);
    names.home_kind.push_back(local_.kind_at_home(home.ref, name));
  }
}

bool PartSession::add_passage(chunk::ChunkRef ref, bool whole) {
  const auto row = row_of(ref);
  const auto seen = view_.chunk(ref);
  if (const auto known = passages_.find(row); known != passages_.end()) {
    auto& passage = out_.passages[known->second];
    if (whole && !passage.whole) passage.metadata = seen.document->metadata;
    passage.whole |= whole;
    return true;
  }
  if (passages_.size() == most_passages) return false;
  passages_.emplace(row, out_.passages.size());
  auto& passage = out_.passages.emplace_back();
  passage.row = row;
  passage.page = seen.chunk->page;
  passage.start = seen.chunk->start;
  passage.end = seen.chunk->end;
  passage.whole = whole;
  passage.title = seen.document->title;
  passage.section = seen.chunk->section;
  passage.chunk_id = seen.chunk_id;
  passage.text = seen.text;
  if (whole) passage.metadata = seen.document->metadata;
  for (const auto& sentence : seen.chunk->sentences)
    passage.sentences.insert(passage.sentences.end(), {sentence.start, sentence.end});
  for (const auto& mention : seen.chunk->mentions) {
    passage.mention_keys.push_back(mention.key);
    passage.mention_spans.insert(passage.mention_spans.end(),
                                 {mention.span.start, mention.span.end});
    passage.mention_kinds.push_back(mention.kind | (mention.normal.empty() ? inner_name : 0));
  }
  for (const auto& home : seen.chunk->homes) passage.home_keys.push_back(home.key);
  return true;
}

void PartSession::fill_rows() {
  auto& rows = out_.rows;
  std::vector<chunk::ChunkRef> refs;
  for (std::size_t i = 0; i < rows.size(); ++i) refs.push_back(rows.refs[i]);
  rows.similarity.assign(refs.size(), 0);
  local_.similarities(refs, rows.similarity);
  for (std::size_t i = 0; i < refs.size(); ++i) {
    const auto place = local_.place(refs[i]);
    rows.documents.emplace_back(place.document);
    rows.index.push_back(place.index);
    const bool near = !std::isnan(rows.similarity[i]);
    if (!near) rows.similarity[i] = 0;
    rows.flags.push_back(static_cast<std::uint8_t>((local_.passes(refs[i]) ? RowFlag::passes : 0) |
                                                   (near ? RowFlag::has_vector : 0)));
  }
  rows.width = static_cast<std::uint32_t>(asked_.size());
  rows.contributions.resize(refs.size() * asked_.size());
  view_.contributions(refs, asked_, rows.contributions);
}

} // namespace graphrag::query::parts
