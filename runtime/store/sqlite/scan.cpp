// What views are built from: the contents of live versions, and the changes since.
#include <limits>
#include <set>

#include "runtime/store/rules/change_order.hpp"
#include "runtime/store/sqlite/columns.hpp"
#include "runtime/store/sqlite/sqlite_store.hpp"

namespace graphrag::runtime::sqlite {
namespace {

std::string select_content(const char* condition) {
  return "SELECT " + record_columns + ", " + live_columns +
         ", t.text, v.floats FROM documents d JOIN texts t ON t.doc = d.doc "
         "LEFT JOIN vectors v ON v.doc = d.doc WHERE d.live_version <> 0 " +
         condition;
}

DocumentContent read_content(Connection& connection, const Query& query) {
  DocumentRow row;
  row.record = read_record(query);
  row.number = query.integer(record_column_count - 1);
  row.live = read_live(query, record_column_count);
  DocumentContent content;
  content.record = live_record(row);
  content.analysis_version = row.live->analysis_version;
  content.text = query.text(record_column_count + live_column_count);
  content.vector = unpack_floats(query.bytes(record_column_count + live_column_count + 1));
  auto chunks = connection.query("SELECT id, number, start_point, end_point, facts FROM chunks "
                                 "WHERE number >= ?1 AND number < ?2 ORDER BY number",
                                 first_chunk(row.number), first_chunk(row.number + 1));
  while (chunks.next())
    content.chunks.push_back(
        {chunks.text(0), static_cast<std::uint32_t>(chunks.integer(1) - first_chunk(row.number)),
         chunks.small(2), chunks.small(3), chunks.text(4)});
  auto embeddings = connection.query("SELECT model, dimension, floats FROM embeddings "
                                     "WHERE doc = ?1 AND model IN (SELECT hash FROM models) "
                                     "ORDER BY model",
                                     row.number);
  while (embeddings.next())
    content.embeddings.push_back(std::make_shared<ChunkVectors>(
        ChunkVectors{embeddings.text(0), embeddings.small(1), unpack_floats(embeddings.bytes(2))}));
  return content;
}

std::uint64_t read_last_seq(Connection& connection) {
  auto query = connection.query("SELECT value FROM meta WHERE key = 'last_seq'");
  return query.next() ? query.number(0) : 0;
}

// The sequence number that holds the limit-th change after `seq`, or the largest there can be.
std::int64_t last_seq_within(Connection& connection, std::uint64_t seq, std::size_t limit) {
  auto query = connection.query("SELECT seq FROM documents WHERE live_version <> 0 AND seq > ?1 "
                                "UNION ALL SELECT seq FROM tombstones WHERE seq > ?1 "
                                "UNION ALL SELECT seq FROM collections WHERE seq > ?1 "
                                "UNION ALL SELECT seq FROM dropped_collections WHERE seq > ?1 "
                                "UNION ALL SELECT verdict_seq FROM collections "
                                "  WHERE verdict_seq > ?1 "
                                "ORDER BY seq LIMIT 1 OFFSET ?2",
                                seq, std::max<std::size_t>(limit, 1) - 1);
  return query.next() ? query.integer(0) : std::numeric_limits<std::int64_t>::max();
}

using Each = std::function<bool(DocumentContent&&)>;

void scan(Connection& connection, Query query, const Each& each) {
  while (query.next()) {
    auto content = read_content(connection, query);
    if (!connection.ok() || !each(std::move(content))) break;
  }
}

} // namespace

Result<DocumentContent> SqliteStore::content(const DocumentKey& key) {
  static const std::string sql = select_content("AND d.collection = ?1 AND d.id = ?2");
  return read([&](Connection& connection) -> Result<DocumentContent> {
    auto query = connection.query(sql, key.collection, key.id);
    if (!query.next()) return fail(Errc::not_found, "no live version");
    return read_content(connection, query);
  });
}

Result<std::vector<DocumentContent>> SqliteStore::contents(std::span<const DocumentKey> keys) {
  static const std::string sql = select_content("AND d.collection = ?1 AND d.id = ?2");
  return read([&](Connection& connection) -> Result<std::vector<DocumentContent>> {
    std::vector<DocumentContent> out;
    for (const auto& key : std::set<DocumentKey>(keys.begin(), keys.end())) {
      auto query = connection.query(sql, key.collection, key.id);
      if (query.next()) out.push_back(read_content(connection, query));
    }
    return out;
  });
}

Result<std::uint64_t> SqliteStore::scan_live(const std::string& collection,
                                             const std::function<bool(DocumentContent&&)>& each) {
  auto reader = open_reader(file_);
  if (!reader) return tl::unexpected(reader.error());
  auto& connection = **reader;
  connection.run("BEGIN");
  auto seq = read_last_seq(connection);
  static const std::string all = select_content("ORDER BY d.collection, d.id");
  static const std::string one = select_content("AND d.collection = ?1 ORDER BY d.id");
  scan(connection, collection.empty() ? connection.query(all) : connection.query(one, collection),
       each);
  if (auto error = connection.take_error()) return tl::unexpected(std::move(*error));
  return seq;
}

Result<std::vector<Change>> SqliteStore::changes_after(std::uint64_t seq, std::size_t limit) {
  return read([&](Connection& connection) -> Result<std::vector<Change>> {
    auto last = last_seq_within(connection, seq, limit);
    std::vector<Change> changes;
    auto query = connection.query(
        "SELECT seq, change_kind, collection, id FROM documents"
        "  WHERE live_version <> 0 AND seq > ?1 AND seq <= ?2 "
        "UNION ALL SELECT seq, 2, collection, id FROM tombstones WHERE seq > ?1 AND seq <= ?2 "
        "UNION ALL SELECT seq, 3, name, '' FROM dropped_collections WHERE seq > ?1 AND seq <= ?2 "
        "UNION ALL SELECT seq, 4, name, '' FROM collections WHERE seq > ?1 AND seq <= ?2 "
        "UNION ALL SELECT verdict_seq, 6, name, '' FROM collections"
        "  WHERE verdict_seq > ?1 AND verdict_seq <= ?2",
        seq, last);
    while (query.next())
      changes.push_back({query.number(0),
                         static_cast<ChangeKind>(query.integer(1)),
                         {query.text(2), query.text(3)}});
    order_changes(changes, changes.size());
    return changes;
  });
}

} // namespace graphrag::runtime::sqlite
