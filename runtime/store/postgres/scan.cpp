// What views are built from: the contents of live versions, and the changes since.
#include <unordered_map>

#include "runtime/store/postgres/columns.hpp"
#include "runtime/store/postgres/postgres_store.hpp"
#include "runtime/store/rules/change_order.hpp"

namespace graphrag::runtime::postgres {
namespace {

constexpr std::size_t page_rows = 1024;       // documents found at a time
constexpr std::size_t group_rows = 256;       // documents brought at a time ...
constexpr std::int64_t group_bytes = 4 << 20; // ... with no more text than this, or one alone

// Three statements for the documents whose number is `which`.
template <class... Args>
void ask_contents(std::vector<Statement>& out, const std::string& which, const Args&... args) {
  out.emplace_back("SELECT " + record_columns + ", " + live_columns +
                       ", t.text, v.floats FROM documents d"
                       " JOIN texts t ON t.document_id = d.document_id"
                       " LEFT JOIN vectors v ON v.document_id = d.document_id"
                       " WHERE d.live_version <> 0 AND d.document_id " +
                       which + " ORDER BY d.collection, d.id",
                   Args(args)...);
  out.emplace_back("SELECT document_id, id, position, start_point, end_point, facts FROM chunks"
                   " WHERE document_id " +
                       which + " ORDER BY document_id, position",
                   Args(args)...);
  out.emplace_back("SELECT document_id, model, dimension, floats FROM embeddings"
                   " WHERE model IN (SELECT hash FROM models) AND document_id " +
                       which + " ORDER BY document_id, model",
                   Args(args)...);
}

// Of the answers to ask_contents, which begin at `first`.
std::vector<DocumentContent> read_contents(const std::vector<Answer>& answers, std::size_t first) {
  std::vector<DocumentContent> contents;
  std::unordered_map<std::int64_t, std::size_t> places;
  for (auto row : answers[first]) {
    DocumentRow found;
    found.record = read_record(row);
    found.number = read_number(row);
    found.live = read_live(row, record_column_count);
    auto& content = contents.emplace_back();
    content.record = live_record(found);
    content.analysis_version = found.live->analysis_version;
    content.text = row.text(record_column_count + live_column_count);
    content.vector = row.floats(record_column_count + live_column_count + 1);
    places[found.number] = contents.size() - 1;
  }
  for (auto row : answers[first + 1])
    if (auto place = places.find(row.integer(0)); place != places.end())
      contents[place->second].chunks.push_back(
          {row.text(1), row.small(2), row.small(3), row.small(4), std::string(row.bytes(5))});
  for (auto row : answers[first + 2])
    if (auto place = places.find(row.integer(0)); place != places.end())
      contents[place->second].embeddings.push_back(
          std::make_shared<ChunkVectors>(ChunkVectors{row.text(1), row.small(2), row.floats(3)}));
  return contents;
}

// Live documents in the order of their keys, a page at a time.
class Pages {
public:
  explicit Pages(const std::string& collection)
      : one_(!collection.empty()), last_{collection, ""} {}

  Statement next() const {
    static const std::string head =
        "SELECT d.document_id, octet_length(t.text), d.collection, d.id"
        " FROM documents d JOIN texts t ON t.document_id = d.document_id"
        " WHERE d.live_version <> 0 AND ";
    static const std::string all = head + "(d.collection, d.id) > ($1, $2)"
                                          " ORDER BY d.collection, d.id LIMIT $3";
    static const std::string one = head + "d.collection = $1 AND d.id > $2"
                                          " ORDER BY d.id LIMIT $3";
    return Statement(one_ ? one : all, last_.collection, last_.id, page_rows);
  }

