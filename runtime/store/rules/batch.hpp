#pragma once
// One Store::write, the same for every adapter: checks each operation, asks the document rules,
// and tells the adapter's Rows what to keep. Rows is one open transaction of one adapter.
#include <span>
#include <string>
#include <vector>

#include "runtime/store/rules/document_rules.hpp"

namespace graphrag::runtime {

// The rows of a store inside a transaction. Calls are made by one thread. After a failure of the
// database failed() is true, every further call does nothing, and the adapter rolls back.
class Rows {
public:
  virtual ~Rows() = default;
  virtual bool failed() const = 0;

  virtual std::uint64_t last_seq() = 0;
  virtual void set_last_seq(std::uint64_t seq) = 0;

  virtual bool has_collection(const std::string& name) = 0;
  virtual void add_collection(const std::string& name, std::int64_t now_ms, std::uint64_t seq) = 0;
  // Removes all of the collection but its epochs, and notes the drop at `seq`.
  virtual void drop_collection(const std::string& name, std::uint64_t seq) = 0;

  virtual MaybeRow document(const DocumentKey& key) = 0;
  virtual Floor floor(const DocumentKey& key) = 0; // of a document that does not exist
  virtual std::vector<float> vector_of(const DocumentRow& row) = 0;
  // Whether another document of the collection than this one holds a chunk of this id. `number` is
  // DocumentRow::number, 0 when the document is new.
  virtual bool chunk_taken(const DocumentKey& key, std::int64_t number,
                           const std::string& chunk_id) = 0;
  virtual bool blob_named(const std::string& blob) = 0;

  // Saves a step that was allowed; record.seq of a visible one is set already. `content` is given
  // when the step replaces text, chunks and vector.
  virtual void save(const MaybeRow& before, const Step& step, const CommitOp* content) = 0;
  // Removes a document; seq is 0 when queries never saw it.
  virtual void erase(const DocumentRow& before, const Step& step, std::uint64_t seq) = 0;

  // Keeps the vectors of a live document and notes the change at `seq`.
  virtual void save_vectors(const DocumentRow& row, const ChunkVectors& vectors,
                            std::uint64_t seq) = 0;
  virtual bool has_model(const std::string& hash) = 0;
  virtual void save_model(const ModelRecord& model) = 0;
  virtual bool remove_model(const std::string& hash) = 0; // whether it was there
  virtual bool prune_vectors(std::uint32_t limit) = 0;    // whether there were any
  virtual std::optional<Verdict> verdict(const std::string& collection, const std::string& first,
                                         const std::string& second) = 0;
  virtual std::size_t verdict_count(const std::string& collection) = 0;
  // Keeps it (or forgets it, without `same`), and notes the change at `seq`.
  virtual void save_verdict(const SaveVerdictOp& op, std::int64_t now_ms, std::uint64_t seq) = 0;

  virtual void save_job(const SaveJobOp& op) = 0; // a stored job keeps its owner
  virtual std::optional<std::string> job_owner(const std::string& id) = 0; // nothing: no such job
  virtual void set_job_owner(const std::string& id, const std::string& owner) = 0;
  virtual bool remove_job(const std::string& id) = 0; // whether it was there
  virtual std::optional<RememberedReply> reply(const std::string& collection,
                                               const std::string& key) = 0; // not an expired one
  virtual void save_reply(const RememberReplyOp& op) = 0;
};

// Runs the operations in order. When rows.failed() afterwards, the summary means nothing.
WriteSummary run_batch(Rows& rows, std::span<const WriteOp> ops, std::int64_t now_ms);

} // namespace graphrag::runtime
