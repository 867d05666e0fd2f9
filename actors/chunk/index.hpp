#pragma once
// The searchable view of one collection on this node. Memory only; rebuilt from the store.
//
//   CollectionIndex ── Vocabulary terms, names   (ids shared by all shards, document frequencies)
//        │                                        so that statistics are per collection
//        └── ShardIndex 0..n-1                    postings, forward index, documents of a slot
//        range
//
// One writer per shard (its chunk actor); any number of readers, which never wait for the writer.
// Every document carries the sequence numbers at which it was born and died; a ReadView fixes one
// number per shard and sees exactly what was alive then, so a version appears and leaves whole.
// Memory of the dead is returned by compact(), which builds a fresh shard beside the old one, and
// by renew(), which does it for all shards and drops what only the dead said.
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/analysed_document.hpp"
#include "actors/chunk/filter.hpp"
#include "runtime/store/types.hpp"

namespace graphrag::chunk {

using TermId = std::uint32_t;
inline constexpr TermId no_term = 0xffffffff;

// A document version as views keep it: one object, shared by the index and the entities. What only
// the index takes, the terms of analysis.chunks and the encoders' vectors, is parted from it first
// (part_facets); of a document that comes with them still inside, the index keeps a copy without.
// A document made from what a view shows, same content_hash, may come back without terms: as a
// patch it keeps them.
struct LiveDocument {
  std::string id;
  std::uint64_t version = 0;
  std::string title, filename, mime;
  std::string metadata; // JSON object text
  std::int64_t created_ms = 0, updated_ms = 0;
  std::uint64_t bytes = 0;
  std::string content_hash;
  std::string text;           // the whole extracted text
  bool read_by_model = false; // what a model found in it was added to the analysis
  AnalysedDocument analysis;
  std::vector<std::string> chunk_ids; // one per chunk
  std::vector<float> vector;          // normalised by part_facets; empty when none
  // Of encoders: a unit vector per chunk, or zeros for a chunk without meaning.
  std::vector<std::shared_ptr<const runtime::ChunkVectors>> embeddings;
};

// What the index takes of a version and keeps in forms of its own (ChunkView::terms, vector_of).
struct DocumentFacets {
  std::vector<std::vector<TermCount>> terms; // one list per chunk, maybe empty
  std::vector<std::shared_ptr<const runtime::ChunkVectors>> embeddings;
};
std::shared_ptr<const DocumentFacets> part_facets(LiveDocument& document);

// One change of one document, in commit order. `document` is null for a removal, and when `vectors`
// come to the document that is there. A patch (title and metadata only) also arrives as a whole
// document; the old one dies as with a commit.
struct DocumentChange {
  std::string id;
  std::shared_ptr<const LiveDocument> document;
  std::shared_ptr<const runtime::ChunkVectors> vectors = nullptr;
  std::shared_ptr<const DocumentFacets> facets = nullptr; // null: they are inside the document
};

// A chunk in a shard; stable until the shard is compacted, so only valid within one ReadView.
struct ChunkRef {
  std::uint32_t shard = 0;
  std::uint32_t ord = 0;
  friend auto operator<=>(const ChunkRef&, const ChunkRef&) = default;
  std::uint64_t packed() const noexcept { return std::uint64_t{shard} << 32 | ord; }
};

struct TermTf {
  TermId term;
  std::uint32_t tf;
};

// What a reader may see of a chunk. Pointers live as long as the ReadView.
struct ChunkView {
  const LiveDocument* document = nullptr;
  const AnalysedChunk* chunk = nullptr;
  std::string_view text; // the chunk's own text
  std::string_view chunk_id;
  std::span<const TermTf> terms; // sorted by term id
  std::span<const TermId>
      names; // ids (in names()) of all mentions and inner parts, sorted, distinct
  std::uint32_t length = 0;
};

struct ScoredChunk {
  ChunkRef ref;
  float score = 0;
};

struct Bm25 {
  float k1 = 1.2F, b = 0.75F;
};

struct QueryTerm {
  TermId term = no_term;
  float weight = 1; // how often the question holds it, or a boost; 0 or less: ignored
};

struct HomeRef {
  ChunkRef ref;
  float confidence = 0;
  std::uint32_t tie = 0; // orders equal confidences, the same for any number of shards
};

// What scores need to know of a collection. One that is spread over nodes has the sums of its
// parts, so that a question finds the same wherever its documents are.
struct CollectionStatistics {
  std::uint64_t chunks = 0, tokens = 0;
  std::vector<std::uint32_t> holding; // live chunks that hold each term asked for, in order
};

class CollectionIndex;

// A fixed point of the collection. Cheap to make (a few pointers), keeps what it sees alive.
// Thread-compatible: one reader at a time.
class ReadView {
public:
  explicit ReadView(std::shared_ptr<const CollectionIndex> index);
  // A part: sees these shards, as if the others were empty.
  ReadView(std::shared_ptr<const CollectionIndex> index, std::span<const std::uint32_t> shards);
  ~ReadView();
  ReadView(ReadView&&) noexcept;
  ReadView& operator=(ReadView&&) noexcept;

