#pragma once
// A batch on its way: the rows that it touches as they will be, on top of what was loaded. It is
// the Rows of the batch, and asks the database nothing but when vectors are pruned and once when it
// releases blobs. Afterwards
// changes.cpp turns the difference into statements.
//
// The batch's sequence number is not known before its last statement, so inside a draft it is 1 and
// the number before it 0; who has the true number puts it into the summary.
#include <map>
#include <set>
#include <unordered_map>

#include "runtime/store/postgres/connection.hpp"
#include "runtime/store/postgres/touched.hpp"
#include "runtime/store/rules/batch.hpp"

namespace graphrag::runtime::postgres {

inline constexpr std::int64_t whole_collection = -1; // the slot of a floor left by a drop

struct Tombstone {
  std::uint64_t seq = 0;
  bool at_this_batch = false;
  Floor floor;
};

struct DraftDocument {
  std::int64_t number = 0; // chosen for a new one too
  std::uint32_t slot = 0;
  MaybeRow row;
  Floor floor; // of its slot
  std::optional<Tombstone> tombstone;
  std::vector<float> stored_vector;

  // What the database has.
  bool stored = false, stored_live = false, stored_tombstone = false;
  // What the batch did.
  bool changed = false, visible = false, live_changed = false, tombstone_changed = false;
  bool content_gone = false; // the stored text, chunks and vectors
  ChangeKind kind = ChangeKind::commit;
  const CommitOp* content = nullptr; // the new ones
  std::map<std::string, const ChunkVectors*> vectors;
};

struct DraftCollection {
  bool stored = false, exists = false, made = false, dropped = false, verdicts_changed = false;
  std::int64_t created_ms = 0;
  std::int64_t added_documents = 0;
  std::uint64_t floor_epoch = 0;  // left by a drop, now or earlier
  std::uint64_t stored_epoch = 0; // the highest in the database, loaded for a drop
  std::size_t verdicts = 0;
};

struct DraftVerdict {
  std::optional<Verdict> verdict;
  bool changed = false;
};

struct DraftReply {
  std::optional<RememberedReply> reply;
  const RememberReplyOp* kept = nullptr;
};

struct DraftJob {
  bool exists = false;
  bool removed = false;
  std::string collection;
  std::string owner;
  bool owner_changed = false;
  const SaveJobOp* kept = nullptr;
};

struct Loaded {                              // beside documents and collections
  std::map<Pair, std::int64_t> chunk_owners; // by collection and chunk id
  std::set<std::string> blobs;               // brought by the batch, or named by its documents
  bool models = false;                       // whether Draft::models was loaded
};

class Draft final : public Rows {
public:
  // Replies that expired by `replies_now_ms` count as gone.
  Draft(Connection& connection, Milliseconds deadline, std::int64_t replies_now_ms)
      : connection_(connection), deadline_(deadline), replies_now_ms_(replies_now_ms) {}

  bool failed() const override { return failed_; }
  std::uint64_t last_seq() override { return 0; }
  void set_last_seq(std::uint64_t) override { visible_ = true; }
  bool has_collection(const std::string& name) override;
  void add_collection(const std::string& name, std::int64_t now_ms, std::uint64_t seq) override;
  void drop_collection(const std::string& name, std::uint64_t seq) override;
  MaybeRow document(const DocumentKey& key) override;
  Floor floor(const DocumentKey& key) override;
  std::vector<float> vector_of(const DocumentRow& row) override;
  bool chunk_taken(const DocumentKey& key, std::int64_t number,
                   const std::string& chunk_id) override;
  bool blob_named(const std::string& blob) override;
  void save(const MaybeRow& before, const Step& step, const CommitOp* content) override;
  void erase(const DocumentRow& before, const Step& step, std::uint64_t seq) override;
  void save_vectors(const DocumentRow& row, const ChunkVectors& vectors,
                    std::uint64_t seq) override;
  bool has_model(const std::string& hash) override;
  void save_model(const ModelRecord& model) override;
  bool remove_model(const std::string& hash) override;
  bool prune_vectors(std::uint32_t limit) override;
  std::optional<Verdict> verdict(const std::string& collection, const std::string& first,
                                 const std::string& second) override;
  std::size_t verdict_count(const std::string& collection) override;
  void save_verdict(const SaveVerdictOp& op, std::int64_t now_ms, std::uint64_t seq) override;
  void save_job(const SaveJobOp& op) override;
  std::optional<std::string> job_owner(const std::string& id) override;
  void set_job_owner(const std::string& id, const std::string& owner) override;
  bool remove_job(const std::string& id) override;
  std::optional<RememberedReply> reply(const std::string& collection,
                                       const std::string& key) override;
  void save_reply(const RememberReplyOp& op) override;

  // Filled by load.cpp, read by changes.cpp.
  std::map<DocumentKey, DraftDocument> documents;
  std::map<std::string, DraftCollection> collections;
  std::map<std::pair<std::string, Pair>, DraftVerdict> verdicts;
  std::map<Pair, DraftReply> replies;
  std::map<std::string, DraftJob> jobs;
  std::map<std::pair<std::string, std::uint32_t>, Floor> raised; // by collection and slot
  Loaded loaded;
  std::map<std::string, ModelRecord> models; // as they will be; only for batches about models
  bool models_changed = false;
  bool visible() const { return visible_; }

private:
  DraftDocument& at(const DocumentKey& key);
  void drop_new_content(const DocumentKey& key, DraftDocument& document);
  // Fills blobs_elsewhere_ for all blobs that the batch may release, and this one.
  void ask_blobs_elsewhere(const std::string& blob);

  Connection& connection_;
  Milliseconds deadline_;
  std::int64_t replies_now_ms_;
  bool failed_ = false;
  bool visible_ = false;
  std::map<Pair, std::int64_t> new_chunks_; // their documents' numbers
  std::set<std::string> asked_blobs_;
  // Collection and blob, named by documents outside the batch; "" for the collection of a model.
  std::set<Pair> blobs_elsewhere_;
  std::unordered_map<std::int64_t, const DraftDocument*> by_number_;
};

} // namespace graphrag::runtime::postgres
