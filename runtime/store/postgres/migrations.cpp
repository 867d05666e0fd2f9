#include "runtime/store/postgres/migrations.hpp"

#include <array>

namespace graphrag::runtime::postgres {
namespace {

constexpr std::int64_t migrators_lock = 0x4752'4147'0000'0001; // "GRAG", 1

Status failure_of(const Connection& connection) {
  return tl::unexpected(connection.failure().error);
}

// In the transaction that is left open, the lock of migrators is held.
Status begin(Connection& connection, Milliseconds deadline) {
  std::vector<Statement> flight;
  flight.emplace_back("BEGIN ISOLATION LEVEL READ COMMITTED");
  flight.emplace_back("SELECT set_config('statement_timeout', $1, true)",
                      std::to_string(deadline.count()));
  flight.emplace_back("SELECT pg_advisory_xact_lock($1)", migrators_lock);
  if (!connection.fly(flight, deadline)) return failure_of(connection);
  return {};
}

Status check_database(Connection& connection, Milliseconds deadline) {
  std::vector<Statement> flight;
  flight.emplace_back("SELECT current_setting('server_encoding'), "
                      "to_regclass('graphrag_schema') IS NOT NULL, "
                      "to_regclass('documents') IS NOT NULL");
  auto answers = connection.fly(flight, deadline);
  if (!answers) return failure_of(connection);
  auto row = answers->front()[0];
  if (row.text(0) != "UTF8")
    return fail(Errc::invalid_argument,
                "the database's encoding is " + row.text(0) + "; the store needs UTF8");
  if (!row.flag(1) && row.flag(2))
    return fail(Errc::corrupt, "the database has tables that are not a store of this program");
  return {};
}

Status check_too_new(Connection& connection, std::span<const Migration> known,
                     Milliseconds deadline) {
  int newest_known = known.empty() ? 0 : known.back().number;
  std::vector<Statement> flight;
  flight.emplace_back("SELECT number, name FROM graphrag_schema WHERE oldest_code > $1 "
                      "ORDER BY number DESC LIMIT 1",
                      newest_known);
  auto answers = connection.fly(flight, deadline);
  if (!answers) return failure_of(connection);
  if (answers->front().empty()) return {};
  auto row = answers->front()[0];
  return fail(Errc::conflict, "the store has schema " + std::to_string(row.integer(0)) + " (" +
                                  row.text(1) + "), but this program knows only up to " +
                                  std::to_string(newest_known) +
                                  "; start a newer program, or restore a backup made by this one");
}

Status create_history(Connection& connection, Milliseconds deadline) {
  if (auto ok = begin(connection, deadline); !ok) return ok;
  if (auto ok = check_database(connection, deadline); !ok) return ok;
  std::vector<Statement> flight;
  flight.emplace_back("CREATE TABLE IF NOT EXISTS graphrag_schema("
                      "number int PRIMARY KEY, name text NOT NULL, oldest_code int NOT NULL, "
                      "applied_at timestamptz NOT NULL)");
  flight.emplace_back("COMMIT");
  if (!connection.fly(flight, deadline)) return failure_of(connection);
  return {};
}

Status apply(Connection& connection, const Migration& migration, Milliseconds deadline) {
  if (auto ok = begin(connection, deadline); !ok) return ok;
  std::vector<Statement> question;
  question.emplace_back("SELECT 1 FROM graphrag_schema WHERE number = $1", migration.number);
  auto answers = connection.fly(question, deadline);
  if (!answers) return failure_of(connection);
  std::vector<Statement> flight;
  if (answers->front().empty()) {
    if (!connection.run_script(migration.sql, deadline)) return failure_of(connection);
    flight.emplace_back("INSERT INTO graphrag_schema VALUES($1, $2, $3, now())", migration.number,
                        migration.name, migration.oldest_code);
  }
  flight.emplace_back("COMMIT");
  if (!connection.fly(flight, deadline)) return failure_of(connection);
  return {};
}

} // namespace

std::span<const Migration> migrations() {
  static const std::array all{
      migration_store,        migration_membership,    migration_claims,   migration_claim_indexes,
      migration_cluster_rows, migration_no_slot_index, migration_log_needs};
  return all;
}

Status migrate(Pool& pool, Milliseconds deadline, std::span<const Migration> known) {
  auto connection = pool.borrow();
  if (!connection) return tl::unexpected(connection.error());
  if (auto ok = create_history(**connection, deadline); !ok) return ok;
  if (auto ok = check_too_new(**connection, known, deadline); !ok) return ok;
  for (const auto& migration : known)
    if (auto ok = apply(**connection, migration, deadline); !ok) return ok;
  return {};
}

} // namespace graphrag::runtime::postgres
