// The rounds of a PartsView: what is wished for goes out to all parts, what they say comes in.
#include <algorithm>

#include "actors/query/parts/parts_view.hpp"

namespace graphrag::query::parts {

using runtime::Errc;
using runtime::Error;

namespace {

bool idle(const Request& request) {
  return !request.opens && request.terms.empty() && !request.scoring && request.top == 0 &&
         request.nearest == 0 && request.names.empty() && request.rows.size() == 0 &&
         request.passages.size() == 0;
}

} // namespace

void PartsView::wish_row(chunk::ChunkRef ref) {
  const auto* known = mirror_.find(ref);
  if (known == nullptr || known->scoring != scoring_) wishes_.rows.push_back(ref);
}

void PartsView::wish_passage(chunk::ChunkRef ref, bool whole) {
  if (!has(ref, whole)) wishes_.passages.emplace_back(ref, whole);
}

void PartsView::wish_name(chunk::TermId name, std::uint16_t wish) {
  wishes_.names.push_back(mirror_.name(name).key);
  wishes_.name_wishes.push_back(wish);
}

bool PartsView::has(chunk::ChunkRef ref, bool whole) {
  const auto* known = mirror_.find(ref);
  return known != nullptr && known->shown && (!whole || known->shown->whole);
}

const KnownName* PartsView::known(chunk::TermId name, std::uint16_t wish) {
  if (name == chunk::no_term) return nullptr;
  constexpr std::uint16_t told_or_not = NameWish::description | NameWish::comma;
  const auto enough = [&] {
    const auto& told = mirror_.name(name);
    return told.known && (told.wish & NameWish::mentions) >= (wish & NameWish::mentions) &&
           (wish & told_or_not & ~told.wish) == 0;
  };
  if (enough()) return &mirror_.name(name);
  wish_name(name, wish);
  // Others that passages have shown since will be asked for next.
  for (chunk::TermId other = 0; other < mirror_.names(); ++other)
    if (other != name && !mirror_.name(other).known && wishes_.names.size() < most_names)
      wish_name(other, 0);
  return round() ? &mirror_.name(name) : nullptr;
}

Row* PartsView::row(chunk::ChunkRef ref) {
  if (auto* known = mirror_.find(ref)) return known;
  wish_row(ref);
  return round() ? mirror_.find(ref) : nullptr;
}

void PartsView::score_by(std::span<const chunk::QueryTerm> terms) {
  const auto same = [](const chunk::QueryTerm& a, const chunk::QueryTerm& b) {
    return a.term == b.term && a.weight == b.weight;
  };
  if (scoring_ > 0 &&
      std::equal(terms.begin(), terms.end(), scored_terms_.begin(), scored_terms_.end(), same))
    return;
  scored_terms_.assign(terms.begin(), terms.end());
  ++scoring_;
  scoring_told_ = false;
}

bool PartsView::round() {
  // Words are scored by how many of all chunks hold them, which must be known first.
  const bool unknown_words = terms_.size() > holding_.size();
  if (unknown_words && !scoring_told_ && !exchange(true)) return false;
  return exchange(false);
}

bool PartsView::exchange(bool words_only) {
  if (error_) return false;
  ++rounds_;
  const auto asked = requests(words_only);
  std::vector<std::string> messages(asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i)
    if (!idle(asked[i])) messages[i] = pack(asked[i]);
  auto answers = port_.ask(messages, deadline_);
  answers.resize(asked.size(), runtime::fail(Errc::lost, "no answer"));
  std::vector<std::optional<Response>> responses(asked.size());
  std::optional<std::pair<std::size_t, Error>> wrong;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (messages[i].empty()) {
      responses[i].emplace(); // says nothing
      continue;
    }
    auto response =
        answers[i].and_then([](const std::string& bytes) { return unpack_response(bytes); });
    if (response && !fits(i, asked[i], *response))
      response = runtime::fail(Errc::corrupt, "an answer to another question");
    if (!response) {
      if (!wrong) wrong.emplace(i, response.error());
      continue;
    }
    responses[i] = std::move(*response);
  }
  if (wrong) return fail(wrong->first, wrong->second);
  if (!words_only && !scoring_told_) scoring_told_ = true;
  if (!take(asked, responses)) return false;
  if (!words_only) wishes_ = {};
  return true;
}

