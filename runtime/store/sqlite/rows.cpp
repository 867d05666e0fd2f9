// Collections, floors, jobs and replies of the SQLite adapter; documents are in document_rows.cpp.
#include "runtime/store/sqlite/rows.hpp"

namespace graphrag::runtime::sqlite {
namespace {

constexpr std::int64_t whole_collection = -1; // the slot of a floor left by a drop
constexpr std::int64_t trimmed_at_once = 4096;

} // namespace

void SqliteRows::finish() {
  for (const auto& [name, state] : collections_)
    if (state.exists && state.added_documents != 0)
      connection_.run("UPDATE collections SET documents = documents + ?2 WHERE name = ?1", name,
                      state.added_documents);
}

std::uint64_t SqliteRows::last_seq() {
  auto query = connection_.query("SELECT value FROM meta WHERE key = 'last_seq'");
  return query.next() ? query.number(0) : 0;
}

void SqliteRows::set_last_seq(std::uint64_t seq) {
  connection_.run("UPDATE meta SET value = ?1 WHERE key = 'last_seq'", seq);
}

bool SqliteRows::has_collection(const std::string& name) {
  auto [entry, fresh] = collections_.try_emplace(name);
  if (fresh)
    entry->second.exists =
        connection_.query("SELECT 1 FROM collections WHERE name = ?1", name).next();
  return entry->second.exists;
}

void SqliteRows::add_collection(const std::string& name, std::int64_t now_ms, std::uint64_t seq) {
  connection_.run("INSERT INTO collections(name, created_ms, seq, documents) VALUES(?1, ?2, ?3, 0)",
                  name, now_ms, seq);
  collections_[name] = CollectionState{true, 0};
}

void SqliteRows::drop_collection(const std::string& name, std::uint64_t seq) {
  connection_.run("INSERT OR REPLACE INTO floors(collection, slot, version, epoch) "
                  "SELECT ?1, ?2, 0, ifnull(max(epoch), 0) FROM ("
                  "  SELECT epoch FROM documents WHERE collection = ?1"
                  "  UNION ALL SELECT epoch FROM tombstones WHERE collection = ?1"
                  "  UNION ALL SELECT epoch FROM floors WHERE collection = ?1)",
                  name, whole_collection);
  connection_.run("DELETE FROM floors WHERE collection = ?1 AND slot <> ?2", name,
                  whole_collection);
  connection_.run("DELETE FROM chunks WHERE collection = ?1", name);
  connection_.run(
      "DELETE FROM texts WHERE doc IN (SELECT doc FROM documents WHERE collection = ?1)", name);
  connection_.run(
      "DELETE FROM vectors WHERE doc IN (SELECT doc FROM documents WHERE collection = ?1)", name);
  connection_.run(
      "DELETE FROM embeddings WHERE doc IN (SELECT doc FROM documents WHERE collection = ?1)",
      name);
  connection_.run("DELETE FROM verdicts WHERE collection = ?1", name);
  connection_.run("DELETE FROM documents WHERE collection = ?1", name);
  connection_.run("DELETE FROM tombstones WHERE collection = ?1", name);
  connection_.run("DELETE FROM replies WHERE collection = ?1", name);
  connection_.run("DELETE FROM jobs WHERE collection = ?1", name);
  connection_.run("DELETE FROM collections WHERE name = ?1", name);
  connection_.run("INSERT OR REPLACE INTO dropped_collections(name, seq) VALUES(?1, ?2)", name,
                  seq);
  collections_[name] = CollectionState{};
}

Floor SqliteRows::floor(const DocumentKey& key) {
  auto query =
      connection_.query("SELECT max(version), max(epoch) FROM ("
                        "  SELECT version, epoch FROM tombstones WHERE collection = ?1 AND id = ?2"
                        "  UNION ALL SELECT version, epoch FROM floors"
                        "    WHERE collection = ?1 AND slot IN (?3, ?4))",
                        key.collection, key.id, slot_of(key.collection, key.id), whole_collection);
  if (!query.next()) return {};
  return {query.number(0), query.number(1)};
}

bool SqliteRows::blob_named(const std::string& blob) {
  return connection_
      .query("SELECT 1 WHERE EXISTS(SELECT 1 FROM documents WHERE blob = ?1 AND blob <> '') "
             "OR EXISTS(SELECT 1 FROM texts WHERE blob = ?1 AND blob <> '') "
             "OR EXISTS(SELECT 1 FROM models WHERE blob = ?1 AND blob <> '')",
             blob)
      .next();
}

void SqliteRows::save_job(const SaveJobOp& op) {
  connection_.run("INSERT INTO jobs(id, collection, kind, state, body, updated_ms) "
                  "VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(id) DO UPDATE SET "
                  "collection = excluded.collection, kind = excluded.kind, "
                  "state = excluded.state, body = excluded.body, "
                  "updated_ms = excluded.updated_ms",
                  op.id, op.collection, op.kind, op.state, op.body, op.updated_ms);
}

std::optional<std::string> SqliteRows::job_owner(const std::string& id) {
  auto query = connection_.query("SELECT owner FROM jobs WHERE id = ?1", id);
  if (!query.next()) return std::nullopt;
  return query.text(0);
}

void SqliteRows::set_job_owner(const std::string& id, const std::string& owner) {
  connection_.run("UPDATE jobs SET owner = ?2 WHERE id = ?1", id, owner);
}

bool SqliteRows::remove_job(const std::string& id) {
  connection_.run("DELETE FROM jobs WHERE id = ?1", id);
  return connection_.changed_rows() > 0;
}

std::optional<RememberedReply> SqliteRows::reply(const std::string& collection,
                                                 const std::string& key) {
  auto query = connection_.query("SELECT fingerprint, status, body FROM replies "
                                 "WHERE collection = ?1 AND key = ?2 AND expires_ms > ?3",
                                 collection, key, replies_now_ms_);
  if (!query.next()) return std::nullopt;
  return RememberedReply{query.text(0), static_cast<int>(query.integer(1)), query.text(2)};
}

void SqliteRows::save_reply(const RememberReplyOp& op) {
  connection_.run("DELETE FROM replies WHERE number IN "
                  "(SELECT number FROM replies WHERE expires_ms <= ?1 LIMIT 1000)",
                  replies_now_ms_);
  connection_.run("INSERT OR REPLACE INTO "
                  "replies(collection, key, fingerprint, status, expires_ms, body) "
                  "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                  op.collection, op.key, op.fingerprint, op.status, op.expires_ms, Blob{op.body});
}

bool trim(Connection& connection, std::uint64_t seq) {
  auto upto = seq;
  {
    auto last = connection.query(
        "SELECT seq FROM tombstones WHERE seq <= ?1 ORDER BY seq LIMIT 1 OFFSET ?2 - 1", seq,
        trimmed_at_once);
    if (last.next()) upto = last.number(0);
  }
  connection.run("INSERT INTO floors(collection, slot, version, epoch) "
                 "SELECT collection, slot, max(version), max(epoch) FROM tombstones "
                 "WHERE seq <= ?1 GROUP BY collection, slot "
                 "ON CONFLICT(collection, slot) DO UPDATE SET "
                 "version = max(version, excluded.version), epoch = max(epoch, excluded.epoch)",
                 upto);
  connection.run("DELETE FROM tombstones WHERE seq <= ?1", upto);
  const bool more_deletions = connection.changed_rows() >= trimmed_at_once;
  connection.run("DELETE FROM dropped_collections WHERE name IN "
                 "(SELECT name FROM dropped_collections WHERE seq <= ?1 LIMIT ?2)",
                 seq, trimmed_at_once);
  return more_deletions || connection.changed_rows() >= trimmed_at_once;
}

} // namespace graphrag::runtime::sqlite
