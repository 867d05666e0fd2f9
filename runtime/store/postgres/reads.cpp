// Reads of the PostgreSQL store that take one short query or two.
#include "runtime/store/postgres/columns.hpp"
#include "runtime/store/postgres/postgres_store.hpp"

namespace graphrag::runtime::postgres {
namespace {

JobRecord read_job(const Row& row) {
  return {row.text(0), row.text(1),    row.text(2), row.text(3),
          row.text(4), row.time_ms(5), row.text(6)};
}

Statement ask_collection(std::string_view name) {
  return Statement("SELECT 1 FROM collections WHERE name = $1", name);
}

// Of answers whose last one is to ask_collection.
tl::unexpected<Error> missing(const std::vector<Answer>& answers, const char* what) {
  return fail(Errc::not_found, answers.back().empty() ? "no such collection" : what);
}

} // namespace

Result<std::vector<Answer>> PostgresStore::read(std::vector<Statement> statements, Plans plans) {
  std::vector<Statement> flight;
  // One statement sees one snapshot anyway, and a flight without BEGIN is a transaction of its own.
  const bool alone = statements.size() == 1;
  alone ? set_for_reading(flight, times_, plans) : begin_reading(flight, times_, plans);
  auto first = static_cast<std::ptrdiff_t>(flight.size());
  for (auto& statement : statements) flight.push_back(std::move(statement));
  if (!alone) flight.emplace_back("COMMIT");
  // A connection that broke while it rested says so only when it is used: once more on a new one.
  for (bool again : {false, true}) {
    auto connection = again ? pool_.borrow_new() : pool_.borrow();
    if (!connection) return tl::unexpected(connection.error());
    if (auto answers = (*connection)->fly(flight, times_.flight, plans)) {
      if (!alone) answers->pop_back();
      answers->erase(answers->begin(), answers->begin() + first);
      return std::move(*answers);
    }
    const auto& failure = (*connection)->failure();
    if (again || !failure.lost) return tl::unexpected(failure.error);
  }
  return fail(Errc::unavailable, "no connection");
}

Result<std::vector<Answer>> PostgresStore::read(Statement statement, Plans plans) {
  std::vector<Statement> statements;
  statements.push_back(std::move(statement));
  return read(std::move(statements), plans);
}

Result<DocumentRecord> PostgresStore::document(const DocumentKey& key) {
  static const std::string sql =
      "SELECT " + record_columns + " FROM documents d WHERE d.collection = $1 AND d.id = $2";
  auto answers = read(Statement(sql, key.collection, key.id), Plans::kept);
  if (!answers) return tl::unexpected(answers.error());
  if (answers->front().empty()) return fail(Errc::not_found, "no such document");
  return read_record(answers->front()[0]);
}

Result<std::vector<CollectionRecord>> PostgresStore::collections() {
  return rows(Statement("SELECT name, created_at, documents FROM collections ORDER BY name"),
              [](const Row& row) {
                return CollectionRecord{row.text(0), row.time_ms(1), row.number(2)};
              });
}

Result<DocumentRecord> PostgresStore::find_upload(std::string_view collection,
                                                  std::string_view filename,
                                                  std::string_view content_hash) {
  static const std::string sql =
      "SELECT " + record_columns +
      " FROM documents d WHERE d.collection = $1 AND d.content_hash = $2 AND d.filename = $3 "
      "AND d.made_id ORDER BY d.created_at, d.id LIMIT 1";
  std::vector<Statement> statements;
  statements.emplace_back(sql, collection, content_hash, filename);
  statements.push_back(ask_collection(collection));
  auto answers = read(std::move(statements));
  if (!answers) return tl::unexpected(answers.error());
  if (answers->front().empty()) return missing(*answers, "no such upload");
  return read_record(answers->front()[0]);
}

Result<DocumentKey> PostgresStore::chunk_owner(std::string_view collection,
                                               std::string_view chunk_id) {
  std::vector<Statement> statements;
  statements.emplace_back("SELECT d.collection, d.id FROM chunks c "
                          "JOIN documents d ON d.document_id = c.document_id "
                          "WHERE c.collection = $1 AND c.id = $2",
                          collection, chunk_id);
  statements.push_back(ask_collection(collection));
  auto answers = read(std::move(statements));
  if (!answers) return tl::unexpected(answers.error());
  if (answers->front().empty()) return missing(*answers, "no such chunk");
  auto row = answers->front()[0];
  return DocumentKey{row.text(0), row.text(1)};
}

Result<std::uint64_t> PostgresStore::last_seq() {
  auto answers = read(Statement("SELECT value FROM meta WHERE key = 'last_seq'"));
  if (!answers) return tl::unexpected(answers.error());
  return answers->front()[0].number(0);
}

Result<std::vector<Backlog>> PostgresStore::backlog() {
  return rows(Statement("SELECT c.name,"
                        " (SELECT count(*) FROM documents d WHERE d.collection = c.name"
                        "    AND d.state = 0 AND d.state <> 1),"
                        " (SELECT count(*) FROM documents d WHERE d.collection = c.name"
                        "    AND d.state = 2 AND d.state <> 1),"
                        " (SELECT min(updated_at) FROM documents d WHERE d.collection = c.name"
                        "    AND d.state = 0 AND d.state <> 1) "
                        "FROM collections c ORDER BY c.name"),
              [](const Row& row) {
                return Backlog{row.text(0), row.number(1), row.number(2), row.time_ms(3)};
              });
}

Result<JobRecord> PostgresStore::job(std::string_view id) {
  auto answers = read(Statement(
      "SELECT id, collection, kind, state, body, updated_at, owner FROM jobs WHERE id = $1", id));
  if (!answers) return tl::unexpected(answers.error());
  if (answers->front().empty()) return fail(Errc::not_found, "no such job");
  return read_job(answers->front()[0]);
}

Result<std::vector<JobRecord>> PostgresStore::jobs(std::size_t limit) {
  return rows(Statement("SELECT id, collection, kind, state, body, updated_at, owner FROM jobs "
                        "ORDER BY updated_at DESC, id LIMIT $1",
                        bounded(limit)),
              read_job);
}

Result<RememberedReply> PostgresStore::remembered(std::string_view collection, std::string_view key,
                                                  std::int64_t now_ms) {
  auto latest = replies_now_ms_.load();
  while (latest < now_ms && !replies_now_ms_.compare_exchange_weak(latest, now_ms)) {
  }
  std::vector<Statement> statements;
  statements.emplace_back("SELECT fingerprint, status, body FROM replies "
                          "WHERE collection = $1 AND md5(key) = md5($2) AND expires_at > $3",
                          collection, key, Time{now_ms});
  statements.push_back(ask_collection(collection));
  auto answers = read(std::move(statements));
  if (!answers) return tl::unexpected(answers.error());
  if (answers->front().empty()) return missing(*answers, "no remembered reply");
  auto row = answers->front()[0];
  return RememberedReply{row.text(0), static_cast<int>(row.integer(1)), std::string(row.bytes(2))};
}

Result<std::vector<std::string>> PostgresStore::blobs() {
  return rows(Statement("SELECT blob FROM documents WHERE blob <> '' "
                        "UNION SELECT blob FROM texts WHERE blob <> '' "
                        "UNION SELECT blob FROM models WHERE blob <> '' ORDER BY 1"),
              [](const Row& row) { return row.text(0); });
}

} // namespace graphrag::runtime::postgres
