#pragma once
// What the memory store keeps, and its Rows. Not thread-safe: the store holds its mutex.
#include <map>
#include <memory>
#include <set>

#include "runtime/store/rules/batch.hpp"

namespace graphrag::runtime::memory {

struct Document {
  DocumentRow row;
  ChangeKind kind = ChangeKind::commit;           // of the change at row.record.seq
  std::shared_ptr<const DocumentContent> content; // of the live version; null when none
  std::map<std::string, std::shared_ptr<const ChunkVectors>> embeddings; // by model
};

struct Tombstone { // a document that was visible and is deleted
  std::uint64_t seq = 0;
  Floor floor;
};

struct StoredReply {
  RememberedReply reply;
  std::int64_t expires_ms = 0;
};

struct Collection {
  std::int64_t created_ms = 0;
  std::uint64_t seq = 0; // when it was created
  std::map<std::string, Document> documents;
  std::map<std::string, Tombstone> tombstones;
  std::map<std::string, std::string> chunk_owner; // chunk id -> document id
  std::map<std::string, StoredReply> replies;
  std::map<std::pair<std::string, std::string>, Verdict> verdicts;
  std::uint64_t verdict_seq = 0; // of their last change
};

struct Tables {
  std::uint64_t last_seq = 0;
  std::map<std::string, Collection> collections;
  std::map<std::string, std::uint64_t> drops; // name of a dropped collection -> when
  std::map<std::pair<std::string, std::uint32_t>, Floor> floors; // by collection and slot
  std::map<std::string, std::uint64_t> dropped_epochs;           // highest epoch a drop ended
  std::map<std::string, JobRecord> jobs;
  std::map<std::string, ModelRecord> models; // by hash
  std::int64_t replies_now_ms = 0;           // the latest time a reader of replies has named
};

// What queries see of a document now.
DocumentContent content_of(const Tables& tables, const Document& document);

// Forgets deletions up to `seq`, keeping their floors.
void trim(Tables& tables, std::uint64_t seq);

class MemoryRows final : public Rows {
public:
  explicit MemoryRows(Tables& tables) : tables_(tables) {}

  bool failed() const override { return false; }
  std::uint64_t last_seq() override { return tables_.last_seq; }
  void set_last_seq(std::uint64_t seq) override { tables_.last_seq = seq; }
  bool has_collection(const std::string& name) override {
    return tables_.collections.contains(name);
  }
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

private:
  void drop_chunks(Collection& collection, const Document& document);
  Tables& tables_;
};

} // namespace graphrag::runtime::memory
