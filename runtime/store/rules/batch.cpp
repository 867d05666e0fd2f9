#include "runtime/store/rules/batch.hpp"

#include <utility>

#include "runtime/store/rules/input_checks.hpp"

namespace graphrag::runtime {
namespace {

class Batch {
public:
  Batch(Rows& rows, std::int64_t now_ms)
      : rows_(rows), now_ms_(now_ms), previous_seq_(rows.last_seq()), seq_(previous_seq_ + 1) {}

  WriteSummary run(std::span<const WriteOp> ops) {
    WriteSummary summary;
    summary.previous_seq = previous_seq_;
    summary.results.reserve(ops.size());
    for (const auto& op : ops) {
      if (rows_.failed()) return summary;
      auto result = one(op);
      if (!result) {
        summary.results.emplace_back().error = result.error();
      } else {
        summary.results.push_back(std::move(*result));
      }
    }
    if (visible_) rows_.set_last_seq(seq_);
    summary.seq = visible_ ? seq_ : previous_seq_;
    return summary;
  }

private:
  Result<WriteResult> one(const WriteOp& op) {
    if (auto ok = check_input(op); !ok) return tl::unexpected(ok.error());
    const auto& collection = collection_of(op);
    bool needed = !std::holds_alternative<CreateCollectionOp>(op) && !collection.empty();
    if (needed && !rows_.has_collection(collection))
      return fail(Errc::not_found, "no such collection");
    return std::visit([this](const auto& each) { return run(each); }, op);
  }

  Result<WriteResult> run(const AcceptOp& op) {
    auto before = rows_.document(op.input.key);
    auto floor = before ? Floor{} : rows_.floor(op.input.key);
    return keep(before, accept(before, floor, op, now_ms_), op.input.blob);
  }

  Result<WriteResult> run(const CommitOp& op) {
    auto before = rows_.document(op.input.key);
    auto floor = before ? Floor{} : rows_.floor(op.input.key);
    std::vector<float> stored;
    if (before && before->record.has_vector && !op.vector.empty() && !op.claim)
      stored = rows_.vector_of(*before);
    auto step = commit(before, floor, op, stored, now_ms_);
    if (step && step->replace_content)
      for (const auto& chunk : op.chunks)
        if (rows_.chunk_taken(op.input.key, before ? before->number : 0, chunk.id))
          return fail(Errc::conflict, "a chunk id belongs to another document");
    return keep(before, std::move(step), op.claim ? std::string{} : op.input.blob, &op);
  }

  Result<WriteResult> run(const FailOp& op) {
    auto before = rows_.document(op.key);
    return keep(before, fail_version(before, op, now_ms_));
  }

  Result<WriteResult> run(const ClaimOp& op) {
    auto before = rows_.document(op.key);
    return keep(before, claim(before, op));
  }

  Result<WriteResult> run(const RetryOp& op) {
    auto before = rows_.document(op.key);
    return keep(before, retry(before, now_ms_));
  }

  Result<WriteResult> run(const CancelOp& op) {
    auto before = rows_.document(op.key);
    return keep(before, cancel(before, now_ms_));
  }

  Result<WriteResult> run(const PatchOp& op) {
    auto before = rows_.document(op.key);
    return keep(before, patch(before, op, now_ms_));
  }

  Result<WriteResult> run(const DeleteOp& op) {
    auto before = rows_.document(op.key);
    return keep(before, graphrag::runtime::erase(before, op));
  }

  Result<WriteResult> run(const CreateCollectionOp& op) {
    WriteResult result;
    if (rows_.has_collection(op.name)) {
      result.outcome = Outcome::unchanged;
      return result;
    }
    rows_.add_collection(op.name, now_ms_, seq_);
    visible_ = true;
    result.outcome = Outcome::created;
    result.seq = seq_;
    result.created_ms = result.updated_ms = now_ms_;
    return result;
  }

  Result<WriteResult> run(const DropCollectionOp& op) {
    if (op.name == "default")
      return fail(Errc::conflict, "the default collection cannot be dropped");
    rows_.drop_collection(op.name, seq_);
    visible_ = true;
    WriteResult result;
    result.seq = seq_;
    return result;
  }

  Result<WriteResult> run(const EmbedOp& op) {
    auto before = rows_.document(op.key);
    if (auto ok = may_embed(before, op); !ok) return tl::unexpected(ok.error());
    if (!rows_.has_model(op.vectors->model)) return fail(Errc::conflict, "no such model");
    rows_.save_vectors(*before, *op.vectors, seq_);
    visible_ = true;
    WriteResult result;
    result.seq = seq_;
    result.version = before->record.version;
    result.live_version = before->record.live_version;
    result.epoch = before->record.epoch;
    return result;
  }

