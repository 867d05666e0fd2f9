// Vectors, models and verdicts of the SQLite adapter: rows of the writer, and reads.
#include "runtime/store/sqlite/columns.hpp"
#include "runtime/store/sqlite/rows.hpp"
#include "runtime/store/sqlite/sqlite_store.hpp"

namespace graphrag::runtime::sqlite {
namespace {

Verdict read_verdict(const Query& query) {
  return {query.text(0), query.text(1), query.integer(2) != 0, query.integer(3)};
}

} // namespace

void SqliteRows::save_vectors(const DocumentRow& row, const ChunkVectors& vectors,
                              std::uint64_t seq) {
  connection_.run("DELETE FROM embeddings WHERE doc = ?1 AND model = ?2", row.number,
                  vectors.model);
  auto bytes = pack_floats(vectors.floats);
  connection_.run("INSERT INTO embeddings(doc, model, dimension, floats) VALUES(?1, ?2, ?3, ?4)",
                  row.number, vectors.model, vectors.dimension, Blob{bytes});
  connection_.run("UPDATE documents SET seq = ?2, change_kind = ?3 WHERE doc = ?1", row.number, seq,
                  static_cast<int>(ChangeKind::embed));
}

bool SqliteRows::has_model(const std::string& hash) {
  return connection_.query("SELECT 1 FROM models WHERE hash = ?1", hash).next();
}

void SqliteRows::save_model(const ModelRecord& model) {
  connection_.run("DELETE FROM models WHERE hash <> ?1 AND (state = ?2 OR ?2 = 1)", model.hash,
                  static_cast<int>(model.state));
  connection_.run("INSERT OR REPLACE INTO models(hash, name, dimension, blob, state, created_ms) "
                  "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                  model.hash, model.name, model.dimension, model.blob,
                  static_cast<int>(model.state), model.created_ms);
}

bool SqliteRows::remove_model(const std::string& hash) {
  connection_.run("DELETE FROM models WHERE hash = ?1", hash);
  return connection_.changed_rows() > 0;
}

bool SqliteRows::prune_vectors(std::uint32_t limit) {
  // Models that have vectors are few: each is found by a jump over the index.
  connection_.run("WITH RECURSIVE held(model) AS ("
                  "  SELECT min(model) FROM embeddings"
                  "  UNION ALL SELECT (SELECT min(e.model) FROM embeddings e"
                  "    WHERE e.model > held.model) FROM held WHERE held.model IS NOT NULL) "
                  "DELETE FROM embeddings WHERE number IN ("
                  "  SELECT number FROM embeddings WHERE model = ("
                  "    SELECT model FROM held WHERE model IS NOT NULL"
                  "      AND model NOT IN (SELECT hash FROM models) LIMIT 1) LIMIT ?1)",
                  limit);
  return connection_.changed_rows() > 0;
}

std::optional<Verdict> SqliteRows::verdict(const std::string& collection, const std::string& first,
                                           const std::string& second) {
  auto query = connection_.query("SELECT first, second, same, made_ms FROM verdicts "
                                 "WHERE collection = ?1 AND first = ?2 AND second = ?3",
                                 collection, first, second);
  if (!query.next()) return std::nullopt;
  return read_verdict(query);
}

std::size_t SqliteRows::verdict_count(const std::string& collection) {
  auto query = connection_.query("SELECT count(*) FROM verdicts WHERE collection = ?1", collection);
  return query.next() ? query.number(0) : 0;
}

void SqliteRows::save_verdict(const SaveVerdictOp& op, std::int64_t now_ms, std::uint64_t seq) {
  if (op.same) {
    connection_.run("INSERT OR REPLACE INTO verdicts(collection, first, second, same, made_ms) "
                    "VALUES(?1, ?2, ?3, ?4, ?5)",
                    op.collection, op.first, op.second, *op.same, now_ms);
  } else {
    connection_.run("DELETE FROM verdicts WHERE collection = ?1 AND first = ?2 AND second = ?3",
                    op.collection, op.first, op.second);
  }
  connection_.run("UPDATE collections SET verdict_seq = ?2 WHERE name = ?1", op.collection, seq);
}

Result<std::vector<ModelRecord>> SqliteStore::models() {
  return read([&](Connection& connection) -> Result<std::vector<ModelRecord>> {
    std::vector<ModelRecord> out;
    auto query = connection.query("SELECT hash, name, dimension, blob, state, created_ms "
                                  "FROM models ORDER BY state DESC, hash");
    while (query.next())
      out.push_back({query.text(0), query.text(1), query.small(2), query.text(3),
                     static_cast<ModelState>(query.integer(4)), query.integer(5)});
    return out;
  });
}

Result<std::vector<LackingVectors>>
SqliteStore::lacking_vectors(std::string_view model, std::uint64_t seq, std::size_t limit) {
  return read([&](Connection& connection) -> Result<std::vector<LackingVectors>> {
    std::vector<LackingVectors> out;
    auto query = connection.query(
        "SELECT d.collection, d.id, d.live_version, d.seq, d.updated_ms FROM documents d "
        "WHERE d.live_version <> 0 AND d.seq > ?2 AND d.chunk_count > 0 AND NOT EXISTS("
        "  SELECT 1 FROM embeddings e WHERE e.doc = d.doc AND e.model = ?1) "
        "ORDER BY d.seq, d.collection, d.id LIMIT ?3",
        model, seq, limit);
    while (query.next())
      out.push_back(
          {{query.text(0), query.text(1)}, query.number(2), query.number(3), query.integer(4)});
    return out;
  });
}

Result<std::uint64_t> SqliteStore::count_lacking_vectors(std::string_view model) {
  return read([&](Connection& connection) -> Result<std::uint64_t> {
    auto query =
        connection.query("SELECT count(*) FROM documents d WHERE d.live_version <> 0 "
                         "AND d.chunk_count > 0 AND NOT EXISTS("
                         "  SELECT 1 FROM embeddings e WHERE e.doc = d.doc AND e.model = ?1)",
                         model);
    return query.next() ? query.number(0) : 0;
  });
}

Result<std::vector<Verdict>> SqliteStore::verdicts(std::string_view collection) {
  return read([&](Connection& connection) -> Result<std::vector<Verdict>> {
    std::vector<Verdict> out;
    auto query = connection.query("SELECT first, second, same, made_ms FROM verdicts "
                                  "WHERE collection = ?1 ORDER BY first, second",
                                  collection);
    while (query.next()) out.push_back(read_verdict(query));
    return out;
  });
}

} // namespace graphrag::runtime::sqlite
