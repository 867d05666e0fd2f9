// Listing of the SQLite store. Three kinds of states (all, searchable, one of the others) and two
// orders, each with the index that serves it named, since SQLite has no statistics to choose by.
#include <algorithm>
#include <array>
#include <limits>

#include "runtime/store/rules/cursor.hpp"
#include "runtime/store/sqlite/columns.hpp"
#include "runtime/store/sqlite/sqlite_store.hpp"

namespace graphrag::runtime::sqlite {
namespace {

enum class Which : std::uint8_t { all, searchable, unfinished };

Which which(const ListRequest& request) {
  if (!request.state) return Which::all;
  return *request.state == DocumentState::searchable ? Which::searchable : Which::unfinished;
}

// Ids with a prefix are those in [prefix, end): no UTF-8 text reaches byte 0xff.
std::string prefix_end(std::string prefix) {
  if (prefix.empty()) return "\xff";
  prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

// ?1 collection, ?2 and ?3 the range of ids, ?4 the state.
std::string condition(Which which) {
  std::string common = " WHERE d.collection = ?1 AND d.id >= ?2 AND d.id < ?3";
  switch (which) {
  case Which::all:
    return common + " AND ?4 IS NOT NULL";
  case Which::searchable:
    return common + " AND d.state = 1 AND ?4 IS NOT NULL";
  case Which::unfinished:
    return common + " AND d.state = ?4 AND d.state <> 1";
  }
  return common;
}

// The position: ?5 the last id shown, ?6 its time.
std::string page_sql(Which which, SortOrder sort) {
  std::string index = which == Which::unfinished ? "documents_unfinished"
                      : sort == SortOrder::id    ? "documents_by_key"
                                                 : "documents_by_update";
  std::string after = sort == SortOrder::id
                          ? " AND d.id > ?5 AND ?6 IS NOT NULL ORDER BY d.id LIMIT ?7"
                          : " AND d.updated_ms <= ?6 AND (d.updated_ms < ?6 OR d.id > ?5)"
                            " ORDER BY d.updated_ms DESC, d.id LIMIT ?7";
  return "SELECT " + record_columns + " FROM documents d INDEXED BY " + index + condition(which) +
         after;
}

std::string count_sql(Which which) {
  std::string index = which == Which::unfinished ? "documents_unfinished" : "documents_by_key";
  return "SELECT count(*) FROM documents d INDEXED BY " + index + condition(which);
}

const std::string& page_sql_of(Which which, SortOrder sort) {
  static const std::array<std::array<std::string, 2>, 3> all{{
      {page_sql(Which::all, SortOrder::id), page_sql(Which::all, SortOrder::updated_desc)},
      {page_sql(Which::searchable, SortOrder::id),
       page_sql(Which::searchable, SortOrder::updated_desc)},
      {page_sql(Which::unfinished, SortOrder::id),
       page_sql(Which::unfinished, SortOrder::updated_desc)},
  }};
  return all[static_cast<std::size_t>(which)][static_cast<std::size_t>(sort)];
}

std::uint64_t count(Connection& connection, Which which, const ListRequest& request) {
  static const std::string all = count_sql(Which::all), unfinished = count_sql(Which::unfinished);
  auto state = request.state ? static_cast<int>(*request.state) : 0;
  auto query = connection.query(which == Which::all ? all : unfinished, request.collection,
                                request.prefix, prefix_end(request.prefix), state);
  return query.next() ? query.number(0) : 0;
}

// The searchable are what is left of all: both counts are read from indexes alone.
std::uint64_t total(Connection& connection, const ListRequest& request) {
  if (which(request) == Which::unfinished) return count(connection, Which::unfinished, request);
  auto all = count(connection, Which::all, request);
  if (!request.state) return all;
  auto other = request;
  for (auto state : {DocumentState::queued, DocumentState::failed, DocumentState::canceled}) {
    other.state = state;
    all -= count(connection, Which::unfinished, other);
  }
  return all;
}

} // namespace

Result<ListPage> SqliteStore::list(const ListRequest& request) {
  Cursor after{request.sort, std::numeric_limits<std::int64_t>::max(), ""};
  if (!request.after.empty()) {
    auto cursor = decode_cursor(request.after, request.sort);
    if (!cursor) return tl::unexpected(cursor.error());
    after = std::move(*cursor);
  }
  return read([&](Connection& connection) -> Result<ListPage> {
    if (!connection.query("SELECT 1 FROM collections WHERE name = ?1", request.collection).next())
      return fail(Errc::not_found, "no such collection");
    ListPage page;
    page.total = total(connection, request);
    std::size_t limit = std::max(request.limit, 1U);
    auto state = request.state ? static_cast<int>(*request.state) : 0;
    auto query = connection.query(page_sql_of(which(request), request.sort), request.collection,
                                  request.prefix, prefix_end(request.prefix), state, after.id,
                                  after.updated_ms, limit + 1);
    while (page.items.size() < limit && query.next()) page.items.push_back(read_record(query));
    if (page.items.size() == limit && query.next()) {
      const auto& last = page.items.back();
      page.next = encode_cursor({request.sort, last.updated_ms, last.key.id});
    }
    return page;
  });
}

} // namespace graphrag::runtime::sqlite
