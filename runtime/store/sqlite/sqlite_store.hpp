#pragma once
// The SQLite adapter of the Store port.
//
//   write()  ── mutex ── one writer connection: BEGIN IMMEDIATE, run_batch over SqliteRows, COMMIT
//   reads    ── ReaderPool: one read transaction per call
//   scan_live, check, backup_to ── a reader of their own, since they last long
//
// WAL with synchronous=FULL: a commit that returned is on the disk. Any failure in a batch rolls
// all of it back, and the next batch starts afresh, so a full disk heals by itself.
#include <atomic>
#include <mutex>

#include "runtime/store/sqlite/reader_pool.hpp"
#include "runtime/store/store.hpp"

namespace graphrag::runtime::sqlite {

class SqliteStore final : public Store {
public:
  static Result<std::unique_ptr<Store>> open(const SqliteOptions& options);

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
  SqliteStore() = default;

  // Runs `work` in a transaction of the writer; rolls back when anything failed.
  Status in_transaction(const std::function<void(Connection&)>& work);

  // Runs `query` on a borrowed reader. It returns a Result, which a failure of SQLite replaces.
  template <class Call>
  auto read(Call query) -> decltype(query(std::declval<Connection&>())) {
    auto lease = readers_->borrow();
    auto result = query(*lease);
    if (auto error = (*lease).take_error()) return tl::unexpected(std::move(*error));
    return result;
  }

  std::string file_;
  std::shared_ptr<const Clock> clock_;
  std::mutex write_mutex_;
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<ReaderPool> readers_;
  // The latest time a reader of replies has named: what expired by then may go.
  std::atomic<std::int64_t> replies_now_ms_{0};
};

} // namespace graphrag::runtime::sqlite
