// Looks for damage: of the file, of rows that do not fit each other, of texts.
#include "runtime/store/rules/utf8.hpp"
#include "runtime/store/sqlite/columns.hpp"
#include "runtime/store/sqlite/sqlite_store.hpp"

namespace graphrag::runtime::sqlite {
namespace {

constexpr std::size_t most_findings = 100; // of one kind; more would not help anybody

// A kind of damage: every row of `sql` (what, where) is a finding.
struct Rule {
  const char* finding;
  const char* sql;
};

constexpr Rule rules[] = {
    {"live document without text",
     "SELECT d.collection || '/' || d.id FROM documents d WHERE d.live_version <> 0 "
     "AND NOT EXISTS(SELECT 1 FROM texts t WHERE t.doc = d.doc)"},
    {"text without a live document",
     "SELECT t.collection || ' number ' || t.doc FROM texts t WHERE NOT EXISTS("
     "SELECT 1 FROM documents d WHERE d.doc = t.doc AND d.live_version <> 0 "
     "AND d.collection = t.collection)"},
    {"orphan chunk",
     "SELECT c.collection || '/' || c.id FROM chunks c WHERE NOT EXISTS("
     "SELECT 1 FROM documents d WHERE d.doc = c.number >> 20 AND d.live_version <> 0 "
     "AND d.collection = c.collection)"},
    {"wrong chunk count",
     "SELECT d.collection || '/' || d.id FROM documents d WHERE d.chunk_count <> ("
     "SELECT count(*) FROM chunks c WHERE c.number >= d.doc << 20 AND c.number < (d.doc + 1) << "
     "20)"},
    {"chunks not numbered in order",
     "SELECT d.collection || '/' || d.id FROM documents d WHERE d.chunk_count > 0 AND "
     "d.chunk_count "
     "- 1 <> (SELECT max(c.number) - (d.doc << 20) FROM chunks c WHERE c.number >= d.doc << 20 "
     "AND c.number < (d.doc + 1) << 20)"},
    {"duplicate chunk id",
     "SELECT +c.collection || '/' || +c.id FROM chunks c GROUP BY +c.collection, +c.id "
     "HAVING count(*) > 1"},
    {"wrong vector flag",
     "SELECT d.collection || '/' || d.id FROM documents d WHERE d.has_vector <> "
     "EXISTS(SELECT 1 FROM vectors v WHERE v.doc = d.doc)"},
    {"vectors without a live document",
     "SELECT 'number ' || e.doc FROM embeddings e WHERE NOT EXISTS("
     "SELECT 1 FROM documents d WHERE d.doc = e.doc AND d.live_version <> 0)"},
    {"not one vector per chunk",
     "SELECT d.collection || '/' || d.id FROM embeddings e JOIN documents d ON d.doc = e.doc "
     "WHERE length(e.floats) <> 4 * e.dimension * d.chunk_count"},
    {"verdict on names out of order",
     "SELECT collection || '/' || first FROM verdicts WHERE first >= second"},
    {"wrong document count of collection",
     "SELECT c.name FROM collections c WHERE c.documents <> ("
     "SELECT count(*) FROM documents d WHERE d.collection = c.name)"},
    {"searchable document whose newest version is not live",
     "SELECT collection || '/' || id FROM documents WHERE (state = 1) <> (version = live_version)"},
    {"sequence number from the future",
     "SELECT d.collection || '/' || d.id FROM documents d WHERE d.seq > "
     "(SELECT value FROM meta WHERE key = 'last_seq')"},
    {"deletion of a live document",
     "SELECT t.collection || '/' || t.id FROM tombstones t JOIN documents d "
     "ON d.collection = t.collection AND d.id = t.id WHERE d.live_version <> 0"},
};

void check_file(Connection& connection, std::vector<std::string>& findings) {
  auto integrity = connection.query("PRAGMA integrity_check(100)");
  while (integrity.next())
    if (integrity.bytes(0) != "ok") findings.push_back("integrity: " + integrity.text(0));
  auto foreign = connection.query("PRAGMA foreign_key_check");
  while (foreign.next())
    findings.push_back("foreign key: row " + std::to_string(foreign.integer(1)) + " of " +
                       foreign.text(0));
}

void check_rule(Connection& connection, const Rule& rule, std::vector<std::string>& findings) {
  std::size_t found = 0;
  auto query = connection.query(rule.sql);
  while (found < most_findings && query.next()) {
    findings.push_back(std::string(rule.finding) + ": " + query.text(0));
    ++found;
  }
}

// SQL counts characters up to a NUL byte and accepts bytes that are not UTF-8, so this is done
// here.
void check_texts(Connection& connection, std::vector<std::string>& findings) {
  auto texts = connection.query("SELECT d.collection || '/' || d.id, d.doc, t.text FROM texts t "
                                "JOIN documents d ON d.doc = t.doc");
  while (texts.next()) {
    auto points = count_code_points(texts.bytes(2));
    if (!points) {
      findings.push_back("text is not UTF-8: " + texts.text(0));
      continue;
    }
    auto doc = texts.integer(1);
    auto outside = connection.query("SELECT 1 FROM chunks WHERE number >= ?1 AND number < ?2 "
                                    "AND (start_point < 0 OR start_point > end_point "
                                    "OR end_point > ?3)",
                                    first_chunk(doc), first_chunk(doc + 1), *points);
    if (outside.next()) findings.push_back("chunk outside its text: " + texts.text(0));
  }
}

} // namespace

Result<std::vector<std::string>> SqliteStore::check() {
  auto reader = open_reader(file_);
  if (!reader) return tl::unexpected(reader.error());
  auto& connection = **reader;
  std::vector<std::string> findings;
  connection.run("BEGIN");
  check_file(connection, findings);
  for (const auto& rule : rules) check_rule(connection, rule, findings);
  check_texts(connection, findings);
  auto error = connection.take_error();
  if (!error) return findings;
  // A damaged file may stop the reading itself: that is a finding too.
  if (error->code != Errc::corrupt) return tl::unexpected(std::move(*error));
  findings.push_back("unreadable: " + error->detail);
  return findings;
}

} // namespace graphrag::runtime::sqlite
