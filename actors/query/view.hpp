#pragma once
// What a question asks of a collection: in memory on this node (LocalView), or spread over several
// (parts/parts_view.hpp). One question per view, one thread at a time.
//
// Some calls are hints: they say ahead what will be asked for. They change no answer. A view whose
// documents are elsewhere gets what was hinted in as few round trips as it can, and whatever was
// not hinted when it is asked for.
//
// A view that fails is broken(): from then on it answers as if nothing were there, and the result
// of the question is worthless.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/index.hpp"
#include "runtime/error.hpp"

namespace graphrag::query {

struct Plan;
struct Question;

// The homes of a name, as far as ranking looks at them.
struct NameHomes {
  float best = 0;           // confidence of the surest, whether it passes the filter or not
  std::uint32_t rivals = 0; // homes about as sure as that one (weights::same_confidence); 0: none
  // Those that pass the filter, best first: the first one, and up to homes_looked_at in all of
  // those that are close to the surest (weights::close_confidence). Maybe some that are not close.
  std::vector<chunk::HomeRef> passing;
};
inline constexpr std::size_t homes_looked_at = 4; // homes_per_name, and where a link comes from

// Where a chunk stands: orders chunks of equal score, and says which are of one document.
struct Place {
  std::string_view document;
  std::uint32_t index = 0;
};

class View {
public:
  virtual ~View() = default;

  // Before anything else. From now on passing means the question's filter, and nearness is to its
  // vector, of which the nearest `nearest` will be asked for. The question must outlive the search.
  virtual void begin(const Question& question, std::size_t nearest) = 0;
  virtual const runtime::Error* broken() const noexcept { return nullptr; }

  // Hints.
  virtual void planned(const Plan&) {} // the question's names and words are these
  // Where links will be followed from: home passages of the question's names, and others.
  virtual void links_ahead(std::span<const chunk::ChunkRef>, std::span<const chunk::ChunkRef>) {}
  virtual void passages_ahead(std::span<const chunk::ChunkRef>) {} // will be shown whole

  virtual std::uint64_t chunk_count() = 0;

  // Words. Ids are of this view; those of two words in one view differ.
  virtual chunk::TermId find_term(std::string_view term) = 0; // maybe no_term when nothing holds it
  virtual std::uint32_t document_frequency(chunk::TermId term) = 0;
  virtual float idf(chunk::TermId term) = 0;

  // As the calls of chunk::ReadView by these names, of chunks that pass.
  virtual std::vector<chunk::ScoredChunk> top_k(std::span<const chunk::QueryTerm> terms,
                                                std::size_t k) = 0;
  virtual void contributions(std::span<const chunk::ChunkRef> refs,
                             std::span<const chunk::QueryTerm> terms, std::span<float> out) = 0;
  virtual std::vector<chunk::ScoredChunk> nearest(std::size_t k) = 0;
  // How near each chunk's own vector is to the question's; not a number for chunks without one.
  virtual void similarities(std::span<const chunk::ChunkRef> refs, std::span<float> out) = 0;

  virtual bool passes(chunk::ChunkRef ref) = 0;
  virtual Place place(chunk::ChunkRef ref) = 0;
  // What a passage says and mentions. Of its homes only the keys are promised (kind_at_home() and
  // describe() tell the rest), of its document id and title. Lives as long as the view.
  virtual chunk::ChunkView chunk(chunk::ChunkRef ref) = 0;
  virtual chunk::ChunkView whole(chunk::ChunkRef ref) = 0; // with the document's metadata

  // Names. Ids are of this view.
  virtual chunk::TermId find_name(std::uint64_t key) = 0; // maybe no_term when nothing mentions it
  virtual std::uint64_t name_key(chunk::TermId name) = 0;
  virtual std::uint32_t mention_count(chunk::TermId name) = 0;
  virtual bool has_home(chunk::TermId name) = 0; // may be true just after a removal
  virtual void homes(chunk::TermId name, NameHomes& out) = 0;
  // The live chunks that mention a name of at most `limit` (1..63) such, in shard and apply order.
  virtual void mentions(chunk::TermId name, std::size_t limit,
                        std::vector<chunk::ChunkRef>& out) = 0;
  // Whether any home, whether it passes or not, writes the name with a comma or colon within.
  virtual bool home_has_comma(chunk::TermId name) = 0;
  // entity::Kind that this home says the name has; 0 when it says none.
  virtual std::uint8_t kind_at_home(chunk::ChunkRef home, chunk::TermId name) = 0;
  // How the first home that passes writes the name, or if there is none the first passage that
  // mentions it, if that passes. False: neither.
  virtual bool describe(chunk::TermId name, std::string& written, std::uint8_t& kind) = 0;
};

} // namespace graphrag::query
