// Reads of vectors, models and verdicts of the PostgreSQL store.
#include "runtime/store/postgres/columns.hpp"
#include "runtime/store/postgres/postgres_store.hpp"

namespace graphrag::runtime::postgres {
namespace {

// A document d that is live, has chunks, and no vectors of the model $1.
constexpr const char* lacking =
    " FROM documents d WHERE d.live_version <> 0 AND d.chunk_count > 0 AND NOT EXISTS("
    "SELECT 1 FROM embeddings e WHERE e.document_id = d.document_id AND e.model = $1)";

} // namespace

Result<std::vector<ModelRecord>> PostgresStore::models() {
  return rows(Statement("SELECT hash, name, dimension, blob, state, created_at FROM models "
                        "ORDER BY state DESC, hash"),
              [](const Row& row) {
                return ModelRecord{row.text(0),
                                   row.text(1),
                                   row.small(2),
                                   row.text(3),
                                   static_cast<ModelState>(row.integer(4)),
                                   row.time_ms(5)};
              });
}

Result<std::vector<LackingVectors>>
PostgresStore::lacking_vectors(std::string_view model, std::uint64_t seq, std::size_t limit) {
  static const std::string sql =
      std::string("SELECT d.collection, d.id, d.live_version, d.seq, d.updated_at") + lacking +
      " AND d.seq > $2 ORDER BY d.seq, d.collection, d.id LIMIT $3";
  return rows(Statement(sql, model, seq, bounded(limit)), [](const Row& row) {
    return LackingVectors{{row.text(0), row.text(1)}, row.number(2), row.number(3), row.time_ms(4)};
  });
}

Result<std::uint64_t> PostgresStore::count_lacking_vectors(std::string_view model) {
  static const std::string sql = std::string("SELECT count(*)") + lacking;
  auto answers = read(Statement(sql, model));
  if (!answers) return tl::unexpected(answers.error());
  return answers->front()[0].number(0);
}

Result<std::vector<Verdict>> PostgresStore::verdicts(std::string_view collection) {
  return rows(Statement("SELECT first, second, same, made_at FROM verdicts "
                        "WHERE collection = $1 ORDER BY first, second",
                        collection),
              [](const Row& row) {
                return Verdict{row.text(0), row.text(1), row.flag(2), row.time_ms(3)};
              });
}

} // namespace graphrag::runtime::postgres