  // The groups of a page: arrays of numbers.
  std::vector<Array> groups(const Answer& page) {
    std::vector<Array> out;
    std::int64_t bytes = 0;
    for (auto row : page) {
      last_ = {row.text(2), row.text(3)};
      auto more = row.integer(1);
      if (out.empty() || out.back().size() >= group_rows || bytes + more > group_bytes) {
        out.emplace_back(ArrayOf::number);
        bytes = 0;
      }
      out.back().add(row.integer(0));
      bytes += more;
    }
    return out;
  }

private:
  bool one_;
  DocumentKey last_;
};

} // namespace

Result<DocumentContent> PostgresStore::content(const DocumentKey& key) {
  std::vector<Statement> statements;
  ask_contents(statements,
               "= (SELECT k.document_id FROM documents k WHERE k.collection = $1 AND k.id = $2)",
               key.collection, key.id);
  auto answers = read(std::move(statements), Plans::kept);
  if (!answers) return tl::unexpected(answers.error());
  auto found = read_contents(*answers, 0);
  if (found.empty()) return fail(Errc::not_found, "no live version");
  return std::move(found.front());
}

Result<std::vector<DocumentContent>> PostgresStore::contents(std::span<const DocumentKey> keys) {
  if (keys.empty()) return std::vector<DocumentContent>{};
  Array collections(ArrayOf::text), ids(ArrayOf::text);
  for (const auto& key : keys) {
    collections.add(key.collection);
    ids.add(key.id);
  }
  std::vector<Statement> statements;
  ask_contents(statements,
               "= ANY(ARRAY(SELECT k.document_id FROM unnest($1, $2) AS u(collection, id)"
               " JOIN documents k ON k.collection = u.collection AND k.id = u.id))",
               collections, ids);
  auto answers = read(std::move(statements), Plans::kept);
  if (!answers) return tl::unexpected(answers.error());
  return read_contents(*answers, 0);
}

Result<std::uint64_t> PostgresStore::scan_live(const std::string& collection,
                                               const std::function<bool(DocumentContent&&)>& each) {
  auto lease = pool_.borrow();
  if (!lease) return tl::unexpected(lease.error());
  auto& connection = **lease;
  const auto& times = long_times_;
  auto failed = [&] { return tl::unexpected(connection.failure().error); };
  Pages pages(collection);
  std::vector<Statement> begin;
  begin_reading(begin, times);
  // `each` may take its time between two pages.
  begin.emplace_back("SELECT set_config('idle_in_transaction_session_timeout', '0', true)");
  begin.emplace_back("SELECT value FROM meta WHERE key = 'last_seq'");
  auto begun = connection.fly(begin, times.flight);
  if (!begun) return failed();
  auto seq = begun->back()[0].number(0);
  for (;;) {
    std::vector<Statement> question;
    question.push_back(pages.next());
    auto page = connection.fly(question, times.flight);
    if (!page) return failed();
    for (const auto& group : pages.groups(page->front())) {
      std::vector<Statement> statements;
      ask_contents(statements, "= ANY($1)", group);
      auto answers = connection.fly(statements, times.flight);
      if (!answers) return failed();
      for (auto& content : read_contents(*answers, 0))
        if (!each(std::move(content))) return seq;
    }
    if (page->front().size() < static_cast<int>(page_rows)) return seq;
  }
}

Result<std::vector<Change>> PostgresStore::changes_after(std::uint64_t seq, std::size_t limit) {
  // `near` has the next `limit` numbers of each kind of change, so also those of all kinds
  // together.
  static const std::string sql = [] {
    struct Kind {
      const char *columns, *table, *seq, *more;
    };
    const Kind kinds[] = {
        {"seq, change_kind::bigint, collection, id", "documents", "seq", " AND live_version <> 0"},
        {"seq, 2::bigint, collection, id", "tombstones", "seq", ""},
        {"seq, 3::bigint, name, ''", "dropped_collections", "seq", ""},
        {"seq, 4::bigint, name, ''", "collections", "seq", ""},
        {"verdict_seq, 6::bigint, name, ''", "collections", "verdict_seq", ""}};
    std::string near, all;
    for (const auto& kind : kinds) {
      const char* between = near.empty() ? "" : " UNION ALL ";
      auto from = std::string(" FROM ") + kind.table + " WHERE " + kind.seq + " > $1" + kind.more;
      near += std::string(between) + "(SELECT " + kind.seq + " AS seq" + from + " ORDER BY " +
              kind.seq + " LIMIT $2)";
      all += std::string(between) + "SELECT " + kind.columns + from + " AND " + kind.seq +
             " <= (SELECT seq FROM last)";
    }
    return "WITH near AS (" + near +
           "), last AS (SELECT coalesce((SELECT seq FROM near ORDER BY seq OFFSET $2 - 1 LIMIT 1),"
           " 9223372036854775807) AS seq) " +
           all;
  }();
  auto changes =
      rows(Statement(sql, seq, std::max<std::int64_t>(bounded(limit), 1)), [](const Row& row) {
        return Change{
            row.number(0), static_cast<ChangeKind>(row.integer(1)), {row.text(2), row.text(3)}};
      });
  if (changes) order_changes(*changes, changes->size());
  return changes;
}

} // namespace graphrag::runtime::postgres
