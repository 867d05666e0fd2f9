// Documents of the SQLite adapter: loading, saving and erasing inside the writer's transaction.
#include "runtime/store/rules/input_checks.hpp"
#include "runtime/store/sqlite/columns.hpp"
#include "runtime/store/sqlite/rows.hpp"

namespace graphrag::runtime::sqlite {

MaybeRow SqliteRows::document(const DocumentKey& key) {
  static const std::string sql = "SELECT " + record_columns + ", " + live_columns +
                                 " FROM documents d LEFT JOIN texts t ON t.doc = d.doc "
                                 "WHERE d.collection = ?1 AND d.id = ?2";
  auto query = connection_.query(sql, key.collection, key.id);
  if (!query.next()) return std::nullopt;
  DocumentRow row;
  row.record = read_record(query);
  row.number = query.integer(record_column_count - 1);
  if (row.record.live_version != 0) row.live = read_live(query, record_column_count);
  return row;
}

std::vector<float> SqliteRows::vector_of(const DocumentRow& row) {
  auto query = connection_.query("SELECT floats FROM vectors WHERE doc = ?1", row.number);
  return query.next() ? unpack_floats(query.bytes(0)) : std::vector<float>{};
}

bool SqliteRows::chunk_taken(const DocumentKey& key, std::int64_t number,
                             const std::string& chunk_id) {
  return connection_
      .query("SELECT 1 FROM chunks WHERE collection = ?1 AND id = ?2 "
             "AND (number < ?3 OR number >= ?4)",
             key.collection, chunk_id, first_chunk(number), first_chunk(number + 1))
      .next();
}

std::int64_t SqliteRows::insert_record(const Step& step) {
  const auto& r = step.after.record;
  connection_.run(
      "INSERT INTO documents(collection, id, version, live_version, epoch, seq, "
      "change_kind, state, made_id, bytes, created_ms, updated_ms, chunk_count, "
      "entity_count, attempts, has_vector, title, filename, mime, content_hash, blob, "
      "metadata, owner) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
      "?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)",
      r.key.collection, r.key.id, r.version, r.live_version, r.epoch, r.seq,
      static_cast<int>(ChangeKind::commit), static_cast<int>(r.state),
      is_made_document_id(r.key.id), r.bytes, r.created_ms, r.updated_ms, r.chunk_count,
      r.entity_count, r.attempts, r.has_vector, r.title, r.filename, r.mime, r.content_hash, r.blob,
      r.metadata, r.owner);
  return connection_.last_insert_number();
}

void SqliteRows::update_record(const MaybeRow& before, const Step& step) {
  const auto& r = step.after.record;
  auto doc = before->number;
  connection_.run("UPDATE documents SET version = ?2, live_version = ?3, epoch = ?4, state = ?5, "
                  "bytes = ?6, updated_ms = ?7, chunk_count = ?8, entity_count = ?9, "
                  "attempts = ?10, has_vector = ?11, title = ?12, filename = ?13, mime = ?14, "
                  "content_hash = ?15, blob = ?16, metadata = ?17, owner = ?18 WHERE doc = ?1",
                  doc, r.version, r.live_version, r.epoch, static_cast<int>(r.state), r.bytes,
                  r.updated_ms, r.chunk_count, r.entity_count, r.attempts, r.has_vector, r.title,
                  r.filename, r.mime, r.content_hash, r.blob, r.metadata, r.owner);
  if (step.visible)
    connection_.run("UPDATE documents SET seq = ?2, change_kind = ?3 WHERE doc = ?1", doc, r.seq,
                    static_cast<int>(*step.visible));
  if (r.error) {
    connection_.run("UPDATE documents SET error_code = ?2, error_detail = ?3, "
                    "error_retryable = ?4 WHERE doc = ?1",
                    doc, r.error->code, r.error->detail, r.error->retryable);
  } else if (before->record.error) {
    connection_.run("UPDATE documents SET error_code = NULL, error_detail = NULL, "
                    "error_retryable = NULL WHERE doc = ?1",
                    doc);
  }
}

void SqliteRows::save(const MaybeRow& before, const Step& step, const CommitOp* content) {
  const auto& key = step.after.record.key;
  auto doc = before ? before->number : 0;
  if (before) {
    update_record(before, step);
  } else {
    doc = insert_record(step);
    collections_[key.collection].added_documents += 1;
  }
  bool was_live = before && before->live;
  if (step.visible && !was_live)
    connection_.run("DELETE FROM tombstones WHERE collection = ?1 AND id = ?2", key.collection,
                    key.id);
  if (content) {
    save_content(doc, before, step.after, *content);
  } else if (step.visible) {
    save_live(doc, step.after);
  }
}

void SqliteRows::save_live(std::int64_t doc, const DocumentRow& row) {
  connection_.run("UPDATE texts SET title = ?2, metadata = ?3, updated_ms = ?4 WHERE doc = ?1", doc,
                  row.live->title, row.live->metadata, row.live->updated_ms);
}

void SqliteRows::save_content(std::int64_t doc, const MaybeRow& before, const DocumentRow& row,
                              const CommitOp& content) {
  const auto& collection = row.record.key.collection;
  const auto& live = *row.live;
  connection_.run("INSERT OR REPLACE INTO texts(doc, collection, bytes, updated_ms, "
                  "analysis_version, title, filename, mime, content_hash, blob, metadata, text) "
                  "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                  doc, collection, live.bytes, live.updated_ms, live.analysis_version, live.title,
                  live.filename, live.mime, live.content_hash, live.blob, live.metadata,
                  content.text);
  if (before && before->live) {
    connection_.run("DELETE FROM chunks WHERE number >= ?1 AND number < ?2", first_chunk(doc),
                    first_chunk(doc + 1));
    connection_.run("DELETE FROM embeddings WHERE doc = ?1", doc);
  }
  for (const auto& chunk : content.chunks)
    connection_.run("INSERT INTO chunks(number, collection, id, start_point, end_point, facts) "
                    "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                    first_chunk(doc) + chunk.index, collection, chunk.id, chunk.start, chunk.end,
                    Blob{chunk.facts});
  if (before && before->record.has_vector)
    connection_.run("DELETE FROM vectors WHERE doc = ?1", doc);
  if (!content.vector.empty()) {
    auto bytes = pack_floats(content.vector);
    connection_.run("INSERT INTO vectors(doc, collection, floats) VALUES(?1, ?2, ?3)", doc,
                    collection, Blob{bytes});
  }
}

void SqliteRows::erase(const DocumentRow& before, const Step& step, std::uint64_t seq) {
  const auto& key = before.record.key;
  auto doc = before.number;
  connection_.run("DELETE FROM chunks WHERE number >= ?1 AND number < ?2", first_chunk(doc),
                  first_chunk(doc + 1));
  connection_.run("DELETE FROM texts WHERE doc = ?1", doc);
  connection_.run("DELETE FROM vectors WHERE doc = ?1", doc);
  connection_.run("DELETE FROM embeddings WHERE doc = ?1", doc);
  connection_.run("DELETE FROM documents WHERE doc = ?1", doc);
  collections_[key.collection].added_documents -= 1;

  auto slot = slot_of(key.collection, key.id);
  const auto& last = step.after.record;
  if (seq != 0) {
    connection_.run("INSERT OR REPLACE INTO tombstones(collection, id, seq, slot, version, epoch) "
                    "VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                    key.collection, key.id, seq, slot, last.version, last.epoch);
    return;
  }
  // Queries never saw it: an older tombstone keeps its place among the changes.
  connection_.run(
      "UPDATE tombstones SET version = ?3, epoch = ?4 WHERE collection = ?1 AND id = ?2",
      key.collection, key.id, last.version, last.epoch);
  if (connection_.changed_rows() == 0)
    connection_.run("INSERT INTO floors(collection, slot, version, epoch) VALUES(?1, ?2, ?3, ?4) "
                    "ON CONFLICT(collection, slot) DO UPDATE SET "
                    "version = max(version, excluded.version), epoch = max(epoch, excluded.epoch)",
                    key.collection, slot, last.version, last.epoch);
}

} // namespace graphrag::runtime::sqlite
