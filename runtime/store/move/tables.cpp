#include "runtime/store/move/tables.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include <sqlite3.h>

#include "runtime/ids.hpp"

namespace graphrag::runtime::move {
namespace {

using enum postgres::ArrayOf;

std::string list(const std::vector<Column>& columns, const char* Column::*name) {
  std::string out;
  for (const auto& column : columns) out += (out.empty() ? "" : ", ") + std::string(column.*name);
  return out;
}

std::string_view value(sqlite3_value* text) {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(text));
  return {bytes ? bytes : "", static_cast<std::size_t>(sqlite3_value_bytes(text))};
}

void slot_function(sqlite3_context* context, int, sqlite3_value** arguments) {
  sqlite3_result_int(context, static_cast<int>(slot_of(value(arguments[0]), value(arguments[1]))));
}

bool names(const std::string& expression, const std::string& word) {
  const auto in_word = [&](std::size_t at) {
    return at < expression.size() &&
           (std::isalnum(static_cast<unsigned char>(expression[at])) || expression[at] == '_');
  };
  for (auto at = expression.find(word); at != std::string::npos; at = expression.find(word, at + 1))
    if ((at == 0 || !in_word(at - 1)) && !in_word(at + word.size())) return true;
  return false;
}

void write_statements(Table& table) {
  const auto all = list(table.columns, &Column::to);
  std::string places;
  for (std::size_t i = 1; i <= table.columns.size(); ++i)
    places += (i == 1 ? "$" : ", $") + std::to_string(i);
  table.select = "SELECT " + list(table.columns, &Column::from) + " FROM " + table.from;
  table.select_back = "SELECT " + all + " FROM " + table.to;
  table.insert = std::string("INSERT INTO ") + table.to + "(" + all + ") SELECT " + all +
                 " FROM unnest(" + places + ") AS u(" + all + ")";
}

std::vector<Table> all_tables() {
  return {{"collections",
           "collections",
           {{"name", "name", text},
            {"created_ms", "created_at", time},
            {"seq", "seq", number},
            {"verdict_seq", "verdict_seq", number},
            {"documents", "documents", number}}},
          {"documents",
           "documents",
           {{"doc", "document_id", number},
            {"collection", "collection", text},
            {"id", "id", text},
            {"version", "version", number},
            {"live_version", "live_version", number},
            {"epoch", "epoch", number},
            {"seq", "seq", number},
            {"change_kind", "change_kind", number},
            {"state", "state", number},
            {"made_id", "made_id", flag},
            {"bytes", "bytes", number},
            {"created_ms", "created_at", time},
            {"updated_ms", "updated_at", time},
            {"chunk_count", "chunk_count", number},
            {"entity_count", "entity_count", number},
            {"attempts", "attempts", number},
            {"has_vector", "has_vector", flag},
            {"title", "title", text},
            {"filename", "filename", text},
            {"mime", "mime", text},
            {"content_hash", "content_hash", text},
            {"blob", "blob", text},
            {"error_code", "error_code", text},
            {"ifnull(error_detail, '')", "error_detail", text},
            {"ifnull(error_retryable, 0)", "error_retryable", flag},
            {"metadata", "metadata", text},
            {"owner", "owner", text},
            {"slot_of(collection, id)", "slot", number}}},
          {"texts",
           "texts",
           {{"doc", "document_id", number},
            {"collection", "collection", text},
            {"bytes", "bytes", number},
            {"updated_ms", "updated_at", time},
            {"analysis_version", "analysis_version", number},
            {"title", "title", text},
            {"filename", "filename", text},
            {"mime", "mime", text},
            {"content_hash", "content_hash", text},
            {"blob", "blob", text},
            {"metadata", "metadata", text},
            {"text", "text", text}}},
          {"chunks",
           "chunks",
           {{"number >> 20", "document_id", number},
            {"number & 1048575", "position", number},
            {"start_point", "start_point", number},
            {"end_point", "end_point", number},
            {"collection", "collection", text},
            {"id", "id", text},
            {"facts", "facts", bytes}}},
          {"vectors", "vectors", {{"doc", "document_id", number}, {"floats", "floats", bytes}}},
          {"models",
           "models",
           {{"hash", "hash", text},
            {"name", "name", text},
            {"dimension", "dimension", number},
            {"blob", "blob", text},
            {"state", "state", number},
            {"created_ms", "created_at", time}}},
          {"embeddings",
           "embeddings",
           {{"doc", "document_id", number},
            {"dimension", "dimension", number},
            {"model", "model", text},
            {"floats", "floats", bytes}}},
          {"verdicts",
           "verdicts",
           {{"collection", "collection", text},
            {"first", "first", text},
            {"second", "second", text},
            {"same", "same", flag},
            {"made_ms", "made_at", time}}},
          {"tombstones",
           "tombstones",
           {{"collection", "collection", text},
            {"id", "id", text},
            {"seq", "seq", number},
            {"slot", "slot", number},
            {"version", "version", number},
            {"epoch", "epoch", number}}},
          {"dropped_collections",
           "dropped_collections",
           {{"name", "name", text}, {"seq", "seq", number}}},
          {"floors",
           "floors",
           {{"collection", "collection", text},
            {"slot", "slot", number},
            {"version", "version", number},
            {"epoch", "epoch", number}}},
          {"jobs",
           "jobs",
           {{"id", "id", text},
            {"collection", "collection", text},
            {"kind", "kind", text},
            {"state", "state", text},
            {"body", "body", text},
            {"updated_ms", "updated_at", time},
            {"owner", "owner", text}}},
          {"replies",
           "replies",
           {{"collection", "collection", text},
            {"key", "key", text},
            {"fingerprint", "fingerprint", text},
            {"status", "status", number},
            {"expires_ms", "expires_at", time},
            {"body", "body", bytes}}}};
}

} // namespace

const std::vector<Table>& tables() {
  static const auto all = [] {
    auto tables = all_tables();
    for (auto& table : tables) write_statements(table);
    return tables;
  }();
  return all;
}

void teach_slots(sqlite::Connection& connection) {
  const auto code =
      sqlite3_create_function_v2(connection.raw(), "slot_of", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                 nullptr, slot_function, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) connection.fail_with(code);
}

std::string unknown_in(sqlite::Connection& connection) {
  static const std::set<std::string> elsewhere{"meta.key", "meta.value",
                                               "embeddings.number", // counts them, no more
                                               "replies.number", "vectors.collection"};
  auto query = connection.query(
      "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c "
      "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'schema_version' "
      "ORDER BY m.name, c.cid");
  while (query.next()) {
    const auto name = query.text(0) + "." + query.text(1);
    const auto table = std::find_if(tables().begin(), tables().end(),
                                    [&](const Table& one) { return one.from == query.text(0); });
    const bool copied =
        table != tables().end() &&
        std::any_of(table->columns.begin(), table->columns.end(),
                    [&](const Column& one) { return names(one.from, query.text(1)); });
    if (!copied && !elsewhere.contains(name)) return name;
  }
  return {};
}

} // namespace graphrag::runtime::move
