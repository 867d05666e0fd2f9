// Opening the SQLite store, and its writes.
#include <filesystem>
#include <thread>

#include "runtime/check.hpp"
#include "runtime/store/files.hpp"
#include "runtime/store/sqlite/migrations.hpp"
#include "runtime/store/sqlite/rows.hpp"
#include "runtime/store/sqlite/sqlite_store.hpp"

namespace graphrag::runtime {

Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options) {
  return sqlite::SqliteStore::open(options);
}

namespace sqlite {
namespace {

constexpr std::int64_t page_size = 8192;

// The page size must come before the file has pages. The WAL is copied back every 16 MB, and cut
// to 64 MB when a long read made it grow.
constexpr const char* writer_settings = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; "
                                        "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; "
                                        "PRAGMA temp_store = MEMORY; "
                                        "PRAGMA wal_autocheckpoint = 2048; "
                                        "PRAGMA journal_size_limit = 67108864";

void limit_size(Connection& writer, std::int64_t max_bytes) {
  if (max_bytes <= 0) return;
  auto sql =
      "PRAGMA max_page_count = " + std::to_string(std::max<std::int64_t>(1, max_bytes / page_size));
  writer.exec(sql.c_str());
}

} // namespace

Result<std::unique_ptr<Store>> SqliteStore::open(const SqliteOptions& options) {
  if (options.file.empty() || options.file == ":memory:" || options.file.starts_with("file:"))
    return fail(Errc::invalid_argument, "the store needs the name of a file");
  std::unique_ptr<SqliteStore> store(new SqliteStore);
  store->file_ = options.file;
  store->clock_ = options.clock ? options.clock : std::make_shared<SystemClock>();

  auto writer = Connection::open(options.file, Access::read_write);
  if (!writer) return tl::unexpected(writer.error());
  store->writer_ = std::move(*writer);
  store->writer_->exec(writer_settings);
  if (auto error = store->writer_->take_error()) return tl::unexpected(std::move(*error));
  if (auto ok = migrate(*store->writer_, store->clock_->wall_ms()); !ok)
    return tl::unexpected(ok.error());
  limit_size(*store->writer_, options.max_bytes);
  if (auto error = store->writer_->take_error()) return tl::unexpected(std::move(*error));
  // SQLite syncs the file, this the name of a new one.
  auto folder = std::filesystem::path(options.file).parent_path();
  if (auto ok = files::sync_folder(folder.empty() ? "." : folder.string()); !ok)
    return tl::unexpected(ok.error());

  auto readers = ReaderPool::open(options.file, options.readers);
  if (!readers) return tl::unexpected(readers.error());
  store->readers_ = std::move(*readers);
  return store;
}

Status SqliteStore::in_transaction(const std::function<void(Connection&)>& work) {
  writer_->run("BEGIN IMMEDIATE");
  if (writer_->ok()) work(*writer_);
  if (writer_->ok()) writer_->run("COMMIT");
  auto error = writer_->take_error();
  if (!error) return {};
  if (writer_->in_transaction()) writer_->exec("ROLLBACK");
  writer_->take_error();
  RUNTIME_CHECK(!writer_->in_transaction(), "a failed batch could not be rolled back");
  return tl::unexpected(std::move(*error));
}

Result<WriteSummary> SqliteStore::write(std::span<const WriteOp> ops) {
  std::lock_guard lock(write_mutex_);
  WriteSummary summary;
  auto ok = in_transaction([&](Connection& connection) {
    SqliteRows rows(connection, replies_now_ms_.load());
    summary = run_batch(rows, ops, clock_->wall_ms());
    rows.finish();
  });
  if (!ok) return tl::unexpected(ok.error());
  return summary;
}

Status SqliteStore::trim_changes(std::uint64_t seq) {
  for (;;) {
    bool more = false;
    {
      std::lock_guard lock(write_mutex_);
      auto ok = in_transaction([&](Connection& connection) { more = trim(connection, seq); });
      if (!ok || !more) return ok;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1)); // for a writer that waits
  }
}

} // namespace sqlite
} // namespace graphrag::runtime
