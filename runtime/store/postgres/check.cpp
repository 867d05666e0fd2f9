// Looks for rows that do not fit each other, and for settings under which a commit is not durable.
// The pages themselves are PostgreSQL's business: pg_amcheck, and checksums (initdb -k).
#include "runtime/store/postgres/postgres_store.hpp"

namespace graphrag::runtime::postgres {
namespace {

constexpr int most_findings = 100; // of one kind; more would not help anybody

// A kind of damage: every row of `sql` (where it is) is a finding.
struct Rule {
  const char* finding;
  const char* sql;
};

constexpr Rule rules[] = {
    {"live document without text",
     "SELECT d.collection || '/' || d.id FROM documents d WHERE d.live_version <> 0 "
     "AND NOT EXISTS(SELECT 1 FROM texts t WHERE t.document_id = d.document_id)"},
    {"text without a live document",
     "SELECT t.collection || ' number ' || t.document_id FROM texts t WHERE NOT EXISTS("
     "SELECT 1 FROM documents d WHERE d.document_id = t.document_id AND d.live_version <> 0 "
     "AND d.collection = t.collection)"},
    {"orphan chunk",
     "SELECT c.collection || '/' || c.id FROM chunks c WHERE NOT EXISTS("
     "SELECT 1 FROM documents d WHERE d.document_id = c.document_id AND d.live_version <> 0 "
     "AND d.collection = c.collection)"},
    {"wrong chunk count",
     "SELECT d.collection || '/' || d.id FROM documents d WHERE d.chunk_count <> ("
     "SELECT count(*) FROM chunks c WHERE c.document_id = d.document_id)"},
    {"chunks not numbered in order",
     "SELECT d.collection || '/' || d.id FROM documents d WHERE d.chunk_count > 0 "
     "AND d.chunk_count - 1 <> (SELECT max(c.position) FROM chunks c "
     "WHERE c.document_id = d.document_id)"},
    {"chunk outside its text",
     "SELECT c.collection || '/' || c.id FROM chunks c JOIN texts t "
     "ON t.document_id = c.document_id WHERE c.start_point < 0 OR c.start_point > c.end_point "
     "OR c.end_point > char_length(t.text)"},
    {"wrong vector flag",
     "SELECT d.collection || '/' || d.id FROM documents d WHERE d.has_vector <> "
     "EXISTS(SELECT 1 FROM vectors v WHERE v.document_id = d.document_id)"},
    {"vector without a document",
     "SELECT 'number ' || v.document_id FROM vectors v WHERE NOT EXISTS("
     "SELECT 1 FROM documents d WHERE d.document_id = v.document_id)"},
    {"vectors without a live document",
     "SELECT 'number ' || e.document_id FROM embeddings e WHERE NOT EXISTS("
     "SELECT 1 FROM documents d WHERE d.document_id = e.document_id AND d.live_version <> 0)"},
    {"not one vector per chunk",
     "SELECT d.collection || '/' || d.id FROM embeddings e JOIN documents d "
     "ON d.document_id = e.document_id WHERE length(e.floats) <> 4 * e.dimension * d.chunk_count"},
    {"verdict on names out of order",
     "SELECT collection || '/' || first FROM verdicts WHERE first >= second"},
    {"wrong document count of collection",
     "SELECT c.name FROM collections c WHERE c.documents <> ("
     "SELECT count(*) FROM documents d WHERE d.collection = c.name)"},
    {"document of no collection",
     "SELECT d.collection || '/' || d.id FROM documents d WHERE NOT EXISTS("
     "SELECT 1 FROM collections c WHERE c.name = d.collection)"},
    {"searchable document whose newest version is not live",
     "SELECT collection || '/' || id FROM documents WHERE (state = 1) <> (version = live_version)"},
    {"sequence number from the future",
     "SELECT d.collection || '/' || d.id FROM documents d WHERE d.seq > "
     "(SELECT value FROM meta WHERE key = 'last_seq')"},
    {"deletion of a live document",
     "SELECT t.collection || '/' || t.id FROM tombstones t JOIN documents d "
     "ON d.collection = t.collection AND d.id = t.id WHERE d.live_version <> 0"},
    {"a crash of the server can lose what was committed",
     "SELECT name || ' is off' FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') "
     "AND setting = 'off'"},
};

} // namespace

Result<std::vector<std::string>> PostgresStore::check() {
  auto lease = pool_.borrow();
  if (!lease) return tl::unexpected(lease.error());
  auto& connection = **lease;
  const auto& times = long_times_;
  std::vector<Statement> flight;
  begin_reading(flight, times);
  auto first = flight.size();
  for (const auto& rule : rules)
    flight.emplace_back(std::string(rule.sql) + " LIMIT " + std::to_string(most_findings));
  flight.emplace_back("COMMIT");
  auto answers = connection.fly(flight, times.flight);
  std::vector<std::string> findings;
  if (!answers) {
    const auto& error = connection.failure().error;
    // Damage may stop the reading itself: that is a finding too.
    if (error.code != Errc::corrupt) return tl::unexpected(error);
    findings.push_back("unreadable: " + error.detail);
    return findings;
  }
  for (std::size_t i = 0; i < std::size(rules); ++i)
    for (auto row : (*answers)[first + i])
      findings.push_back(std::string(rules[i].finding) + ": " + row.text(0));
  return findings;
}

} // namespace graphrag::runtime::postgres