std::vector<Request> PartsView::requests(bool words_only) {
  using std::chrono::duration_cast, std::chrono::milliseconds;
  const auto left = duration_cast<milliseconds>(deadline_ - clock_.now()).count();
  opening_.left_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0));
  std::vector<Request> out(spread_.parts.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto& request = out[i];
    request.session = session_;
    request.opens = rounds_ == 1;
    if (request.opens) {
      request.opening = opening_;
      request.opening.shards = spread_.parts[i].shards;
    }
    request.terms.assign(terms_.begin() + static_cast<std::ptrdiff_t>(holding_.size()),
                         terms_.end());
    if (words_only) continue;
    if (!scoring_told_) {
      auto& scoring = request.scoring.emplace(Scoring{chunks_, tokens_, holding_, {}, {}});
      for (const auto& term : scored_terms_) {
        scoring.terms.push_back(term.term);
        scoring.weights.push_back(term.weight);
      }
    }
    request.top = wishes_.top;
    request.top_passages = wishes_.top_passages;
    request.whole_passages = mode_ == Mode::keyword;
    request.nearest = wishes_.nearest;
    request.names = wishes_.names;
    request.wishes = wishes_.name_wishes;
  }
  if (words_only) return out;
  // Whoever asks for a chunk has it from a part, so its shard is known.
  for (const auto ref : wishes_.rows) out[part_of_.at(ref.shard)].rows.add(ref);
  for (const auto& [ref, whole] : wishes_.passages) {
    auto& request = out[part_of_.at(ref.shard)];
    request.passages.add(ref);
    request.whole.push_back(whole ? 1 : 0);
  }
  return out;
}

bool PartsView::fits(std::size_t part, const Request& request, const Response& response) const {
  const auto width = scoring_told_ || request.scoring ? scored_terms_.size() : 0;
  const auto& asked = response.names.asked;
  const bool lists = response.holding.size() == request.terms.size() &&
                     (response.rows.size() == 0 || response.rows.width == width) &&
                     response.top.rows.size() <= request.top &&
                     response.nearest.rows.size() <= request.nearest &&
                     (asked.empty() || asked.back() < request.names.size());
  const auto& shards = response.rows.refs.shard;
  return response.session == session_ && lists &&
         std::all_of(shards.begin(), shards.end(), [&](auto shard) {
           const auto owner = part_of_.find(shard);
           return owner != part_of_.end() && owner->second == part;
         });
}

bool PartsView::take(const std::vector<Request>& requests,
                     const std::vector<std::optional<Response>>& responses) {
  const Error nonsense{Errc::corrupt, "an answer that lacks what was asked for, or has it twice"};
  take_words(requests, responses);
  std::vector<const Response*> said;
  for (std::size_t i = 0; i < responses.size(); ++i) {
    if (!mirror_.take(*responses[i], scoring_) || !complete(requests[i]) ||
        (chunks_ == 0 && responses[i]->rows.size() > 0))
      return fail(i, nonsense);
    said.push_back(&*responses[i]);
  }
  if (requests.empty()) return true;
  const auto& asked = requests.front(); // names, top and nearest are asked of all alike
  mirror_.take_names(asked, said);
  if (asked.top > 0) top_ = merged(responses, &Response::top, asked.top);
  if (asked.nearest > 0) {
    nearest_ = merged(responses, &Response::nearest, asked.nearest);
    nearest_asked_ = asked.nearest;
  }
  return true;
}

void PartsView::take_words(const std::vector<Request>& requests,
                           const std::vector<std::optional<Response>>& responses) {
  const auto first = holding_.size();
  std::vector<std::uint64_t> sums(terms_.size() - first);
  for (std::size_t i = 0; i < responses.size(); ++i) {
    for (std::size_t t = 0; t < sums.size(); ++t) sums[t] += responses[i]->holding[t];
    if (!requests[i].opens) continue;
    chunks_ += responses[i]->chunks;
    tokens_ += responses[i]->tokens;
    applied_ = i == 0 ? responses[i]->applied : std::min(applied_, responses[i]->applied);
  }
  for (const auto sum : sums)
    holding_.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, chunk::no_term)));
}

bool PartsView::complete(const Request& request) {
  for (std::size_t i = 0; i < request.rows.size(); ++i) {
    const auto* known = mirror_.find(request.rows[i]);
    if (known == nullptr || known->scoring != scoring_) return false;
  }
  for (std::size_t i = 0; i < request.passages.size(); ++i)
    if (!has(request.passages[i], request.whole[i] != 0)) return false;
  return true;
}

std::vector<chunk::ScoredChunk>
PartsView::merged(const std::vector<std::optional<Response>>& responses, Found Response::*list,
                  std::size_t k) const {
  std::vector<chunk::ScoredChunk> all;
  for (const auto& response : responses) {
    const auto& found = (*response).*list;
    for (std::size_t i = 0; i < found.rows.size(); ++i)
      all.push_back({response->rows.refs[found.rows[i]], found.scores[i]});
  }
  std::sort(all.begin(), all.end(),
            [&](const auto& a, const auto& b) { return mirror_.before(a, b); });
  if (all.size() > k) all.resize(k);
  return all;
}

bool PartsView::fail(std::size_t part, const Error& error) {
  error_ = Error{error.code, "part " + spread_.parts[part].name + ": " + error.detail};
  broken_part_ = part;
  return false;
}

} // namespace graphrag::query::parts
