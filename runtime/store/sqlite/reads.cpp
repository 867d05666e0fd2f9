// Reads of the SQLite store that take one short query or two.
#include "runtime/store/sqlite/columns.hpp"
#include "runtime/store/sqlite/sqlite_store.hpp"

namespace graphrag::runtime::sqlite {
namespace {

bool collection_exists(Connection& connection, std::string_view name) {
  return connection.query("SELECT 1 FROM collections WHERE name = ?1", name).next();
}

JobRecord read_job(const Query& query) {
  return {query.text(0), query.text(1),    query.text(2), query.text(3),
          query.text(4), query.integer(5), query.text(6)};
}

} // namespace

Result<DocumentRecord> SqliteStore::document(const DocumentKey& key) {
  static const std::string sql =
      "SELECT " + record_columns + " FROM documents d WHERE d.collection = ?1 AND d.id = ?2";
  return read([&](Connection& connection) -> Result<DocumentRecord> {
    auto query = connection.query(sql, key.collection, key.id);
    if (!query.next()) return fail(Errc::not_found, "no such document");
    return read_record(query);
  });
}

Result<std::vector<CollectionRecord>> SqliteStore::collections() {
  return read([&](Connection& connection) -> Result<std::vector<CollectionRecord>> {
    std::vector<CollectionRecord> out;
    auto query = connection.query("SELECT name, created_ms, documents FROM collections "
                                  "ORDER BY name");
    while (query.next()) out.push_back({query.text(0), query.integer(1), query.number(2)});
    return out;
  });
}

Result<DocumentRecord> SqliteStore::find_upload(std::string_view collection,
                                                std::string_view filename,
                                                std::string_view content_hash) {
  static const std::string sql =
      "SELECT " + record_columns +
      " FROM documents d WHERE d.collection = ?1 AND d.content_hash = ?2 AND d.filename = ?3 "
      "AND d.made_id = 1 ORDER BY d.created_ms, d.id LIMIT 1";
  return read([&](Connection& connection) -> Result<DocumentRecord> {
    auto query = connection.query(sql, collection, content_hash, filename);
    if (query.next()) return read_record(query);
    if (!collection_exists(connection, collection))
      return fail(Errc::not_found, "no such collection");
    return fail(Errc::not_found, "no such upload");
  });
}

Result<DocumentKey> SqliteStore::chunk_owner(std::string_view collection,
                                             std::string_view chunk_id) {
  return read([&](Connection& connection) -> Result<DocumentKey> {
    auto query = connection.query("SELECT d.collection, d.id FROM chunks c "
                                  "JOIN documents d ON d.doc = c.number >> 20 "
                                  "WHERE c.collection = ?1 AND c.id = ?2",
                                  collection, chunk_id);
    if (query.next()) return DocumentKey{query.text(0), query.text(1)};
    if (!collection_exists(connection, collection))
      return fail(Errc::not_found, "no such collection");
    return fail(Errc::not_found, "no such chunk");
  });
}

Result<std::uint64_t> SqliteStore::last_seq() {
  return read([&](Connection& connection) -> Result<std::uint64_t> {
    auto query = connection.query("SELECT value FROM meta WHERE key = 'last_seq'");
    return query.next() ? query.number(0) : 0;
  });
}

Result<std::vector<Backlog>> SqliteStore::backlog() {
  return read([&](Connection& connection) -> Result<std::vector<Backlog>> {
    std::vector<Backlog> out;
    auto query = connection.query(
        "SELECT c.name,"
        " (SELECT count(*) FROM documents WHERE collection = c.name AND state = 0 AND state <> 1),"
        " (SELECT count(*) FROM documents WHERE collection = c.name AND state = 2 AND state <> 1),"
        " (SELECT min(updated_ms) FROM documents"
        "    WHERE collection = c.name AND state = 0 AND state <> 1) "
        "FROM collections c ORDER BY c.name");
    while (query.next())
      out.push_back({query.text(0), query.number(1), query.number(2), query.integer(3)});
    return out;
  });
}

Result<JobRecord> SqliteStore::job(std::string_view id) {
  return read([&](Connection& connection) -> Result<JobRecord> {
    auto query =
        connection.query("SELECT id, collection, kind, state, body, updated_ms, owner FROM jobs "
                         "WHERE id = ?1",
                         id);
    if (!query.next()) return fail(Errc::not_found, "no such job");
    return read_job(query);
  });
}

Result<std::vector<JobRecord>> SqliteStore::jobs(std::size_t limit) {
  return read([&](Connection& connection) -> Result<std::vector<JobRecord>> {
    std::vector<JobRecord> out;
    auto query =
        connection.query("SELECT id, collection, kind, state, body, updated_ms, owner FROM jobs "
                         "ORDER BY updated_ms DESC, id LIMIT ?1",
                         limit);
    while (query.next()) out.push_back(read_job(query));
    return out;
  });
}

Result<RememberedReply> SqliteStore::remembered(std::string_view collection, std::string_view key,
                                                std::int64_t now_ms) {
  auto latest = replies_now_ms_.load();
  while (latest < now_ms && !replies_now_ms_.compare_exchange_weak(latest, now_ms)) {
  }
  return read([&](Connection& connection) -> Result<RememberedReply> {
    auto query = connection.query("SELECT fingerprint, status, body FROM replies "
                                  "WHERE collection = ?1 AND key = ?2 AND expires_ms > ?3",
                                  collection, key, now_ms);
    if (query.next())
      return RememberedReply{query.text(0), static_cast<int>(query.integer(1)), query.text(2)};
    if (!collection_exists(connection, collection))
      return fail(Errc::not_found, "no such collection");
    return fail(Errc::not_found, "no remembered reply");
  });
}

Result<std::vector<std::string>> SqliteStore::blobs() {
  return read([&](Connection& connection) -> Result<std::vector<std::string>> {
    std::vector<std::string> out;
    auto query = connection.query("SELECT blob FROM documents WHERE blob <> '' "
                                  "UNION SELECT blob FROM texts WHERE blob <> '' "
                                  "UNION SELECT blob FROM models WHERE blob <> '' ORDER BY 1");
    while (query.next()) out.push_back(query.text(0));
    return out;
  });
}

} // namespace graphrag::runtime::sqlite
