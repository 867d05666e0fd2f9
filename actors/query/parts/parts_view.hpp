#pragma once
// A collection whose shards lie at several places, as one. A question on it finds exactly what it
// would find where everything is, bit by bit, in a few rounds in which all parts are asked at once:
// the words and names of the question; the best by words, scored by the statistics of the whole,
// with the homes of the names; where these lead; the passages to show.
//
// Blocks its thread for as long as the parts take. What the parts see is fixed at the first round.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/query/parts/mirror.hpp"
#include "actors/query/parts/part_port.hpp"
#include "actors/query/query.hpp"
#include "actors/query/view.hpp"
#include "runtime/clock.hpp"

namespace graphrag::query::parts {

struct Part {
  std::string name;                  // for errors
  std::vector<std::uint32_t> shards; // each shard in one part only
};

struct Spread {
  std::string collection;
  std::uint64_t after = 0; // sequence number that the question wants to see
  std::vector<Part> parts;
};

class PartsView final : public View {
public:
  // Port and clock must outlive it. Nothing is sent before begin(), which sends the first round.
  PartsView(PartPort& port, const runtime::Clock& clock, Spread spread,
            runtime::SteadyTime deadline);
  ~PartsView() override; // releases the sessions at the parts
  PartsView(const PartsView&) = delete;
  PartsView& operator=(const PartsView&) = delete;

  // Names the part that failed, refused, was late or answered nonsense.
  const runtime::Error* broken() const noexcept override { return error_ ? &*error_ : nullptr; }
  std::optional<std::size_t> broken_part() const noexcept { return broken_part_; }
  // The lowest sequence number that a part sees; below Spread::after when one is behind.
  std::uint64_t applied() const noexcept { return applied_; }
  std::size_t rounds() const noexcept { return rounds_; }

  void begin(const Question& question, std::size_t nearest) override;
  void planned(const Plan& plan) override;
  void links_ahead(std::span<const chunk::ChunkRef> named,
                   std::span<const chunk::ChunkRef> others) override;
  void passages_ahead(std::span<const chunk::ChunkRef> refs) override;
  std::uint64_t chunk_count() override { return chunks_; }
  chunk::TermId find_term(std::string_view term) override;
  std::uint32_t document_frequency(chunk::TermId term) override;
  float idf(chunk::TermId term) override;
  std::vector<chunk::ScoredChunk> top_k(std::span<const chunk::QueryTerm> terms,
                                        std::size_t k) override;
  void contributions(std::span<const chunk::ChunkRef> refs, std::span<const chunk::QueryTerm> terms,
                     std::span<float> out) override;
  std::vector<chunk::ScoredChunk> nearest(std::size_t k) override;
  void similarities(std::span<const chunk::ChunkRef> refs, std::span<float> out) override;
  bool passes(chunk::ChunkRef ref) override;
  Place place(chunk::ChunkRef ref) override;
  chunk::ChunkView chunk(chunk::ChunkRef ref) override { return shown(ref, false); }
  chunk::ChunkView whole(chunk::ChunkRef ref) override { return shown(ref, true); }
  chunk::TermId find_name(std::uint64_t key) override;
  std::uint64_t name_key(chunk::TermId name) override { return mirror_.name(name).key; }
  std::uint32_t mention_count(chunk::TermId name) override;
  bool has_home(chunk::TermId name) override;
  void homes(chunk::TermId name, NameHomes& out) override;
  void mentions(chunk::TermId name, std::size_t limit, std::vector<chunk::ChunkRef>& out) override;
  bool home_has_comma(chunk::TermId name) override;
  std::uint8_t kind_at_home(chunk::ChunkRef home, chunk::TermId name) override;
  bool describe(chunk::TermId name, std::string& written, std::uint8_t& kind) override;

private:
  // What the next round will ask for.
  struct Wishes {
    std::vector<chunk::ChunkRef> rows;
    std::vector<std::pair<chunk::ChunkRef, bool>> passages; // true: whole
    std::vector<std::uint64_t> names;
    std::vector<std::uint16_t> name_wishes;
    std::uint32_t top = 0, top_passages = 0, nearest = 0;
  };

  void wish_row(chunk::ChunkRef ref);
  void wish_passage(chunk::ChunkRef ref, bool whole);
  void wish_name(chunk::TermId name, std::uint16_t wish);
  bool has(chunk::ChunkRef ref, bool whole);
  const KnownName* known(chunk::TermId name, std::uint16_t wish);
  Row* row(chunk::ChunkRef ref);
  chunk::ChunkView shown(chunk::ChunkRef ref, bool whole);
  void score_by(std::span<const chunk::QueryTerm> terms);

  // Asks for everything that is wished; false when the view is broken, then or before.
  bool round();
  bool exchange(bool words_only);
  std::vector<Request> requests(bool words_only);
  bool take(const std::vector<Request>& requests,
            const std::vector<std::optional<Response>>& responses);
  void take_words(const std::vector<Request>& requests,
                  const std::vector<std::optional<Response>>& responses);
  bool fits(std::size_t part, const Request& request, const Response& response) const;
  bool complete(const Request& request);
  std::vector<chunk::ScoredChunk> merged(const std::vector<std::optional<Response>>& responses,
                                         Found Response::*list, std::size_t k) const;
  bool fail(std::size_t part, const runtime::Error& error);

  PartPort& port_;
  const runtime::Clock& clock_;
  const Spread spread_;
  const runtime::SteadyTime deadline_;
  std::unordered_map<std::uint32_t, std::size_t> part_of_; // shard -> part
  std::uint64_t session_ = 0;                              // the same at all parts
  std::size_t rounds_ = 0;
  std::optional<runtime::Error> error_;
  std::optional<std::size_t> broken_part_;

  // Of the question.
  Opening opening_; // but for the shards
  Mode mode_ = Mode::hybrid;
  std::size_t shown_ = 0; // hits that will be shown at least
  std::uint64_t chunks_ = 0, tokens_ = 0, applied_ = 0;
  std::vector<std::string> terms_;
  std::vector<std::uint32_t> holding_; // of those that have been told
  std::unordered_map<std::string, chunk::TermId> term_numbers_;
  std::vector<chunk::QueryTerm> scored_terms_;
  std::uint32_t scoring_ = 0; // counts score_by(): which terms contributions are of
  bool scoring_told_ = true;

  Wishes wishes_;
  Mirror mirror_;
  std::vector<chunk::ScoredChunk> top_, nearest_;
  std::uint32_t nearest_asked_ = 0;
};

} // namespace graphrag::query::parts
