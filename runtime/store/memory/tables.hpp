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
};

struct Tables {
  std::uint64_t last_seq = 0;
  std::map<std::string, Collection> collections;
  std::map<std::string, std::uint64_t> drops; // name of a dropped collection -> when
  std::map<std::pair<std::string, std::uint32_t>, Floor> floors; // by collection and slot
  std::map<std::string, std::uint64_t> dropped_epochs;           // highest epoch a drop ended
  std::map<std::string, JobRecord> jobs;
  std::int64_t replies_now_ms = 0; // the latest time a reader of replies has named
};

// What queries see of a document now.
DocumentContent content_of(const Document& document);

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
  void save_job(const SaveJobOp& op) override;
  bool remove_job(const std::string& id) override;
  std::optional<RememberedReply> reply(const std::string& collection,
                                       const std::string& key) override;
  void save_reply(const RememberReplyOp& op) override;

private:
  void drop_chunks(Collection& collection, const Document& document);
  Tables& tables_;
};

} // namespace graphrag::runtime::memory
