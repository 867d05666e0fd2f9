#include "runtime/store/sqlite/connection.hpp"

#include <cerrno>
#include <sqlite3.h>

#include "runtime/check.hpp"

namespace graphrag::runtime::sqlite {
namespace {

Errc errc_of(sqlite3* database, int code) {
  int system_error = sqlite3_system_errno(database);
  bool disk_full = system_error == ENOSPC || system_error == EDQUOT;
  switch (code & 0xff) {
  case SQLITE_FULL:
    return Errc::no_space;
  case SQLITE_IOERR:
    return disk_full ? Errc::no_space : Errc::io;
  case SQLITE_CANTOPEN:
    return disk_full ? Errc::no_space : Errc::io;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return Errc::unavailable;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return Errc::corrupt;
  default:
    return Errc::io;
  }
}

} // namespace

// ---- Query

Query::~Query() {
  if (statement_) sqlite3_reset(statement_);
}

bool Query::next() {
  if (!statement_ || !connection_.ok()) return false;
  int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_.fail_with(code);
  return false;
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Query::bytes(int column) const {
  // The pointer first: asking for it may convert, and the length is of what it points to.
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return data ? std::string_view(data, sqlite3_column_bytes(statement_, column))
              : std::string_view();
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

// ---- Connection

Result<std::unique_ptr<Connection>> Connection::open(const std::string& file, Access access) {
  std::unique_ptr<Connection> connection(new Connection);
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::read_only ? SQLITE_OPEN_READONLY
                                       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  int code = sqlite3_open_v2(file.c_str(), &connection->database_, flags, nullptr);
  if (code != SQLITE_OK) {
    connection->fail_with(code);
  } else {
    sqlite3_busy_timeout(connection->database_, 5000);
    connection->exec("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF");
  }
  if (auto error = connection->take_error()) {
    error->detail = "open " + file + ": " + error->detail;
    return tl::unexpected(std::move(*error));
  }
  return connection;
}

Connection::~Connection() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  int code = sqlite3_close(database_);
  RUNTIME_CHECK(code == SQLITE_OK, "a statement outlived its connection");
}

sqlite3_stmt* Connection::prepare(std::string_view sql) {
  if (error_) return nullptr;
  auto [entry, fresh] = statements_.try_emplace(sql, nullptr);
  if (fresh) {
    int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                  SQLITE_PREPARE_PERSISTENT, &entry->second, nullptr);
    if (code != SQLITE_OK) {
      fail_with(code);
      statements_.erase(entry);
      return nullptr;
    }
  }
  RUNTIME_CHECK(!sqlite3_stmt_busy(entry->second), "a statement is used twice at once");
  return entry->second;
}

void Connection::finish(sqlite3_stmt* statement) {
  if (!statement || error_) return;
  int code = sqlite3_step(statement);
  while (code == SQLITE_ROW) code = sqlite3_step(statement);
  if (code != SQLITE_DONE) fail_with(code);
  sqlite3_reset(statement);
}

void Connection::exec(const char* sql) {
  if (error_) return;
  int code = sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail_with(code);
}

void Connection::bind_integer(sqlite3_stmt* statement, int at, std::int64_t value) {
  if (!statement) return;
  int code = sqlite3_bind_int64(statement, at, value);
  if (code != SQLITE_OK) fail_with(code);
}

void Connection::bind(sqlite3_stmt* statement, int at, bool copy, std::string_view value) {
  if (!statement) return;
  const char* data = value.data() ? value.data() : "";
  int code = sqlite3_bind_text64(statement, at, data, value.size(),
                                 copy ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) fail_with(code);
}

void Connection::bind(sqlite3_stmt* statement, int at, bool copy, Blob value) {
  if (!statement) return;
  const char* data = value.bytes.data() ? value.bytes.data() : "";
  int code = sqlite3_bind_blob64(statement, at, data, value.bytes.size(),
                                 copy ? SQLITE_TRANSIENT : SQLITE_STATIC);
  if (code != SQLITE_OK) fail_with(code);
}

void Connection::bind(sqlite3_stmt* statement, int at, bool, std::nullopt_t) {
  if (statement) sqlite3_bind_null(statement, at);
}

std::int64_t Connection::last_insert_number() const { return sqlite3_last_insert_rowid(database_); }
std::int64_t Connection::changed_rows() const { return sqlite3_changes64(database_); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

std::optional<Error> Connection::take_error() { return std::exchange(error_, std::nullopt); }

void Connection::set_error(Error error) {
  if (!error_) error_ = std::move(error);
}

void Connection::fail_with(int code) {
  if (code == SQLITE_OK) return;
  std::string detail = database_ ? sqlite3_errmsg(database_) : sqlite3_errstr(code);
  set_error({errc_of(database_, code), "SQLite " + std::to_string(code) + ": " + detail});
}

} // namespace graphrag::runtime::sqlite
