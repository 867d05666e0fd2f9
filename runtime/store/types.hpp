#pragma once
// What the store keeps and what can be written to it. Plain values: no database type here.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/ids.hpp"

namespace graphrag::runtime {

// Durable state of a document. `processing` of the API is `queued` with a live worker.
enum class DocumentState : std::uint8_t { queued = 0, searchable = 1, failed = 2, canceled = 3 };

struct DocumentError {
  std::string code;   // stable name, such as "no_text_layer"
  std::string detail; // for a person
  bool retryable = false;
};

// One row of `documents`. Two versions can exist at once: `live_version` (committed, what queries
// see; 0 = none) and `version` (the newest; equal to live_version unless a newer one is queued,
// failed or canceled). `epoch` grows by one with every accept, claim, commit, retry, cancel and
// delete, and never goes back, not even when a document is made again after its delete. `version`
// goes on after a delete too; only a dropped collection starts again at version 1. The counts and
// `has_vector` are those of the live version.
struct DocumentRecord {
  DocumentKey key;
  std::uint64_t version = 0;
  std::uint64_t live_version = 0;
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0; // global sequence number of the last change of what queries see
  DocumentState state = DocumentState::queued;
  std::string title;
  std::string filename;
  std::string mime;
  std::string metadata;     // JSON object text, "{}" when none
  std::string content_hash; // sha256 hex of the original bytes of `version`
  std::string blob;         // key in the blob port, empty when the text is the original
  std::uint64_t bytes = 0;  // size of the original
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;
  std::uint32_t chunk_count = 0;
  std::uint32_t entity_count = 0;
  std::uint32_t attempts = 0; // starts of work on `version` that have not finished
  bool has_vector = false;
  std::optional<DocumentError> error;
  // Who has claimed the queued version (ClaimOp), empty: nobody. An accept sets it; every
  // commit, failure, cancel and retry clears it; a patch leaves it.
  std::string owner;
};

// One row of `chunks`. Offsets are Unicode code points in the document's extracted text.
struct ChunkRecord {
  std::string id; // chunk_id()
  std::uint32_t index = 0;
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  std::string facts; // msgpack of chunk::AnalysedChunk (terms, names, relations ...), opaque here
};

// What an encoder made of a live version: one vector per chunk, in order, row by row. A later facet
// of the version: it comes and goes whole, per model, and survives patches.
struct ChunkVectors {
  std::string model; // ModelRecord::hash
  std::uint32_t dimension = 0;
  std::vector<float> floats; // chunks * dimension
};

// Everything that one live version needs to be shown by queries. `record` describes the live
// version alone: its title, metadata and hash, even while a newer version is queued or failed;
// record.version == record.live_version and record.state is searchable.
struct DocumentContent {
  DocumentRecord record;
  std::string text; // extracted text, UTF-8
  std::uint32_t analysis_version = 0;
  std::vector<ChunkRecord> chunks;
  std::vector<float> vector; // brought by the client, empty when none
  std::vector<std::shared_ptr<const ChunkVectors>> embeddings; // at most one per model
};

// One row of `models`: an encoder whose files are in the blob port. There is at most one of each
// state. Questions are compared with vectors of the active one only.
enum class ModelState : std::uint8_t { building = 0, active = 1 };
struct ModelRecord {
  std::string hash; // of its files: its identity
  std::string name; // for a person
  std::uint32_t dimension = 0;
  std::string blob;
  ModelState state = ModelState::building;
  std::int64_t created_ms = 0;
};

// What a person decided of two names of a collection, whatever the evidence says.
struct Verdict {
  std::string first, second; // normal forms, first < second
  bool same = false;         // one entity, or never one
  std::int64_t made_ms = 0;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// ---- writes. One Store::write is one transaction and takes one sequence number when any of its
// ---- operations changed what queries see. An operation that fails changes nothing itself and
// ---- does not stop the others.

struct DocumentInput { // what a client said of a document
  DocumentKey key;
  std::string title, filename, mime, metadata = "{}", content_hash, blob;
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> if_match; // expected newest version; 0: there must be none yet
};

// All operations but CreateCollectionOp answer not_found for a collection that does not exist.
// Operations that carry an epoch answer stale_epoch when it is not the newest one, also when the
// document is gone, and conflict when the document is not queued.

// Make a new version durable before the work on it: state queued. Same content hash, title and
// metadata as the newest version, when that one is live or queued: `unchanged`. An empty title says
// nothing of the title, so it is never a difference.
// `owner` works on it at once, as if it had claimed it; empty: it waits for a claim.
struct AcceptOp {
  DocumentInput input;
  std::string owner = {};
};

// Make a version searchable: replaces text and chunks of the live version in one step. With
// `claim`, it finishes an accepted version and must carry that version's epoch; without, it is
// accept and commit in one. `unchanged` as above (only without claim), unless the analysis version
// or the vector of a live version differs. With claim, all of `input` but its key comes from the
// accepted version (a patch may have changed it meanwhile); `mime` and, when the client gave none,
// `title` are taken from what the work found.
struct CommitOp {
  DocumentInput input;
  std::optional<std::uint64_t> claim;
  std::string text;
  std::uint32_t analysis_version = 0;
  std::uint32_t entity_count = 0;
  std::vector<ChunkRecord> chunks;
  std::vector<float> vector;
};

struct FailOp {
  DocumentKey key;
  std::uint64_t epoch = 0;
  DocumentError error;
}; // fenced by epoch
// Takes a queued document for work: epoch + 1, so that whoever worked on it before is refused from
// now on, attempts + 1, and `owner` is its owner. Of several who claim one epoch, one gets it and
// the others stale_epoch. Who may take the claims of whom is for the caller to know: an owner that
// the row has already is replaced. WriteResult::epoch is the one to work under. invalid_argument
// without an owner.
struct ClaimOp {
  DocumentKey key;
  std::uint64_t epoch = 0;
  std::string owner;
};
struct RetryOp {
  DocumentKey key;
}; // failed or canceled -> queued, attempts = 0; else conflict
struct CancelOp {
  DocumentKey key;
}; // queued -> canceled; else conflict
struct DeleteOp {
  DocumentKey key;
  std::optional<std::uint64_t> if_match;
};
struct PatchOp { // title and metadata of the newest version, without re-indexing; version + 1,
                 // or `unchanged` when both are so already
  DocumentKey key;
  std::optional<std::string> title, metadata;
  std::optional<std::uint64_t> if_match;
};
struct CreateCollectionOp {
  std::string name;
}; // already_exists is not an error: `unchanged`
// With all its documents, jobs and remembered replies. "default" cannot be dropped: conflict.
struct DropCollectionOp {
  std::string name;
};

// Adds the vectors of a live version, or replaces those of the same model. stale_epoch when
// `live_version` is no longer the live one, conflict when the model is not registered,
// invalid_argument unless there is one vector per chunk.
struct EmbedOp {
  DocumentKey key;
  std::uint64_t live_version = 0;
  std::shared_ptr<const ChunkVectors> vectors;
};

// Registers a model, or changes its row. The one that had the same state before makes room; saving
// an active one removes all others. `blob_to_drop` is not reported: a sweep finds it.
struct SaveModelOp {
  ModelRecord model;
};
struct RemoveModelOp {
  std::string hash;
}; // unchanged when it is not there
// Removes vectors whose model is gone, of at most `limit` documents; unchanged when none are left.
struct PruneVectorsOp {
  std::uint32_t limit = 64;
};

// Keeps a verdict, in place of an earlier one on the same two names; without `same` it forgets the
// earlier one. `unchanged` when all is so already; conflict beyond max_verdicts_per_collection.
struct SaveVerdictOp {
  std::string collection;
  std::string first, second; // normal forms, in any order
  std::optional<bool> same;
};
inline constexpr std::size_t max_verdicts_per_collection = 10'000;

// A background job (bulk ingest, delete by filter). `body` is JSON, opaque here. With an `owner` it
// is written only while the job is there and that is its owner: stale_epoch otherwise. Without, it
// is written whoever owns it. The owner itself stays: only ClaimJobOp changes it.
struct SaveJobOp {
  std::string id, collection, kind, state, body;
  std::int64_t updated_ms = 0;
  std::string owner = {};
};

// Gives a job to `owner` (empty: to nobody) if it belongs to `expected_owner` (empty: nobody) now;
// conflict otherwise, not_found when there is no such job. `updated_ms` stays.
struct ClaimJobOp {
  std::string id, expected_owner, owner;
};

// Forgets a job; one that is gone already is `unchanged`.
struct RemoveJobOp {
  std::string id;
};

// Remembers the answer of a write under an Idempotency-Key; put into the same batch as the write.
// The first answer stays until it expires: again with the same fingerprint is `unchanged`, with
// another one conflict.
struct RememberReplyOp {
  std::string collection, key, fingerprint; // fingerprint: hash of the request
  int status = 0;
  std::string body;
  std::int64_t expires_ms = 0;
};

using WriteOp = std::variant<AcceptOp, CommitOp, FailOp, RetryOp, CancelOp, DeleteOp, PatchOp,
                             CreateCollectionOp, DropCollectionOp, SaveJobOp, RemoveJobOp,
                             RememberReplyOp, EmbedOp, SaveModelOp, RemoveModelOp, PruneVectorsOp,
                             SaveVerdictOp, ClaimOp, ClaimJobOp>;

enum class Outcome : std::uint8_t { created, replaced, unchanged, accepted, done };

struct WriteResult {
  std::optional<Error> error; // then the rest means nothing
  Outcome outcome = Outcome::done;
  std::uint64_t version = 0; // of the document, after the operation
  std::uint64_t live_version = 0;
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0; // of the batch, when this operation changed what queries see; else 0
  std::uint64_t entity_count = 0;
  std::uint64_t chunk_count = 0;
  // A blob that no row names any more (the caller deletes it afterwards). At most one: a second
  // one, and those of a dropped collection, are left to BlobStore::sweep.
  std::string blob_to_drop;
  std::int64_t created_ms = 0, updated_ms = 0;
  // A claimed commit whose accepted version does not say what `input` says (a patch came between,
  // or `input` was left empty): queries see what the store has, so a view must read it there.
  bool differs_from_input = false;
  std::uint64_t view_version = 0; // WriteSummary::view_version, for whom that is out of sight
};

struct WriteSummary {
  std::uint64_t previous_seq = 0; // last number before this batch
  std::uint64_t seq = 0;          // equal to previous_seq when nothing visible changed
  std::vector<WriteResult> results;
  // Version of the cluster's view at the instant of `seq`, in one order with the numbers: a number
  // that a view came before carries its version or a newer one. 0 where there is no cluster.
  std::uint64_t view_version = 0;
};

// ---- reads

enum class ChangeKind : std::uint8_t {
  commit = 0,
  patch = 1,
  remove = 2,
  drop_collection = 3,
  create_collection = 4,
  embed = 5,   // vectors came; in a tail it may stand for a commit before it
  verdicts = 6 // of a collection
};
struct Change {
  std::uint64_t seq = 0;
  ChangeKind kind = ChangeKind::commit;
  DocumentKey key; // id empty for collections and their verdicts
};

struct CollectionRecord {
  std::string name;
  std::int64_t created_ms = 0;
  std::uint64_t documents = 0;
};

enum class SortOrder : std::uint8_t { id, updated_desc };
struct ListRequest {
  std::string collection;
  std::string prefix; // of ids
  std::optional<DocumentState> state;
  SortOrder sort = SortOrder::id;
  std::string after; // opaque position from ListPage::next, empty = from the start
  std::uint32_t limit = 50;
};
struct ListPage {
  std::vector<DocumentRecord> items;
  std::string next; // empty when this was the last page
  std::uint64_t total = 0;
};

struct JobRecord {
  std::string id, collection, kind, state, body;
  std::int64_t updated_ms = 0;
  std::string owner = {}; // who works on it, empty: nobody
};
struct RememberedReply {
  std::string fingerprint;
  int status = 0;
  std::string body;
};

// A live version without vectors of some model.
struct LackingVectors {
  DocumentKey key;
  std::uint64_t live_version = 0;
  std::uint64_t seq = 0;
  std::int64_t updated_ms = 0;
};

// A queued document that somebody may claim.
struct Claimable {
  DocumentKey key;
  std::uint64_t epoch = 0;      // what a ClaimOp must carry
  std::int64_t accepted_ms = 0; // when it was queued, or patched since
  std::string owner;            // of the claim that it has, empty: none
};

// For metrics and admission: what waits in the store.
struct Backlog {
  std::string collection;
  std::uint64_t queued = 0;
  std::uint64_t failed = 0;
  std::int64_t oldest_ms = 0;
};

} // namespace graphrag::runtime
