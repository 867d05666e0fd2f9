#pragma once
// The Store port: the only truth. Adapters: sqlite_store (default), memory_store (tests,
// simulation), and PostgreSQL in a cluster; all pass tests/contract/store_contract.
//
// All calls block and are thread-safe; write() calls are serialised by the adapter. Call from
// detached actors or plain threads, never from a CAF worker or an Asio thread. Every write() that
// returned success is durable. A whole-batch failure (no_space, io, unavailable) changed nothing.
// A new store holds the collection "default".
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runtime/clock.hpp"
#include "runtime/store/types.hpp"

namespace graphrag::runtime {

class Store {
public:
  virtual ~Store() = default;

  virtual Result<WriteSummary> write(std::span<const WriteOp> ops) = 0;

  virtual Result<DocumentRecord> document(const DocumentKey& key) = 0;
  // Text, chunks and vectors of the live version; not_found when there is none.
  virtual Result<DocumentContent> content(const DocumentKey& key) = 0;
  // The same of many documents in few round trips, as of one point in time, each once, in
  // (collection, id) order; those without a live version are left out. The answer is as large as
  // what was asked for: the caller bounds it by the number of keys.
  virtual Result<std::vector<DocumentContent>> contents(std::span<const DocumentKey> keys) = 0;
  virtual Result<std::vector<CollectionRecord>> collections() = 0;
  virtual Result<ListPage> list(const ListRequest& request) = 0;
  // A document of this collection made without a client's id, by the file name and hash it had.
  virtual Result<DocumentRecord> find_upload(std::string_view collection, std::string_view filename,
                                             std::string_view content_hash) = 0;
  // Which document a chunk id belongs to.
  virtual Result<DocumentKey> chunk_owner(std::string_view collection,
                                          std::string_view chunk_id) = 0;

  virtual Result<std::uint64_t> last_seq() = 0;
  // Calls `each` for every live document of the collection, empty = of all, in (collection, id)
  // order, as of one point in time, which is returned as a sequence number. Stops early when `each`
  // returns false.
  virtual Result<std::uint64_t> scan_live(const std::string& collection,
                                          const std::function<bool(DocumentContent&&)>& each) = 0;
  Result<std::uint64_t> scan_live(const std::function<bool(DocumentContent&&)>& each) {
    return scan_live(std::string{}, each);
  }
  // The last change of every key changed after `seq`, oldest first, at most `limit`, but never part
  // of a sequence number: the last one comes whole. Within one number a dropped collection comes
  // first, then a created one, then documents; a collection made again keeps its drop in the list.
  // Since only the last change of a key is listed, the numbers between are not states that ever
  // were: a view reads on until a call returns fewer than `limit`, then shows all of it at once, at
  // the last number (docs/visibility.md).
  virtual Result<std::vector<Change>> changes_after(std::uint64_t seq, std::size_t limit) = 0;
  // Forgets deletions up to `seq` (every view has applied them).
  virtual Status trim_changes(std::uint64_t seq) = 0;

  // Queued documents for workers to choose from: at most `per_collection` of each collection, the
  // oldest of it; first the oldest ones of all collections, then the second oldest ones and so on,
  // within a round the older first, so that none waits for ever when there are more collections
  // than `limit`. Documents that one of `busy` owns are left out: workers that are known to be at
  // work would otherwise hide what is behind them.
  virtual Result<std::vector<Claimable>> claimable(std::size_t per_collection, std::size_t limit,
                                                   std::span<const std::string> busy = {}) = 0;
  virtual Result<std::vector<Backlog>> backlog() = 0;
  virtual Result<JobRecord> job(std::string_view id) = 0;
  virtual Result<std::vector<JobRecord>> jobs(std::size_t limit) = 0;
  // not_found once it has expired at `now_ms`; expired ones are removed by later writes.
  virtual Result<RememberedReply> remembered(std::string_view collection, std::string_view key,
                                             std::int64_t now_ms) = 0;
  // The active model first.
  virtual Result<std::vector<ModelRecord>> models() = 0;
  // Live versions without vectors of this model whose last change came after `seq`, oldest first.
  // A document of no chunks lacks nothing.
  virtual Result<std::vector<LackingVectors>>
  lacking_vectors(std::string_view model, std::uint64_t seq, std::size_t limit) = 0;
  virtual Result<std::uint64_t> count_lacking_vectors(std::string_view model) = 0;
  // By their names.
  virtual Result<std::vector<Verdict>> verdicts(std::string_view collection) = 0;
  // Every blob key that a row names; for fsck and for sweeping what a crash left.
  virtual Result<std::vector<std::string>> blobs() = 0;
  // Findings about damaged or inconsistent rows; empty when all is well.
  virtual Result<std::vector<std::string>> check() = 0;
  // A consistent copy of the whole store in one new file (online).
  virtual Status backup_to(const std::string& file) = 0;
};

struct SqliteOptions {
  std::string file;           // created when missing; ":memory:" is refused
  unsigned readers = 4;       // pooled read connections
  std::int64_t max_bytes = 0; // 0 = as much as the disk has; a bound gives no_space (tests, quotas)
  std::shared_ptr<const Clock> clock = nullptr; // for the stamps of rows; null = the system's
};
Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options);

std::unique_ptr<Store> make_memory_store(std::shared_ptr<const Clock> clock = nullptr);

} // namespace graphrag::runtime
