#pragma once
// A Store that fails when a test says so, in front of a real one.
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "runtime/store/store.hpp"

namespace graphrag::runtime {

// When a planned failure strikes: before the batch is written (nothing changed), or after (all of
// it is durable, but the caller is told otherwise, as when a connection breaks at the commit).
enum class FaultPoint : std::uint8_t { before_commit, after_commit };

// Thread-safe. Hooks run on the calling thread before the real call and may block it.
class FaultyStore final : public Store {
public:
  explicit FaultyStore(std::shared_ptr<Store> inner) : inner_(std::move(inner)) {}

  // The next `times` writes fail; plans queue up.
  void fail_writes(Errc code, FaultPoint point, unsigned times = 1);
  // The next `times` reads fail (every call but write, trim_changes and backup_to).
  void fail_reads(Errc code, unsigned times = 1);
  // While full, every write answers no_space.
  void set_full(bool full);
  void set_write_hook(std::function<void(std::span<const WriteOp>)> hook);
  void set_read_hook(std::function<void()> hook);
  std::uint64_t writes() const; // calls of write() so far, failed ones too

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
  Status backup_to(const std::string& file) override;

private:
  struct Plan {
    Errc code;
    FaultPoint point;
  };
  // Runs the read hook, then says whether this read is to fail.
  Status before_read();
  template <class Call>
  auto read(Call call) -> decltype(call()) {
    if (auto ok = before_read(); !ok) return tl::unexpected(ok.error());
    return call();
  }

  std::shared_ptr<Store> inner_;
  mutable std::mutex mutex_;
  std::deque<Plan> write_plans_;
  std::deque<Errc> read_plans_;
  bool full_ = false;
  std::uint64_t writes_ = 0;
  std::function<void(std::span<const WriteOp>)> write_hook_;
  std::function<void()> read_hook_;
};

} // namespace graphrag::runtime
