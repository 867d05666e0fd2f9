#pragma once
// The postings, forward index and documents of one slot range.
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/chunk/index/metadata_index.hpp"
#include "actors/chunk/index/postings.hpp"
#include "actors/chunk/index/vector_store.hpp"
#include "actors/chunk/index/vocabulary.hpp"

namespace graphrag::chunk::detail {

// What all shards of a collection share: ids, and statistics of the living.
struct Shared {
  TextVocabulary terms;
  NameVocabulary names;
  std::atomic<std::uint64_t> chunks{0}, tokens{0};

  std::uint64_t living() const noexcept; // terms and names that something alive holds; looks at all
};

struct DocumentEntry {
  const LiveDocument* document;
  std::uint64_t born;
  std::uint32_t first_chunk, chunk_count;
  std::uint32_t previous; // ord of the version before with the same id, or no_id
};

struct ChunkEntry {    // the forward index, a cache line each
  const TermTf* terms; // sorted by term
  const TermId* names; // sorted, distinct
  std::uint32_t term_count, name_count;
  std::uint32_t index; // within the document
  // A bit per term, hashed: most terms that the chunk does not hold are known from here.
  std::array<std::uint32_t, 8> signature;

  std::uint32_t tf(TermId term) const noexcept; // 0 when absent
  bool may_hold(TermId term) const noexcept {
    const auto bit = bit_of(term);
    return (signature[bit / 32] >> bit % 32 & 1) != 0;
  }
  void sign(TermId term) noexcept {
    const auto bit = bit_of(term);
    signature[bit / 32] |= std::uint32_t{1} << bit % 32;
  }
  static std::uint32_t bit_of(TermId term) noexcept { return term * 0x9e3779b1U >> 24; }
  void prefetch_terms() const noexcept {
    const auto* line = reinterpret_cast<const char*>(terms);
    const auto* end = reinterpret_cast<const char*>(terms + term_count);
    for (; line < end; line += 64) __builtin_prefetch(line);
  }
};

static_assert(sizeof(ChunkEntry) == 64);

class Shard;

// What one reader sees of a shard: chunks and documents below these numbers, born at or before
// `seq` (which the numbers imply) and not dead by then.
struct Snapshot {
  const Shard* shard = nullptr;
  std::uint64_t seq = 0;
  std::uint32_t documents = 0, chunks = 0;
};

// One writer calls insert, remove, publish; any number of readers take snapshots. The writer only
// appends, except for the number at which a document died, which older snapshots ignore. So
// readers need no lock, and nothing is freed before the shard is. What was inserted after the last
// publish() is invisible, and stays so until the next one.
class Shard {
public:
  explicit Shard(Shared& shared) : shared_(shared) {}

  // A new version; the one with the same id, if alive, dies at the same number.
  void insert(std::shared_ptr<const LiveDocument> document,
              std::shared_ptr<const DocumentFacets> facets, std::uint64_t seq);
  void remove(std::string_view id, std::uint64_t seq);
  // Gives the living document the vectors of one encoder. Nothing when it has them already, when
  // there is no such document, or when they are not one per chunk.
  void attach(std::string_view id, std::shared_ptr<const runtime::ChunkVectors> vectors,
              std::uint64_t seq);
  void publish(std::uint64_t seq) noexcept;

  // A fresh shard with what is alive, as the same documents at the same number. Under the ids that
  // this one has, whose statistics stay as they are; or under those of another vocabulary, which
  // counts the living as they come.
  std::shared_ptr<Shard> living(Shared& under) const;

  std::uint64_t applied() const noexcept { return applied_.load(std::memory_order_acquire); }
  Snapshot snapshot() const noexcept;
  bool visible(std::uint32_t document, std::uint64_t seq) const noexcept {
    auto died = died_[document].load(std::memory_order_acquire);
    return died == alive || died > seq + 1;
  }
  // The version of this id that the snapshot sees, or no_id.
  std::uint32_t find(std::string_view id, const Snapshot& snapshot) const noexcept;

  const DocumentEntry& document(std::uint32_t ord) const noexcept { return documents_[ord]; }
  const ChunkEntry& chunk(std::uint32_t ord) const noexcept { return chunks_[ord]; }
  std::uint32_t document_of(std::uint32_t chunk) const noexcept { return chunk_documents_[chunk]; }
  std::uint32_t length_of(std::uint32_t chunk) const noexcept { return lengths_[chunk]; }
  const PostingList* postings(TermId term) const noexcept {
    return list(term_lists_, postings_, term);
  }
  const NameLists* name(TermId name) const noexcept { return list(name_lists_, names_, name); }
  const MetadataIndex& metadata() const noexcept { return metadata_; }
  const VectorStore& vectors() const noexcept { return vectors_; }
  std::span<const float> vector_of(std::uint32_t chunk, std::string_view model,
                                   std::uint64_t seq) const noexcept;

