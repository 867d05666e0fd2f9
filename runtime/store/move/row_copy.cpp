#include "runtime/store/move/row_copy.hpp"

#include <algorithm>

#include "runtime/store/move/digest.hpp"
#include "runtime/store/move/tables.hpp"
#include "runtime/store/postgres/load.hpp"

namespace graphrag::runtime::move {
namespace {

using postgres::Array;
using postgres::ArrayOf;
using postgres::Statement;
namespace pg = postgres;

constexpr std::size_t most_rows = 1024, most_bytes = 4U << 20; // of one statement
constexpr std::chrono::milliseconds connecting{5'000};
const pg::Times times{std::chrono::minutes(10), std::chrono::minutes(11)};

constexpr const char* emptiness =
    "SELECT (SELECT value = 0 FROM meta WHERE key = 'last_seq') "
    "AND NOT EXISTS(SELECT 1 FROM documents) AND NOT EXISTS(SELECT 1 FROM tombstones) "
    "AND NOT EXISTS(SELECT 1 FROM floors) AND NOT EXISTS(SELECT 1 FROM jobs) "
    "AND NOT EXISTS(SELECT 1 FROM replies) AND NOT EXISTS(SELECT 1 FROM models) "
    "AND NOT EXISTS(SELECT 1 FROM collections WHERE name <> 'default') "
    "AND NOT EXISTS(SELECT 1 FROM cluster_member) "
    "AND NOT EXISTS(SELECT 1 FROM cluster_view WHERE length(body) > 0)";

tl::unexpected<Error> failure_of(const pg::Connection& connection) {
  return tl::unexpected<Error>(connection.failure().error);
}

Result<std::unique_ptr<sqlite::Connection>> open_source(const std::string& file) {
  auto source = sqlite::Connection::open(file, sqlite::Access::read_only);
  if (source) teach_slots(**source);
  return source;
}

void add(Array& array, const sqlite::Query& row, int at) {
  switch (array.type()) {
  case ArrayOf::number:
    return array.add(row.integer(at));
  case ArrayOf::flag:
    return array.add(row.integer(at) != 0);
  case ArrayOf::time:
    return array.add(pg::Time{row.integer(at)});
  case ArrayOf::bytes:
    return array.add(pg::Bytes{row.bytes(at)});
  case ArrayOf::text:
    if (row.is_null(at)) return array.add(std::optional<std::string>{});
    return array.add(row.bytes(at));
  }
}

class Copier {
public:
  Copier(sqlite::Connection& source, pg::Connection& target) : source_(source), target_(target) {}

  Result<Copied> run() {
    if (auto unknown = unknown_in(source_); !unknown.empty())
      return fail(Errc::conflict, "the store has " + unknown + ", which is not known here");
    if (auto ok = begin(); !ok) return tl::unexpected(ok.error());
    for (const auto& table : tables())
      if (auto ok = copy(table); !ok) return tl::unexpected(ok.error());
    if (auto ok = finish(); !ok) return tl::unexpected(ok.error());
    return copied_;
  }

private:
  Status fly(const std::vector<Statement>& flight) {
    if (!target_.fly(flight, times.flight)) return failure_of(target_);
    return {};
  }

  // Whoever wants to write, or to become a member, waits for the end.
  Status begin() {
    std::vector<Statement> flight;
    pg::begin_writing(flight, times);
    flight.emplace_back("SELECT set_config('idle_in_transaction_session_timeout', '0', true), "
                        "set_config('lock_timeout', '30s', true)");
    flight.emplace_back("LOCK TABLE meta, collections, documents, jobs, cluster_member, "
                        "cluster_view IN SHARE ROW EXCLUSIVE MODE");
    flight.emplace_back(emptiness);
    flight.emplace_back("DELETE FROM collections");
    auto answers = target_.fly(flight, times.flight);
    if (!answers && target_.failure().state == "55P03") // a lock did not come
      return fail(Errc::conflict, "the database is in use");
    if (!answers) return failure_of(target_);
    if (!(*answers)[flight.size() - 2][0].flag(0))
      return fail(Errc::conflict, "the database is not empty");
    return {};
  }

  Status copy(const Table& table) {
    auto arrays = fresh_arrays(table);
    auto flush = [&]() -> Status {
      if (arrays.front().size() == 0) return {};
      std::vector<Statement> flight;
      flight.emplace_back(table.insert);
      for (auto& array : arrays) flight.back().bind(std::move(array));
      arrays = fresh_arrays(table);
      return fly(flight);
    };
    auto row = source_.query(table.select);
    while (row.next()) {
      std::size_t bytes = 0;
      for (std::size_t i = 0; i < arrays.size(); ++i) {
        add(arrays[i], row, static_cast<int>(i));
        bytes += arrays[i].bytes();
      }
      ++copied_.rows;
      if (bytes < most_bytes && arrays.front().size() < most_rows) continue;
      if (auto ok = flush(); !ok) return ok;
    }
    if (auto error = source_.take_error()) return tl::unexpected(std::move(*error));
    return flush();
  }

  static std::vector<Array> fresh_arrays(const Table& table) {
    std::vector<Array> arrays;
    for (const auto& column : table.columns) arrays.emplace_back(column.type);
    return arrays;
  }

  Status finish() {
    {
      auto row = source_.query("SELECT value FROM meta WHERE key = 'last_seq'");
      if (row.next()) copied_.last_seq = row.number(0);
    }
    if (auto error = source_.take_error()) return tl::unexpected(std::move(*error));
    std::vector<Statement> flight;
    flight.emplace_back("UPDATE meta SET value = $1 WHERE key = 'last_seq'", copied_.last_seq);
    flight.emplace_back("SELECT setval('document_numbers', max(document_id)) FROM documents");
    flight.emplace_back("COMMIT");
    return fly(flight);
  }

  sqlite::Connection& source_;
  pg::Connection& target_;
  Copied copied_;
};

// One digest a row, sorted: the databases need not agree on an order.
using Rows = std::vector<std::string>;

Result<Rows> rows_of(sqlite::Connection& source, const Table& table) {
  Rows rows;
  {
    auto row = source.query(table.select);
    while (row.next()) {
      Digest digest;
      for (int i = 0; i < static_cast<int>(table.columns.size()); ++i) {
        const auto type = table.columns[static_cast<std::size_t>(i)].type;
        if (type == ArrayOf::text || type == ArrayOf::bytes)
          digest.add(row.bytes(i));
        else
          digest.add(row.integer(i));
      }
      rows.push_back(digest.hex());
    }
  }
  if (auto error = source.take_error()) return tl::unexpected(std::move(*error));
  std::sort(rows.begin(), rows.end());
  return rows;
}

Result<Rows> rows_of(pg::Connection& target, const Table& table) {
  const std::vector<Statement> flight{Statement{table.select_back}};
  auto answers = target.fly(flight, times.flight);
  if (!answers) return failure_of(target);
  Rows rows;
  for (auto row : answers->front()) {
    Digest digest;
    for (int i = 0; i < static_cast<int>(table.columns.size()); ++i) {
      const auto type = table.columns[static_cast<std::size_t>(i)].type;
      if (type == ArrayOf::text)
        digest.add(row.text(i));
      else if (type == ArrayOf::bytes)
        digest.add(row.bytes(i));
      else
        digest.add(type == ArrayOf::time ? row.time_ms(i) : row.integer(i));
    }
    rows.push_back(digest.hex());
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

} // namespace

Result<Copied> copy_rows(const std::string& sqlite_file, const std::string& postgres_url) {
  auto source = open_source(sqlite_file);
  if (!source) return tl::unexpected(source.error());
  auto target = pg::Connection::open(postgres_url, connecting);
  if (!target) return tl::unexpected(target.error());
  return Copier{**source, **target}.run();
}

Result<bool> is_empty(const std::string& postgres_url) {
  auto target = pg::Connection::open(postgres_url, connecting);
  if (!target) return tl::unexpected(target.error());
  const std::vector<Statement> flight{Statement{emptiness}};
  auto answers = (*target)->fly(flight, times.flight);
  if (!answers) return failure_of(**target);
  return answers->front()[0].flag(0);
}

Result<std::string> differing_table(const std::string& sqlite_file,
                                    const std::string& postgres_url) {
  auto source = open_source(sqlite_file);
  if (!source) return tl::unexpected(source.error());
  auto target = pg::Connection::open(postgres_url, connecting);
  if (!target) return tl::unexpected(target.error());
  for (const auto& table : tables()) {
    const std::string_view name = table.from;
    if (name != "floors" && name != "replies") continue;
    auto before = rows_of(**source, table);
    if (!before) return tl::unexpected(before.error());
    auto after = rows_of(**target, table);
    if (!after) return tl::unexpected(after.error());
    if (*before != *after) return std::string{name};
  }
  return std::string{};
}

} // namespace graphrag::runtime::move
