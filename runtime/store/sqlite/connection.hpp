#pragma once
// A thin C++ face of one SQLite connection. Statements are prepared once and kept. Failures stick:
// after the first one every call does nothing and returns nothing, so a sequence of statements is
// written without checks and asked once at the end (ok(), take_error()). One thread at a time.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "runtime/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace graphrag::runtime::sqlite {

struct Blob { // bytes, as opposed to text
  std::string_view bytes;
};

class Connection;

// A running statement. Its arguments are copied where it outlives the call that made it; it is
// reset, which ends its read, when it goes away.
class Query {
public:
  Query(Connection& connection, sqlite3_stmt* statement)
      : connection_(connection), statement_(statement) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  bool next(); // false at the end and on failure

  std::int64_t integer(int column) const;
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::uint32_t small(int column) const { return static_cast<std::uint32_t>(integer(column)); }
  std::string text(int column) const { return std::string(bytes(column)); }
  std::string_view bytes(int column) const; // of text or blob; valid until next()
  bool is_null(int column) const;

private:
  Connection& connection_;
  sqlite3_stmt* statement_;
};

enum class Access : std::uint8_t { read_write, read_only };

class Connection {
public:
  // Opens, or creates for read_write, and sets what every connection of ours has: a busy timeout
  // and foreign keys.
  static Result<std::unique_ptr<Connection>> open(const std::string& file, Access access);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // `sql` is a string literal: it is also the key of the statement cache. ?1, ?2 ... are the
  // arguments: integers, text (string_view), Blob, or std::nullopt for NULL.
  template <class... Args>
  Query query(std::string_view sql, const Args&... args) {
    auto* statement = prepare(sql);
    bind_all(statement, true, args...);
    return Query(*this, statement);
  }
  template <class... Args>
  void run(std::string_view sql, const Args&... args) {
    auto* statement = prepare(sql);
    bind_all(statement, false, args...);
    finish(statement);
  }
  void exec(const char* sql); // one or more statements without arguments, not kept

  std::int64_t last_insert_number() const;
  std::int64_t changed_rows() const;
  bool in_transaction() const;
  sqlite3* raw() const { return database_; }

  bool ok() const { return !error_; }
  std::optional<Error> take_error();
  void set_error(Error error);
  void fail_with(int code); // notes the error of a call made on raw()

private:
  friend class Query;
  Connection() = default;

  sqlite3_stmt* prepare(std::string_view sql);
  void finish(sqlite3_stmt* statement);

  template <class... Args>
  void bind_all([[maybe_unused]] sqlite3_stmt* statement, [[maybe_unused]] bool copy,
                const Args&... args) {
    int position = 0;
    (bind(statement, ++position, copy, args), ...);
  }
  template <std::integral T>
  void bind(sqlite3_stmt* statement, int at, bool, T value) {
    bind_integer(statement, at, static_cast<std::int64_t>(value));
  }
  void bind(sqlite3_stmt* statement, int at, bool copy, std::string_view value);
  void bind(sqlite3_stmt* statement, int at, bool copy, Blob value);
  void bind(sqlite3_stmt* statement, int at, bool copy, std::nullopt_t);
  void bind_integer(sqlite3_stmt* statement, int at, std::int64_t value);

  sqlite3* database_ = nullptr;
  std::unordered_map<std::string_view, sqlite3_stmt*> statements_;
  std::optional<Error> error_;
};

} // namespace graphrag::runtime::sqlite
