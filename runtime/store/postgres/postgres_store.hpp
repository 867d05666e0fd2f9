#pragma once
// The PostgreSQL adapter of the Store port: one database, any number of nodes.
//
//   write()  ── mutex ── flight 1: BEGIN, locks in order, rows ── run_batch over a Draft
//                        flight 2: changes, the sequence number, COMMIT
//   reads    ── one flight each: BEGIN (one snapshot), statements, COMMIT
//   scan_live, check ── a connection and a snapshot of their own for as long as they last
//
// Two round trips a batch. Between nodes the database keeps order: the locks of a batch cover all
// that it reads and writes, rows that are not there yet too; whoever takes a sequence number keeps
// its row locked until the commit, so numbers are dense, and a reader that has seen one sees
// everything up to it. Every call ends: statements have a time at the server, flights one here.
//
// When the connection breaks during the commit, the writer waits for its batch to have ended and
// looks for what it left (`writers`): it answers what became of the batch, or writes it again when
// nothing did. Only when the server stays away for `doubt` it answers unavailable with "the outcome
// is unknown", and the batch may be found whole later, never in part.
#include <atomic>
#include <mutex>

#include "runtime/store/postgres/changes.hpp"
#include "runtime/store/postgres/load.hpp"
#include "runtime/store/postgres/pool.hpp"
#include "runtime/store/store.hpp"

namespace graphrag::runtime {

struct PostgresOptions {
  std::string url; // of libpq: postgresql://user:password@host/name, or keywords
  std::uint32_t connections = 20, overflow = 30;
  std::chrono::milliseconds wait{30'000};      // for a free connection
  std::chrono::milliseconds connecting{3'000}; // until a server counts as away
  std::chrono::milliseconds recycle{3'600'000};
  std::chrono::milliseconds statement{30'000};       // of one statement at the server
  std::chrono::milliseconds long_statement{600'000}; // dropping a collection, migrating, checking
  std::chrono::milliseconds doubt{10'000};           // see above
  std::shared_ptr<const Clock> clock = nullptr;      // for the stamps of rows; null = the system's
};
Result<std::unique_ptr<Store>> open_postgres_store(const PostgresOptions& options);

namespace postgres {

class PostgresStore final : public Store {
public:
  static Result<std::unique_ptr<Store>> open(const PostgresOptions& options);

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
  // unavailable: pg_dump makes consistent backups of a database, and pg_restore brings them back.
  Status backup_to(const std::string& file) override;

private:
  explicit PostgresStore(const PostgresOptions& options);

  // How one try of a batch ended.
  enum class Try : std::uint8_t { done, failed, again, in_doubt };
  struct Attempt {
    Try how = Try::failed;
    Error error;
    WriteSummary summary;
  };
  struct Batch {
    std::span<const WriteOp> ops;
    Touched touched;
    std::vector<Lock> locks;
    Times times;
  };
  Attempt try_batch(Connection& connection, const Batch& batch);
  Attempt finish(Connection& connection, const Draft& draft, const Times& times,
                 WriteSummary summary);
  // After a commit that was not answered: whether it was done. The summary gets its numbers.
  Result<bool> was_done(WriteSummary& summary);

  // All statements see one snapshot; the answers are theirs, in order.
  Result<std::vector<Answer>> read(std::vector<Statement> statements, Plans plans = Plans::fresh);
  Result<std::vector<Answer>> read(Statement statement, Plans plans = Plans::fresh);
  // Reads one statement's rows with `make`.
  template <class Make>
  auto rows(Statement statement, Make make)
      -> Result<std::vector<decltype(make(std::declval<const Row&>()))>> {
    auto answers = read(std::move(statement));
    if (!answers) return tl::unexpected(answers.error());
    std::vector<decltype(make(std::declval<const Row&>()))> out;
    for (auto row : answers->front()) out.push_back(make(row));
    return out;
  }

  PostgresOptions options_;
  Times times_, long_times_;
  std::shared_ptr<const Clock> clock_;
  std::string writer_; // this store's name among the writers of the database
  Pool pool_;
  std::mutex write_mutex_;
  std::uint64_t batch_ = 0; // the newest of this writer
  // The latest time a reader of replies has named: what expired by then may go.
  std::atomic<std::int64_t> replies_now_ms_{0};
};

} // namespace postgres
} // namespace graphrag::runtime
