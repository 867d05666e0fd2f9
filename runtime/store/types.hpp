#pragma once
// What the store keeps and what can be written to it. Plain values: no database type here.
#include <cstdint>
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
// failed or canceled). `epoch` grows by one with every accept, commit, retry, cancel and delete,
// and never goes back, not even when a document is made again after its delete. `version` goes on
// after a delete too; only a dropped collection starts again at version 1. The counts and
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
};

// One row of `chunks`. Offsets are Unicode code points in the document's extracted text.
struct ChunkRecord {
  std::string id; // chunk_id()
  std::uint32_t index = 0;
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  std::string facts; // msgpack of chunk::AnalysedChunk (terms, names, relations ...), opaque here
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
};

// ---- writes. One Store::write is one transaction and takes one sequence number when any of its
// ---- operations changed what queries see. An operation that fails changes nothing itself and
// ---- does not stop the others.

struct DocumentInput { // what a client said of a document
  DocumentKey key;
  std::string title, filename, mime, metadata = "{}", content_hash, blob;
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> if_match; // expected newest version
};

// All operations but CreateCollectionOp answer not_found for a collection that does not exist.
// Operations that carry an epoch answer stale_epoch when it is not the newest one, also when the
// document is gone, and conflict when the document is not queued.

// Make a new version durable before the work on it: state queued. Same content hash, title and
// metadata as the newest version, when that one is live or queued: `unchanged`. An empty title says
// nothing of the title, so it is never a difference.
struct AcceptOp {
  DocumentInput input;
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
struct StartAttemptOp {
  DocumentKey key;
  std::uint64_t epoch = 0;
}; // attempts + 1, fenced by epoch
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

// A background job (bulk ingest, delete by filter). `body` is JSON, opaque here.
struct SaveJobOp {
  std::string id, collection, kind, state, body;
  std::int64_t updated_ms = 0;
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

using WriteOp =
    std::variant<AcceptOp, CommitOp, FailOp, StartAttemptOp, RetryOp, CancelOp, DeleteOp, PatchOp,
                 CreateCollectionOp, DropCollectionOp, SaveJobOp, RemoveJobOp, RememberReplyOp>;

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
};

struct WriteSummary {
  std::uint64_t previous_seq = 0; // last number before this batch
  std::uint64_t seq = 0;          // equal to previous_seq when nothing visible changed
  std::vector<WriteResult> results;
};

// ---- reads

enum class ChangeKind : std::uint8_t {
  commit = 0,
  patch = 1,
  remove = 2,
  drop_collection = 3,
  create_collection = 4
};
struct Change {
  std::uint64_t seq = 0;
  ChangeKind kind = ChangeKind::commit;
  DocumentKey key; // id empty for collections
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
};
struct RememberedReply {
  std::string fingerprint;
  int status = 0;
  std::string body;
};

// For metrics and admission: what waits in the store.
struct Backlog {
  std::string collection;
  std::uint64_t queued = 0;
  std::uint64_t failed = 0;
  std::int64_t oldest_ms = 0;
};

} // namespace graphrag::runtime