  std::uint64_t bytes() const noexcept;
  std::uint64_t dead_chunks() const noexcept {
    return dead_chunks_.load(std::memory_order_relaxed);
  }
  std::uint64_t live_documents() const noexcept {
    return live_documents_.load(std::memory_order_relaxed);
  }
  std::uint64_t live_vectors() const noexcept {
    return live_vectors_.load(std::memory_order_relaxed);
  }
  std::uint64_t live_chunks() const noexcept {
    return live_chunks_.load(std::memory_order_relaxed);
  }
  std::uint64_t live_tokens() const noexcept {
    return live_tokens_.load(std::memory_order_relaxed);
  }
  std::uint64_t all_chunks() const noexcept { return chunk_count_.load(std::memory_order_relaxed); }

private:
  static constexpr std::uint64_t alive = 0; // in died_, else the number of the death plus one
  struct Facet { // vectors of one document, newest first; never changes once it can be reached
    const std::shared_ptr<const runtime::ChunkVectors>* vectors;
    std::uint64_t born;
    const Facet* next;
  };
  using Directory = SegmentedArray<std::atomic<std::uint32_t>>; // id -> list number + 1

  template <class List>
  static const List* list(const Directory& directory, const SegmentedArray<List>& lists,
                          std::uint32_t id) noexcept {
    const auto* number = directory.find(id);
    auto value = number == nullptr ? 0 : number->load(std::memory_order_acquire);
    return value == 0 ? nullptr : &lists[value - 1];
  }
  template <class List>
  static List& known_list(const Directory& directory, SegmentedArray<List>& lists,
                          std::uint32_t id) noexcept {
    return lists[directory.find(id)->load(std::memory_order_relaxed) - 1];
  }
  template <class List>
  List& make_list(Directory& directory, SegmentedArray<List>& lists, std::uint32_t& count,
                  std::uint32_t id);

  std::uint32_t latest(std::string_view id) const noexcept;
  // The three parts of an insert: the document's own entry, its chunks, its place in the id table.
  void add_document(std::shared_ptr<const LiveDocument> document, std::uint64_t born);
  void add_chunk(std::span<const TermTf> terms, std::span<const TermId> names,
                 std::uint32_t document, std::uint32_t index, std::uint32_t length);
  void add_posting(TermId term, const Posting& posting);
  void add_homes(const AnalysedChunk& chunk, std::uint32_t document, std::uint32_t ord);
  void add_vectors(std::uint32_t document, std::shared_ptr<const runtime::ChunkVectors> vectors,
                   std::uint64_t seq);
  void bury(std::uint32_t document, std::uint64_t seq);
  // A chunk comes to life or dies: in the statistics of this shard and of the whole collection.
  void count(const ChunkEntry& chunk, const AnalysedChunk& analysed, bool more);
  // In those of this shard alone. `homes`: the chunk's, one per name.
  void count_here(const ChunkEntry& chunk, std::span<const std::pair<std::uint64_t, float>> homes,
                  std::uint32_t length, bool more) noexcept;

  Shared& shared_;
  Arena arena_;
  SegmentedArray<DocumentEntry> documents_;
  SegmentedArray<std::atomic<std::uint64_t>> died_;
  SegmentedArray<ChunkEntry> chunks_;
  SegmentedArray<std::uint32_t> chunk_documents_; // what queries ask of many chunks is kept dense
  SegmentedArray<std::uint16_t> lengths_;
  Directory term_lists_, name_lists_;
  SegmentedArray<PostingList> postings_;
  SegmentedArray<NameLists> names_;
  std::uint32_t posting_lists_ = 0, name_list_count_ = 0;
  IdTable ids_; // hash of the document id -> ord of its newest version
  MetadataIndex metadata_;
  VectorStore vectors_;
  SegmentedArray<std::atomic<const Facet*>> facets_; // by document ord
  std::deque<std::shared_ptr<const runtime::ChunkVectors>> owned_vectors_;
  std::vector<std::shared_ptr<const LiveDocument>> owned_; // by document ord
  std::map<TermId, Column> columns_;                       // the writer's; readers go by the list

  std::atomic<std::uint64_t> applied_{0};
  std::atomic<std::uint32_t> document_count_{0}, chunk_count_{0}; // published
  std::uint32_t written_documents_ = 0, written_chunks_ = 0;      // the writer's
  std::atomic<std::uint64_t> live_chunks_{0}, live_tokens_{0}, dead_chunks_{0}, live_documents_{0},
      live_vectors_{0}, document_bytes_{0}, column_bytes_{0}, vector_bytes_{0};
};

} // namespace graphrag::chunk::detail
