#pragma once
// The memory adapter of the Store port, for tests and simulation: the same semantics, kept only as
// long as the object lives. One mutex guards everything; scan_live works on a snapshot.
#include <mutex>

#include "runtime/store/memory/tables.hpp"
#include "runtime/store/store.hpp"

namespace graphrag::runtime::memory {

class MemoryStore final : public Store {
public:
  explicit MemoryStore(std::shared_ptr<const Clock> clock);

  Result<WriteSummary> write(std::span<const WriteOp> ops) override;
  Result<DocumentRecord> document(const DocumentKey& key) override;
  Result<DocumentContent> content(const DocumentKey& key) override;
  Result<std::vector<DocumentContent>> contents(std::span<const DocumentKey> keys) override;
  Result<std::vector<CollectionRecord>> collections() override;
  Result<ListPage> list(const ListRequest& request) override;
  Result<DocumentRecord> find_upload(std::string_view collection, std::string_view filename,
                                     std::string_view content_hash) override;
  Result<DocumentKey> chunk_owner(std::string_view collection, std::string_view chunk_id) override;
  Result<std::uint64_t> last_seq() override;
  using Store::scan_live;
  Result<std::uint64_t> scan_live(const std::string& collection,
                                  const std::function<bool(DocumentContent&&)>& each) override;
  Result<std::vector<Change>> changes_after(std::uint64_t seq, std::size_t limit) override;
  Status trim_changes(std::uint64_t seq) override;
  Result<std::vector<Claimable>> claimable(std::size_t per_collection, std::size_t limit,
                                           std::span<const std::string> busy) override;
  Result<std::vector<Backlog>> backlog() override;
  Result<JobRecord> job(std::string_view id) override;
  Result<std::vector<JobRecord>> jobs(std::size_t limit) override;
  Result<RememberedReply> remembered(std::string_view collection, std::string_view key,
                                     std::int64_t now_ms) override;
  Result<std::vector<ModelRecord>> models() override;
  Result<std::vector<LackingVectors>> lacking_vectors(std::string_view model, std::uint64_t seq,
                                                      std::size_t limit) override;
  Result<std::uint64_t> count_lacking_vectors(std::string_view model) override;
  Result<std::vector<Verdict>> verdicts(std::string_view collection) override;
  Result<std::vector<std::string>> blobs() override;
  Result<std::vector<std::string>> check() override;
  Status backup_to(const std::string& file) override; // unavailable: there is nothing on disk

private:
  const Document* find(const DocumentKey& key) const;

  std::mutex mutex_;
  std::shared_ptr<const Clock> clock_;
  Tables tables_;
};

} // namespace graphrag::runtime::memory
