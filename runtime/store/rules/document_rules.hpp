#pragma once
// What each write operation does to one document, as pure functions. Every adapter loads the row,
// asks here, and saves what comes back, so that all adapters agree by construction.
#include <optional>
#include <span>
#include <string>

#include "runtime/store/types.hpp"

namespace graphrag::runtime {

// The live version where it can differ from the newest one.
struct LiveVersion {
  std::string title, filename, mime, metadata, content_hash, blob;
  std::uint64_t bytes = 0;
  std::int64_t updated_ms = 0;
  std::uint32_t analysis_version = 0;
};

// A document in the store. `live` is present exactly when record.live_version is not 0.
struct DocumentRow {
  DocumentRecord record;
  std::optional<LiveVersion> live;
  std::int64_t number = 0; // the adapter's own name for the row; 0 = not saved yet
};

// What a new document's version and epoch go on from: those of its deleted predecessor, so that
// neither ever goes back.
struct Floor {
  std::uint64_t version = 0;
  std::uint64_t epoch = 0;
};

// What to do after a rule allowed the operation.
struct Step {
  Outcome outcome = Outcome::done;
  bool save = false;            // `after` is the row now
  bool erase = false;           // the document is gone; `after` holds its last version and epoch
  bool replace_content = false; // text, chunks and vector are those of the commit
  std::optional<ChangeKind> visible; // set when queries see a difference
  bool differs_from_input = false;   // WriteResult::differs_from_input
  DocumentRow after;
};

using MaybeRow = std::optional<DocumentRow>;

Result<Step> accept(const MaybeRow& before, Floor floor, const AcceptOp& op, std::int64_t now_ms);
// `stored_vector` is the live version's, needed only when it and the operation have one.
Result<Step> commit(const MaybeRow& before, Floor floor, const CommitOp& op,
                    std::span<const float> stored_vector, std::int64_t now_ms);
Result<Step> fail_version(const MaybeRow& before, const FailOp& op, std::int64_t now_ms);
Result<Step> claim(const MaybeRow& before, const ClaimOp& op);
Result<Step> retry(const MaybeRow& before, std::int64_t now_ms);
Result<Step> cancel(const MaybeRow& before, std::int64_t now_ms);
Result<Step> patch(const MaybeRow& before, const PatchOp& op, std::int64_t now_ms);
Result<Step> erase(const MaybeRow& before, const DeleteOp& op);

// Whether these vectors are of the version that is live.
Status may_embed(const MaybeRow& before, const EmbedOp& op);

// Blobs that this document named, or that the operation brought (`brought`, may be empty), and that
// the document does not name after the step.
std::vector<std::string> released_blobs(const MaybeRow& before, const std::string& brought,
                                        const Step& step);

// The record as queries see it: the live version alone. Needs a live version.
DocumentRecord live_record(const DocumentRow& row);

} // namespace graphrag::runtime