  std::uint64_t applied() const noexcept; // lowest sequence number over the shards
  // Bytes that are the same for two views of one collection exactly when they see the same.
  std::string fingerprint() const;
  std::uint32_t shards() const noexcept;
  std::uint64_t chunk_count() const noexcept; // live chunks, N of the idf
  float average_length() const noexcept;

  TermId find_term(std::string_view term) const noexcept;       // no_term when never seen
  std::uint32_t document_frequency(TermId term) const noexcept; // live chunks holding it
  float idf(TermId term) const noexcept; // ln(1 + (N - df + 0.5) / (df + 0.5))

  CollectionStatistics statistics(std::span<const std::string> terms) const;
  // From now on scores go by these, of the same terms, instead of what this view sees.
  void score_by(const CollectionStatistics& whole, std::span<const std::string> terms);

  // The filter as a set of live documents; null filter = everything.
  FilterSet compile(const Filter& filter) const;

  // The exact top k by BM25, best first; ties by document id, then chunk index (so that the result
  // does not depend on the number of shards). Early termination, never approximate.
  std::vector<ScoredChunk> top_k(std::span<const QueryTerm> terms, std::size_t k,
                                 const FilterSet& filter, const Bm25& parameters = {}) const;
  // BM25 contribution of each query term to each chunk: term t of chunk i into
  // out[i * terms.size() + t]. Cheaper for many chunks at once.
  void contributions(std::span<const ChunkRef> refs, std::span<const QueryTerm> terms,
                     std::span<float> out, const Bm25& parameters = {}) const;
  // Chunks nearest by cosine to `vector` (any length; normalised here), exact. Only vectors of the
  // same model and dimension are compared; "" are those that clients brought, one per document, as
  // its first chunk. Ties as in top_k.
  std::vector<ScoredChunk> nearest(std::string_view model, std::span<const float> vector,
                                   std::size_t k, const FilterSet& filter) const;
  // The vector that an encoder made of a chunk; empty when it has not yet.
  std::span<const float> vector_of(ChunkRef ref, std::string_view model) const noexcept;

  bool visible(ChunkRef ref) const noexcept;
  bool passes(ChunkRef ref, const FilterSet& filter) const noexcept;
  ChunkView chunk(ChunkRef ref) const noexcept; // of a visible ref
  // The live document with this id, if any and if it has chunks: the first one, and how many more
  // follow it (0 for a document of one chunk) at ref.ord + 1, ...
  std::optional<std::pair<ChunkRef, std::uint32_t>> find_document(std::string_view id) const;

  // Names. `key` is Mention::key. Homes and mentions are of live chunks only.
  TermId find_name(std::uint64_t key) const noexcept;
  std::uint64_t name_key(TermId name) const noexcept;
  std::uint32_t mention_count(TermId name) const noexcept;  // live chunks that mention it
  void homes(TermId name, std::vector<HomeRef>& out) const; // best confidence first
  bool has_home(TermId name) const noexcept; // cheap; may be true just after a removal
  // At most `limit` live chunks that mention the name, in shard and apply order.
  void mentions(TermId name, std::size_t limit, std::vector<ChunkRef>& out) const;
  // Every live chunk, in shard and apply order, until `each` returns false.
  void for_each_chunk(const std::function<bool(ChunkRef)>& each) const;

private:
  struct State;
  class Search;
  std::unique_ptr<State> state_;
};

struct IndexStats {
  std::uint64_t documents = 0, chunks = 0, dead_chunks = 0, terms = 0, names = 0, bytes = 0,
                vectors = 0;
};

class CollectionIndex : public std::enable_shared_from_this<CollectionIndex> {
public:
  static std::shared_ptr<CollectionIndex> make(std::string name, std::uint32_t shards);
  ~CollectionIndex();

  const std::string& name() const noexcept;
  std::uint32_t shards() const noexcept;
  // Which shard a document id belongs to (runtime::slot_of, runtime::shard_of).
  std::uint32_t shard_of(std::string_view document_id) const noexcept;

  // Applies the changes of one commit to one shard and makes them visible at once at `seq`.
  // seq grows (batches of one snapshot may share one, as long as no id comes twice); an empty span
  // only moves the number. Called by that shard's one writer.
  void apply(std::uint32_t shard, std::uint64_t seq, std::span<const DocumentChange> changes);
  std::uint64_t applied(std::uint32_t shard) const noexcept;
  // Rebuilds the shard without its dead when they are at least `dead_ratio` of it (and 100).
  // By the shard's writer; readers go on with the old one. Returns whether it did. Terms and names
  // keep their ids, also those that only the dead held.
  bool compact(std::uint32_t shard, double dead_ratio = 0.5);
  // Numbers terms and names anew, without those that only the dead held, when these are half of
  // them, and all together at least `least` and one for four living chunks. Rebuilds all shards:
  // their writers wait, readers go on with the old ones, so that for a while there are two. By any
  // writer; costs nothing until the vocabulary has grown or a shard was compacted since the last
  // time. Returns whether it did.
  bool renew(std::uint64_t least = 4'096);

  ReadView view() const { return ReadView{shared_from_this()}; }
  IndexStats stats() const;

private:
  friend class ReadView;
  struct State;
  explicit CollectionIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace graphrag::chunk
