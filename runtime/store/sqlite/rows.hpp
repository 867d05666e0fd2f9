#pragma once
// The rows of the SQLite adapter inside one open transaction of the writer's connection.
#include <unordered_map>

#include "runtime/store/rules/batch.hpp"
#include "runtime/store/sqlite/connection.hpp"

namespace graphrag::runtime::sqlite {

class SqliteRows final : public Rows {
public:
  // Replies that expired by `replies_now_ms` count as gone.
  SqliteRows(Connection& connection, std::int64_t replies_now_ms)
      : connection_(connection), replies_now_ms_(replies_now_ms) {}

  // Writes what is kept until the end of the batch: the counts of collections.
  void finish();

  bool failed() const override { return !connection_.ok(); }
  std::uint64_t last_seq() override;
  void set_last_seq(std::uint64_t seq) override;
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

private:
  struct CollectionState {
    bool exists = false;
    std::int64_t added_documents = 0; // by this batch
  };

  std::int64_t insert_record(const Step& step);
  void update_record(const MaybeRow& before, const Step& step);
  void save_live(std::int64_t doc, const DocumentRow& row);
  void save_content(std::int64_t doc, const MaybeRow& before, const DocumentRow& row,
                    const CommitOp& content);

  Connection& connection_;
  std::int64_t replies_now_ms_;
  std::unordered_map<std::string, CollectionState> collections_;
};

// Forgets the oldest deletions up to `seq`, some thousand, keeping their versions and epochs as
// floors. In a transaction. Whether there may be more.
bool trim(Connection& connection, std::uint64_t seq);

} // namespace graphrag::runtime::sqlite
