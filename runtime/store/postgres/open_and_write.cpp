// Opening the PostgreSQL store, and its writes.
#include <thread>

#include "runtime/store/postgres/migrations.hpp"
#include "runtime/store/postgres/postgres_store.hpp"

namespace graphrag::runtime {

Result<std::unique_ptr<Store>> open_postgres_store(const PostgresOptions& options) {
  return postgres::PostgresStore::open(options);
}

namespace postgres {
namespace {

constexpr int most_tries = 5;
constexpr Milliseconds between_questions{200};

// The server gives up first, and says so.
Times times_of(Milliseconds statement) { return {statement, statement + std::chrono::seconds(5)}; }

// The true number in place of the draft's.
void number(WriteSummary& summary, std::uint64_t previous, std::uint64_t seq,
            std::uint64_t view_version) {
  summary.previous_seq = previous;
  summary.seq = seq;
  summary.view_version = view_version;
  for (auto& result : summary.results)
    if (result.seq != 0) result.seq = seq;
}

std::vector<std::string> released_blobs_of(const WriteSummary& summary) {
  std::vector<std::string> blobs;
  for (const auto& result : summary.results)
    if (!result.blob_to_drop.empty()) blobs.push_back(result.blob_to_drop);
  return blobs;
}

} // namespace

PostgresStore::PostgresStore(const PostgresOptions& options)
    : options_(options), times_(times_of(options.statement)),
      long_times_(times_of(options.long_statement)),
      clock_(options.clock ? options.clock : std::make_shared<SystemClock>()),
      writer_(make_document_id()), pool_(PoolOptions{.url = options.url,
                                                     .kept = options.connections,
                                                     .overflow = options.overflow,
                                                     .wait = options.wait,
                                                     .connecting = options.connecting,
                                                     .recycle = options.recycle}) {}

Result<std::unique_ptr<Store>> PostgresStore::open(const PostgresOptions& options) {
  std::unique_ptr<PostgresStore> store(new PostgresStore(options));
  if (auto ok = migrate(store->pool_, options.long_statement); !ok)
    return tl::unexpected(ok.error());
  return store;
}

PostgresStore::Attempt PostgresStore::try_batch(Connection& connection, const Batch& batch) {
  std::int64_t replies_now_ms = replies_now_ms_;
  Draft draft(connection, batch.times.flight, replies_now_ms);
  bool ok = load(connection, batch.touched, batch.locks, replies_now_ms, batch.times, draft);
  WriteSummary summary;
  if (ok) {
    summary = run_batch(draft, batch.ops, clock_->wall_ms());
    ok = !draft.failed();
  }
  if (ok) return finish(connection, draft, batch.times, std::move(summary));
  // Nothing was asked to be committed, so a lost connection did no harm.
  auto failure = connection.failure();
  connection.roll_back();
  bool again = failure.lost || worth_another_try(failure);
  return {again ? Try::again : Try::failed, failure.error, {}};
}

PostgresStore::Attempt PostgresStore::finish(Connection& connection, const Draft& draft,
                                             const Times& times, WriteSummary summary) {
  auto released = released_blobs_of(summary);
  auto flight = changes_of(draft, released, {writer_, batch_, replies_now_ms_});
  flight.statements.emplace_back("COMMIT");
  auto answers = connection.fly(flight.statements, times.flight, Plans::kept);
  if (!answers) {
    auto failure = connection.failure();
    connection.roll_back();
    if (failure.lost) return {Try::in_doubt, failure.error, std::move(summary)};
    return {worth_another_try(failure) ? Try::again : Try::failed, failure.error, {}};
  }
  auto row = (*answers)[flight.number][0];
  number(summary, row.number(0) - (draft.visible() ? 1 : 0), row.number(0), row.number(1));
  if (flight.blobs)
    for (auto row : (*answers)[*flight.blobs])
      for (auto& result : summary.results)
        if (result.blob_to_drop == row.text(0)) result.blob_to_drop.clear();
  return {Try::done, {}, std::move(summary)};
}

Result<bool> PostgresStore::was_done(WriteSummary& summary) {
  auto until = std::chrono::steady_clock::now() + options_.doubt;
  std::vector<Statement> flight;
  begin_writing(flight, {options_.doubt, options_.doubt});
  take_locks(flight, {writer_lock(writer_)}); // held by the batch until it has ended
  auto question = flight.size();
  flight.emplace_back(
      "SELECT batch, previous_seq, seq, view_version FROM writers WHERE writer = $1", writer_);
  flight.emplace_back("COMMIT");
  for (;;) {
    if (auto connection = pool_.borrow_new()) {
      if (auto answers = (*connection)->fly(flight, options_.doubt)) {
        const auto& found = (*answers)[question];
        if (found.empty() || found[0].number(0) != batch_) return false;
        number(summary, found[0].number(1), found[0].number(2), found[0].number(3));
        // Which blobs are named again was in the answer that got lost: a sweep finds them.
        for (auto& result : summary.results) result.blob_to_drop.clear();
        return true;
      }
    }
    if (std::chrono::steady_clock::now() + between_questions >= until)
      return fail(Errc::unavailable,
                  "PostgreSQL went away during the commit: the outcome is unknown");
    std::this_thread::sleep_for(between_questions);
  }
}

Result<WriteSummary> PostgresStore::write(std::span<const WriteOp> ops) {
  std::lock_guard lock(write_mutex_);
  Batch batch{ops, touched_by(ops), {}, times_};
  batch.locks = locks_of(batch.touched, writer_);
  if (!batch.touched.dropped.empty()) batch.times = long_times_;
  Error error;
  bool fresh = false;
  for (int tries = 0; tries < most_tries; ++tries) {
    auto connection = fresh ? pool_.borrow_new() : pool_.borrow();
    if (!connection) return tl::unexpected(connection.error());
    ++batch_;
    auto attempt = try_batch(**connection, batch);
    fresh = (*connection)->lost();
    if (attempt.how == Try::done) return std::move(attempt.summary);
    error = std::move(attempt.error);
    if (attempt.how == Try::failed) break;
    if (attempt.how != Try::in_doubt) continue;
    auto done = was_done(attempt.summary);
    if (!done) return tl::unexpected(done.error());
    if (*done) return std::move(attempt.summary);
  }
  return tl::unexpected(std::move(error));
}

Status PostgresStore::backup_to(const std::string&) {
  return fail(
      Errc::unavailable,
      "the store is a PostgreSQL database: back it up with pg_dump -Fc, which is consistent "
      "beside running writes, and back up the original files beside it");
}

} // namespace postgres
} // namespace graphrag::runtime
