#include "runtime/store/sqlite/migrations.hpp"

#include <array>

namespace graphrag::runtime::sqlite {
namespace {

constexpr std::int64_t application_id = 0x47524147; // "GRAG"

std::int64_t pragma(Connection& connection, std::string_view sql) {
  auto query = connection.query(sql);
  return query.next() ? query.integer(0) : 0;
}

// Ours, or empty: a file of somebody else is never touched.
Status check_owner(Connection& connection) {
  auto owner = pragma(connection, "PRAGMA application_id");
  auto tables = pragma(connection, "SELECT count(*) FROM sqlite_schema");
  if (auto error = connection.take_error()) return tl::unexpected(std::move(*error));
  if (owner == application_id || (owner == 0 && tables == 0)) return {};
  return fail(Errc::corrupt, "the file is a SQLite database, but not a store of this program");
}

Status check_too_new(Connection& connection, std::span<const Migration> known) {
  int newest_known = known.empty() ? 0 : known.back().number;
  auto query = connection.query("SELECT number, name FROM schema_version WHERE oldest_code > ?1 "
                                "ORDER BY number DESC LIMIT 1",
                                newest_known);
  if (!query.next()) return {};
  return fail(Errc::conflict, "the store has schema " + std::to_string(query.integer(0)) + " (" +
                                  query.text(1) + "), but this program knows only up to " +
                                  std::to_string(newest_known) +
                                  "; start a newer program, or restore a backup made by this one");
}

void apply(Connection& connection, const Migration& migration, std::int64_t now_ms) {
  connection.exec(migration.sql);
  connection.run("INSERT INTO schema_version(number, name, oldest_code, applied_ms) "
                 "VALUES(?1, ?2, ?3, ?4)",
                 migration.number, std::string_view(migration.name), migration.oldest_code, now_ms);
}

bool applied(Connection& connection, const Migration& migration) {
  return connection.query("SELECT 1 FROM schema_version WHERE number = ?1", migration.number)
      .next();
}

} // namespace

std::span<const Migration> migrations() {
  static const std::array all{migration_documents, migration_jobs, migration_replies,
                              migration_models, migration_claims};
  return all;
}

Status migrate(Connection& connection, std::int64_t now_ms, std::span<const Migration> known) {
  if (auto ok = check_owner(connection); !ok) return ok;
  connection.exec("BEGIN IMMEDIATE; PRAGMA application_id = 0x47524147;"
                  "CREATE TABLE IF NOT EXISTS schema_version("
                  "  number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
                  "  oldest_code INTEGER NOT NULL, applied_ms INTEGER NOT NULL); COMMIT");
  if (auto ok = check_too_new(connection, known); !ok) return ok;
  for (const auto& migration : known) {
    connection.exec("BEGIN IMMEDIATE");
    if (!applied(connection, migration)) apply(connection, migration, now_ms);
    connection.exec("COMMIT");
  }
  auto error = connection.take_error();
  if (!error) return {};
  if (connection.in_transaction()) connection.exec("ROLLBACK");
  connection.take_error();
  return tl::unexpected(std::move(*error));
}

} // namespace graphrag::runtime::sqlite
