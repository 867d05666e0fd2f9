#include "runtime/store/rules/document_rules.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace graphrag::runtime {
namespace {

tl::unexpected<Error> no_document() { return fail(Errc::not_found, "no such document"); }

Status check_version(const MaybeRow& before, const std::optional<std::uint64_t>& expected) {
  if (!expected) return {};
  if (*expected == 0) { // there must be none
    if (!before) return {};
    return fail(Errc::precondition_failed,
                "the document exists, version " + std::to_string(before->record.version));
  }
  if (!before) return fail(Errc::precondition_failed, "no such document");
  if (before->record.version != *expected)
    return fail(Errc::precondition_failed,
                "the newest version is " + std::to_string(before->record.version));
  return {};
}

// A claim holds when its epoch is the newest and the version still waits for its work.
Status check_claim(const MaybeRow& before, std::uint64_t epoch) {
  if (!before) return fail(Errc::stale_epoch, "the document is gone");
  if (before->record.epoch != epoch)
    return fail(Errc::stale_epoch, "the newest epoch is " + std::to_string(before->record.epoch));
  if (before->record.state != DocumentState::queued)
    return fail(Errc::conflict, "the document is not queued");
  return {};
}

bool same_as_newest(const MaybeRow& before, const DocumentInput& input) {
  if (!before) return false;
  const auto& newest = before->record;
  if (newest.state != DocumentState::searchable && newest.state != DocumentState::queued)
    return false;
  return newest.content_hash == input.content_hash && newest.metadata == input.metadata &&
         (input.title.empty() || newest.title == input.title);
}

// Do queries see of this record what the input says?
bool says(const DocumentRecord& record, const DocumentInput& input) {
  return record.title == input.title && record.filename == input.filename &&
         record.mime == input.mime && record.metadata == input.metadata &&
         record.content_hash == input.content_hash && record.bytes == input.bytes;
}

Step unchanged(const MaybeRow& before) {
  Step step;
  step.outcome = Outcome::unchanged;
  step.after = *before;
  return step;
}

// The row of a new version made from what a client said; queued until the caller says otherwise.
DocumentRow next_version(const MaybeRow& before, Floor floor, const DocumentInput& input,
                         std::int64_t now_ms) {
  DocumentRow row;
  if (before) {
    row = *before;
  } else {
    row.record.key = input.key;
    row.record.version = floor.version;
    row.record.epoch = floor.epoch;
    row.record.created_ms = now_ms;
  }
  auto& record = row.record;
  record.version += 1;
  record.epoch += 1;
  record.state = DocumentState::queued;
  record.title = input.title;
  record.filename = input.filename;
  record.mime = input.mime;
  record.metadata = input.metadata;
  record.content_hash = input.content_hash;
  record.blob = input.blob;
  record.bytes = input.bytes;
  record.updated_ms = now_ms;
  record.attempts = 0;
  record.error.reset();
  record.owner.clear();
  return row;
}

Step saved(DocumentRow after, Outcome outcome = Outcome::done) {
  Step step;
  step.outcome = outcome;
  step.save = true;
  step.after = std::move(after);
  return step;
}

// Turns the newest version into the live one.
Step made_live(DocumentRow row, const CommitOp& op, std::int64_t now_ms) {
  auto& record = row.record;
  auto outcome = record.live_version == 0 ? Outcome::created : Outcome::replaced;
  record.live_version = record.version;
  record.state = DocumentState::searchable;
  record.attempts = 0;
  record.error.reset();
  record.owner.clear();
  record.updated_ms = now_ms;
  record.chunk_count = static_cast<std::uint32_t>(op.chunks.size());
  record.entity_count = op.entity_count;
  record.has_vector = !op.vector.empty();
  row.live = LiveVersion{record.title,        record.filename, record.mime,  record.metadata,
                         record.content_hash, record.blob,     record.bytes, now_ms,
                         op.analysis_version};
  auto step = saved(std::move(row), outcome);
  step.replace_content = true;
  step.visible = ChangeKind::commit;
  return step;
}

} // namespace

Result<Step> accept(const MaybeRow& before, Floor floor, const AcceptOp& op, std::int64_t now_ms) {
  if (auto ok = check_version(before, op.input.if_match); !ok) return tl::unexpected(ok.error());
  if (same_as_newest(before, op.input)) return unchanged(before);
  auto row = next_version(before, floor, op.input, now_ms);
  row.record.owner = op.owner;
  return saved(std::move(row), Outcome::accepted);
}

Result<Step> commit(const MaybeRow& before, Floor floor, const CommitOp& op,
                    std::span<const float> stored_vector, std::int64_t now_ms) {
  if (op.claim) {
    if (auto ok = check_claim(before, *op.claim); !ok) return tl::unexpected(ok.error());
    auto row = *before;
    row.record.epoch += 1;
    if (!op.input.mime.empty()) row.record.mime = op.input.mime;
    if (row.record.title.empty()) row.record.title = op.input.title;
    auto step = made_live(std::move(row), op, now_ms);
    step.differs_from_input = !says(step.after.record, op.input);
    return step;
  }
  if (auto ok = check_version(before, op.input.if_match); !ok) return tl::unexpected(ok.error());
  if (same_as_newest(before, op.input)) {
    bool queued = before->record.state == DocumentState::queued;
    bool same_facts = !queued && before->live->analysis_version == op.analysis_version &&
                      before->record.has_vector == !op.vector.empty() &&
                      std::ranges::equal(stored_vector, op.vector);
    if (queued || same_facts) return unchanged(before);
  }
  return made_live(next_version(before, floor, op.input, now_ms), op, now_ms);
}

