#pragma once
// A statement with its arguments as PostgreSQL takes them in binary, and arrays of arguments, so
// that many rows travel in one statement: INSERT INTO t(a, b) SELECT a, b FROM unnest($1, $2).
//
// PostgreSQL refuses the character NUL in text, and ours may hold one. So NUL is written as \1 '0'
// and \1 as \1 '1', which keeps the order of texts; Row::text (answer.hpp) undoes it. Keys of
// documents have no such characters. Pure; no connection is needed.
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace graphrag::runtime::postgres {

struct Bytes {
  std::string_view bytes;
};

// Unix time in milliseconds, kept as timestamptz. The largest int64 is `infinity`.
struct Time {
  std::int64_t ms = 0;
};
std::int64_t to_timestamp(Time time); // microseconds since 2000, as on the wire
Time from_timestamp(std::int64_t microseconds);

std::string escape_text(std::string_view text);
std::string unescape_text(std::string_view stored);

enum class ArrayOf : std::uint8_t { number, text, bytes, flag, time };

class Array {
public:
  explicit Array(ArrayOf type);
  template <std::integral T>
  void add(T number) {
    add_integer(static_cast<std::int64_t>(number));
  }
  void add(bool flag);
  void add(std::string_view text);
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(Bytes bytes);
  void add(Time time);
  void add(const std::optional<std::string>& text); // NULL when there is none

  ArrayOf type() const { return type_; }
  std::size_t size() const { return count_; }
  std::size_t bytes() const { return wire_.size(); }
  std::string take() &&; // as on the wire

private:
  void add_integer(std::int64_t number);
  void begin(std::size_t length);

  ArrayOf type_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
  std::string wire_;
};

template <class T>
Array array_of(ArrayOf type, const T& values) {
  Array array(type);
  for (const auto& value : values) array.add(value);
  return array;
}

struct Argument {
  std::uint32_t type = 0; // the OID
  std::string wire;
};

// One statement; it owns its text and arguments.
class Statement {
public:
  template <class... Args>
  explicit Statement(std::string_view sql, Args&&... args) : sql_(sql) {
    arguments_.reserve(sizeof...(args));
    (bind(std::forward<Args>(args)), ...);
  }
  void bind(bool flag);
  template <std::integral T>
  void bind(T number) {
    bind_integer(static_cast<std::int64_t>(number));
  }
  void bind(std::string_view text);
  void bind(const std::string& text) { bind(std::string_view(text)); }
  void bind(const char* text) { bind(std::string_view(text)); }
  void bind(Bytes bytes);
  void bind(Time time);
  void bind(Array&& array);

  const std::string& sql() const { return sql_; }
  const std::vector<Argument>& arguments() const { return arguments_; }

private:
  void bind_integer(std::int64_t number);

  std::string sql_;
  std::vector<Argument> arguments_;
};

// Rows to be written by one statement, column by column, cut where a statement would grow large.
class RowSet {
public:
  struct Column {
    const char* name;
    ArrayOf type;
  };
  // In `sql`, $rows stands for the rows, under the alias u with these columns' names, and $columns
  // for the names themselves.
  RowSet(std::string sql, std::initializer_list<Column> columns);

  template <class... Values>
  void add(const Values&... values) {
    std::size_t at = 0;
    (arrays_[at++].add(values), ...);
    cut_when_large();
  }
  // Moves what was gathered to the end of `out`; nothing when no row was added.
  void append_to(std::vector<Statement>& out);

private:
  void cut_when_large();
  void cut();

  std::string sql_;
  std::vector<Column> columns_;
  std::vector<Array> arrays_;
  std::vector<Statement> done_;
};

} // namespace graphrag::runtime::postgres
