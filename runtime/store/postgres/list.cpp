// Listing of the PostgreSQL store: a page and the count, of one snapshot.
#include <algorithm>

#include "runtime/store/postgres/columns.hpp"
#include "runtime/store/postgres/postgres_store.hpp"
#include "runtime/store/rules/cursor.hpp"

namespace graphrag::runtime::postgres {
namespace {

// $1 collection, $2 prefix, $3 state. An id is at least its prefix, which bounds the index's range
// from below on every version; from PostgreSQL 15 on, ^@ bounds it from above.
std::string condition(const ListRequest& request) {
  std::string sql = " WHERE d.collection = $1 AND d.id >= $2 AND d.id ^@ $2";
  if (!request.state) return sql + " AND $3 >= -1";
  bool searchable = *request.state == DocumentState::searchable;
  return sql +
         (searchable ? " AND d.state = 1 AND $3 >= -1" : " AND d.state = $3 AND d.state <> 1");
}

std::string page_sql(const ListRequest& request, bool continued) {
  auto sql = "SELECT " + record_columns + " FROM documents d" + condition(request);
  if (request.sort == SortOrder::id) {
    if (continued) sql += " AND d.id > $5";
    return sql + " ORDER BY d.id LIMIT $4";
  }
  if (continued) sql += " AND d.updated_at <= $6 AND (d.updated_at < $6 OR d.id > $5)";
  return sql + " ORDER BY d.updated_at DESC, d.id LIMIT $4";
}

Statement page_of(const ListRequest& request, const Cursor& after, std::size_t limit) {
  auto state = request.state ? static_cast<int>(*request.state) : -1;
  bool continued = !request.after.empty();
  Statement statement(page_sql(request, continued), request.collection, request.prefix, state,
                      bounded(limit));
  if (continued) statement.bind(after.id);
  if (continued && request.sort == SortOrder::updated_desc) statement.bind(Time{after.updated_ms});
  return statement;
}

} // namespace

Result<ListPage> PostgresStore::list(const ListRequest& request) {
  Cursor after;
  if (!request.after.empty()) {
    auto cursor = decode_cursor(request.after, request.sort);
    if (!cursor) return tl::unexpected(cursor.error());
    after = std::move(*cursor);
  }
  std::size_t limit = std::max(request.limit, 1U);
  auto state = request.state ? static_cast<int>(*request.state) : -1;
  std::vector<Statement> statements;
  statements.emplace_back("SELECT 1 FROM collections WHERE name = $1", request.collection);
  statements.emplace_back("SELECT count(*) FROM documents d" + condition(request),
                          request.collection, request.prefix, state);
  statements.push_back(page_of(request, after, limit + 1));
  auto answers = read(std::move(statements));
  if (!answers) return tl::unexpected(answers.error());
  if ((*answers)[0].empty()) return fail(Errc::not_found, "no such collection");
  ListPage page;
  page.total = (*answers)[1][0].number(0);
  for (auto row : (*answers)[2]) {
    if (page.items.size() == limit) {
      const auto& last = page.items.back();
      page.next = encode_cursor({request.sort, last.updated_ms, last.key.id});
      break;
    }
    page.items.push_back(read_record(row));
  }
  return page;
}

} // namespace graphrag::runtime::postgres