Result<Step> fail_version(const MaybeRow& before, const FailOp& op, std::int64_t now_ms) {
  if (auto ok = check_claim(before, op.epoch); !ok) return tl::unexpected(ok.error());
  auto row = *before;
  row.record.state = DocumentState::failed;
  row.record.error = op.error;
  row.record.owner.clear();
  row.record.updated_ms = now_ms;
  return saved(std::move(row));
}

Result<Step> claim(const MaybeRow& before, const ClaimOp& op) {
  if (auto ok = check_claim(before, op.epoch); !ok) return tl::unexpected(ok.error());
  auto row = *before;
  row.record.epoch += 1;
  row.record.attempts += 1;
  row.record.owner = op.owner;
  return saved(std::move(row));
}

Result<Step> retry(const MaybeRow& before, std::int64_t now_ms) {
  if (!before) return no_document();
  auto state = before->record.state;
  if (state != DocumentState::failed && state != DocumentState::canceled)
    return fail(Errc::conflict, "only a failed or canceled document can be retried");
  auto row = *before;
  row.record.state = DocumentState::queued;
  row.record.epoch += 1;
  row.record.attempts = 0;
  row.record.error.reset();
  row.record.owner.clear();
  row.record.updated_ms = now_ms;
  return saved(std::move(row));
}

Result<Step> cancel(const MaybeRow& before, std::int64_t now_ms) {
  if (!before) return no_document();
  if (before->record.state != DocumentState::queued)
    return fail(Errc::conflict, "only a queued document can be canceled");
  auto row = *before;
  row.record.state = DocumentState::canceled;
  row.record.epoch += 1;
  row.record.owner.clear();
  row.record.updated_ms = now_ms;
  return saved(std::move(row));
}

Result<Step> patch(const MaybeRow& before, const PatchOp& op, std::int64_t now_ms) {
  if (!before) return no_document();
  if (auto ok = check_version(before, op.if_match); !ok) return tl::unexpected(ok.error());
  bool same_title = !op.title || *op.title == before->record.title;
  bool same_metadata = !op.metadata || *op.metadata == before->record.metadata;
  if (same_title && same_metadata) return unchanged(before);

  auto row = *before;
  auto& record = row.record;
  if (op.title) record.title = *op.title;
  if (op.metadata) record.metadata = *op.metadata;
  record.version += 1;
  record.updated_ms = now_ms;
  bool live = record.state == DocumentState::searchable;
  if (live) {
    record.live_version = record.version;
    row.live->title = record.title;
    row.live->metadata = record.metadata;
    row.live->updated_ms = now_ms;
  }
  auto step = saved(std::move(row));
  if (live) step.visible = ChangeKind::patch;
  return step;
}

Result<Step> erase(const MaybeRow& before, const DeleteOp& op) {
  if (!before) return no_document();
  if (auto ok = check_version(before, op.if_match); !ok) return tl::unexpected(ok.error());
  Step step;
  step.erase = true;
  step.after.record.key = before->record.key;
  step.after.record.version = before->record.version;
  step.after.record.epoch = before->record.epoch + 1;
  if (before->record.live_version != 0) step.visible = ChangeKind::remove;
  return step;
}

Status may_embed(const MaybeRow& before, const EmbedOp& op) {
  if (!before || before->record.live_version == 0) return no_document();
  const auto& record = before->record;
  if (record.live_version != op.live_version)
    return fail(Errc::stale_epoch, "the live version is " + std::to_string(record.live_version));
  if (op.vectors->floats.size() != std::size_t{record.chunk_count} * op.vectors->dimension)
    return fail(Errc::invalid_argument, "not one vector per chunk");
  return {};
}

std::vector<std::string> released_blobs(const MaybeRow& before, const std::string& brought,
                                        const Step& step) {
  std::vector<std::string> released;
  auto named_after = [&](const std::string& blob) {
    return !step.erase &&
           (step.after.record.blob == blob || (step.after.live && step.after.live->blob == blob));
  };
  auto consider = [&](const std::string& blob) {
    if (!blob.empty() && !named_after(blob) && std::ranges::find(released, blob) == released.end())
      released.push_back(blob);
  };
  if (before && before->live) consider(before->live->blob);
  if (before) consider(before->record.blob);
  consider(brought);
  return released;
}

DocumentRecord live_record(const DocumentRow& row) {
  RUNTIME_CHECK(row.live.has_value(), "a live version is needed");
  auto record = row.record;
  record.version = record.live_version;
  record.state = DocumentState::searchable;
  record.title = row.live->title;
  record.filename = row.live->filename;
  record.mime = row.live->mime;
  record.metadata = row.live->metadata;
  record.content_hash = row.live->content_hash;
  record.blob = row.live->blob;
  record.bytes = row.live->bytes;
  record.updated_ms = row.live->updated_ms;
  record.attempts = 0;
  record.error.reset();
  record.owner.clear();
  return record;
}

} // namespace graphrag::runtime