  Result<WriteResult> run(const SaveModelOp& op) {
    rows_.save_model(op.model);
    return WriteResult{};
  }

  Result<WriteResult> run(const RemoveModelOp& op) {
    WriteResult result;
    if (!rows_.remove_model(op.hash)) result.outcome = Outcome::unchanged;
    return result;
  }

  Result<WriteResult> run(const PruneVectorsOp& op) {
    WriteResult result;
    if (!rows_.prune_vectors(op.limit)) result.outcome = Outcome::unchanged;
    return result;
  }

  Result<WriteResult> run(const SaveVerdictOp& given) {
    auto op = given;
    if (op.second < op.first) std::swap(op.first, op.second);
    auto before = rows_.verdict(op.collection, op.first, op.second);
    WriteResult result;
    if (before.has_value() == op.same.has_value() && (!before || before->same == *op.same)) {
      result.outcome = Outcome::unchanged;
      return result;
    }
    if (!before && rows_.verdict_count(op.collection) >= max_verdicts_per_collection)
      return fail(Errc::conflict, "the collection has " +
                                      std::to_string(max_verdicts_per_collection) +
                                      " verdicts already");
    rows_.save_verdict(op, now_ms_, seq_);
    visible_ = true;
    result.seq = seq_;
    result.updated_ms = now_ms_;
    return result;
  }

  Result<WriteResult> run(const SaveJobOp& op) {
    if (!op.owner.empty() && rows_.job_owner(op.id) != op.owner)
      return fail(Errc::stale_epoch, "the job belongs to somebody else");
    rows_.save_job(op);
    WriteResult result;
    result.updated_ms = op.updated_ms;
    return result;
  }

  Result<WriteResult> run(const ClaimJobOp& op) {
    auto owner = rows_.job_owner(op.id);
    if (!owner) return fail(Errc::not_found, "no such job");
    if (*owner != op.expected_owner)
      return fail(Errc::conflict,
                  owner->empty() ? "the job belongs to nobody" : "the job belongs to " + *owner);
    rows_.set_job_owner(op.id, op.owner);
    return WriteResult{};
  }

  Result<WriteResult> run(const RemoveJobOp& op) {
    WriteResult result;
    if (!rows_.remove_job(op.id)) result.outcome = Outcome::unchanged;
    return result;
  }

  Result<WriteResult> run(const RememberReplyOp& op) {
    WriteResult result;
    if (auto earlier = rows_.reply(op.collection, op.key)) {
      if (earlier->fingerprint != op.fingerprint)
        return fail(Errc::conflict, "the key was used for another request");
      result.outcome = Outcome::unchanged;
      return result;
    }
    rows_.save_reply(op);
    return result;
  }

  // Keeps what a rule decided and tells the caller what the document is now.
  Result<WriteResult> keep(const MaybeRow& before, Result<Step> step,
                           const std::string& brought = {}, const CommitOp* content = nullptr) {
    if (!step) return tl::unexpected(step.error());
    WriteResult result;
    if (step->visible) {
      visible_ = true;
      step->after.record.seq = seq_;
      result.seq = seq_;
    }
    if (step->erase) {
      rows_.erase(*before, *step, result.seq);
    } else if (step->save) {
      rows_.save(before, *step, step->replace_content ? content : nullptr);
    }
    const auto& record = step->after.record;
    result.outcome = step->outcome;
    result.version = record.version;
    result.live_version = record.live_version;
    result.epoch = record.epoch;
    result.entity_count = record.entity_count;
    result.chunk_count = record.chunk_count;
    result.created_ms = record.created_ms;
    result.updated_ms = record.updated_ms;
    result.differs_from_input = step->differs_from_input;
    for (auto& blob : released_blobs(before, brought, *step)) {
      if (rows_.blob_named(blob)) continue;
      result.blob_to_drop = std::move(blob);
      break;
    }
    return result;
  }

  Rows& rows_;
  std::int64_t now_ms_;
  std::uint64_t previous_seq_;
  std::uint64_t seq_;
  bool visible_ = false;
};

} // namespace

WriteSummary run_batch(Rows& rows, std::span<const WriteOp> ops, std::int64_t now_ms) {
  return Batch(rows, now_ms).run(ops);
}

} // namespace graphrag::runtime
