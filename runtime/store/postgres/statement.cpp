#include "runtime/store/postgres/statement.hpp"

#include <algorithm>
#include <limits>

#include "runtime/check.hpp"

namespace graphrag::runtime::postgres {
namespace {

constexpr std::int64_t year_2000_ms = 946'684'800'000;
constexpr std::int64_t earliest_ms = -200'000'000'000'000; // PostgreSQL's time begins in 4714 BC
constexpr std::int64_t infinity = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t most_bytes = 8U << 20; // of one statement, unless one row has more
constexpr std::size_t most_rows = 8192;

struct Type {
  std::uint32_t element, array;
};

Type type_of(ArrayOf type) {
  switch (type) {
  case ArrayOf::number:
    return {20, 1016};
  case ArrayOf::text:
    return {25, 1009};
  case ArrayOf::bytes:
    return {17, 1001};
  case ArrayOf::flag:
    return {16, 1000};
  case ArrayOf::time:
    return {1184, 1185};
  }
  return {};
}

template <class T>
void put(std::string& out, T value) {
  auto bits = static_cast<std::make_unsigned_t<T>>(value);
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(bits >> shift & 0xff));
}

void put_at(std::string& out, std::size_t at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out[at + i] = static_cast<char>(value >> (24 - 8 * i) & 0xff);
}

bool needs_escape(std::string_view text) {
  return text.find_first_of(std::string_view("\0\1", 2)) != std::string_view::npos;
}

void replace(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

} // namespace

std::int64_t to_timestamp(Time time) {
  constexpr auto most = infinity / 1000 - 1;
  if (time.ms > most) return infinity;
  return (std::max(time.ms, earliest_ms) - year_2000_ms) * 1000;
}

Time from_timestamp(std::int64_t microseconds) {
  if (microseconds == infinity) return {infinity};
  return {microseconds / 1000 + year_2000_ms};
}

std::string escape_text(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  for (char c : text) {
    if (c != '\0' && c != '\1') {
      out.push_back(c);
      continue;
    }
    out.push_back('\1');
    out.push_back(c == '\0' ? '0' : '1');
  }
  return out;
}

std::string unescape_text(std::string_view stored) {
  std::string out;
  out.reserve(stored.size());
  for (std::size_t i = 0; i < stored.size(); ++i) {
    bool escaped = stored[i] == '\1' && i + 1 < stored.size();
    out.push_back(escaped ? static_cast<char>(stored[++i] - '0') : stored[i]);
  }
  return out;
}

Array::Array(ArrayOf type) : type_(type) {
  put<std::uint32_t>(wire_, 1); // dimensions
  put<std::uint32_t>(wire_, 0); // whether there are NULLs
  put<std::uint32_t>(wire_, type_of(type).element);
  put<std::uint32_t>(wire_, 0); // how many
  put<std::uint32_t>(wire_, 1); // the first one's number
}

void Array::begin(std::size_t length) {
  ++count_;
  put(wire_, static_cast<std::uint32_t>(length));
}

void Array::add_integer(std::int64_t number) {
  RUNTIME_CHECK(type_ == ArrayOf::number, "a number in an array of another type");
  begin(8);
  put(wire_, number);
}

void Array::add(bool flag) {
  RUNTIME_CHECK(type_ == ArrayOf::flag, "a flag in an array of another type");
  begin(1);
  wire_.push_back(flag ? 1 : 0);
}

void Array::add(std::string_view text) {
  RUNTIME_CHECK(type_ == ArrayOf::text, "a text in an array of another type");
  if (needs_escape(text)) {
    auto escaped = escape_text(text);
    begin(escaped.size());
    wire_ += escaped;
    return;
  }
  begin(text.size());
  wire_ += text;
}

void Array::add(Bytes bytes) {
  RUNTIME_CHECK(type_ == ArrayOf::bytes, "bytes in an array of another type");
  begin(bytes.bytes.size());
  wire_ += bytes.bytes;
}

void Array::add(Time time) {
  RUNTIME_CHECK(type_ == ArrayOf::time, "a time in an array of another type");
  begin(8);
  put(wire_, to_timestamp(time));
}

void Array::add(const std::optional<std::string>& text) {
  if (text) {
    add(std::string_view(*text));
    return;
  }
  ++count_;
  has_null_ = true;
  put<std::int32_t>(wire_, -1);
}

std::string Array::take() && {
  if (count_ == 0) { // an empty array has no dimension
    put_at(wire_, 0, 0);
    wire_.resize(12);
    return std::move(wire_);
  }
  put_at(wire_, 4, has_null_ ? 1 : 0);
  put_at(wire_, 12, count_);
  return std::move(wire_);
}

void Statement::bind(bool flag) { arguments_.push_back({16, std::string(1, flag ? 1 : 0)}); }

void Statement::bind_integer(std::int64_t number) {
  put(arguments_.emplace_back(Argument{20, {}}).wire, number);
}

void Statement::bind(std::string_view text) {
  arguments_.push_back({25, needs_escape(text) ? escape_text(text) : std::string(text)});
}

void Statement::bind(Bytes bytes) { arguments_.push_back({17, std::string(bytes.bytes)}); }

void Statement::bind(Time time) {
  put(arguments_.emplace_back(Argument{1184, {}}).wire, to_timestamp(time));
}

void Statement::bind(Array&& array) {
  auto type = type_of(array.type()).array;
  arguments_.push_back({type, std::move(array).take()});
}

RowSet::RowSet(std::string sql, std::initializer_list<Column> columns)
    : sql_(std::move(sql)), columns_(columns) {
  std::string names, places;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::string comma = i == 0 ? "" : ", ";
    names += comma + columns_[i].name;
    places += comma + "$" + std::to_string(i + 1);
    arrays_.emplace_back(columns_[i].type);
  }
  replace(sql_, "$columns", names);
  replace(sql_, "$rows", "unnest(" + places + ") AS u(" + names + ")");
}

void RowSet::cut_when_large() {
  std::size_t bytes = 0;
  for (const auto& array : arrays_) bytes += array.bytes();
  if (bytes > most_bytes || arrays_.front().size() >= most_rows) cut();
}

void RowSet::cut() {
  if (arrays_.front().size() == 0) return;
  auto& statement = done_.emplace_back(sql_);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    statement.bind(std::move(arrays_[i]));
    arrays_[i] = Array(columns_[i].type);
  }
}

void RowSet::append_to(std::vector<Statement>& out) {
  cut();
  for (auto& statement : done_) out.push_back(std::move(statement));
  done_.clear();
}

} // namespace graphrag::runtime::postgres
