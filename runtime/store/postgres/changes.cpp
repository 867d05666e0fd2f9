#include "runtime/store/postgres/changes.hpp"

#include "runtime/store/rules/input_checks.hpp"

namespace graphrag::runtime::postgres {
namespace {

using enum ArrayOf;

constexpr const char* this_seq = "(SELECT value FROM meta WHERE key = 'last_seq')";

std::string insert_rows(const std::string& table, const std::string& rest = "") {
  return "INSERT INTO " + table + "($columns) SELECT $columns FROM $rows" + rest;
}

// ---- before the sequence number

void drop_collections(const Draft& draft, std::vector<Statement>& out) {
  for (const auto& [name, collection] : draft.collections) {
    if (!collection.dropped || !collection.stored) continue;
    for (const char* table : {"vectors", "embeddings"})
      out.emplace_back(std::string("DELETE FROM ") + table +
                           " WHERE document_id IN "
                           "(SELECT document_id FROM documents WHERE collection = $1)",
                       name);
    for (const char* table :
         {"chunks", "texts", "documents", "tombstones", "floors", "verdicts", "replies", "jobs"})
      out.emplace_back(std::string("DELETE FROM ") + table + " WHERE collection = $1", name);
  }
}

void remove_contents(const Draft& draft, std::vector<Statement>& out) {
  Array documents(number), texts(number), contents(number);
  for (const auto& [key, document] : draft.documents) {
    if (document.stored && !document.row) documents.add(document.number);
    if (!document.stored_live || !document.content_gone) continue;
    contents.add(document.number);
    if (!document.content) texts.add(document.number);
  }
  if (contents.size() > 0) {
    out.emplace_back("WITH gone AS (SELECT unnest($1) AS document_id), "
                     "v AS (DELETE FROM vectors USING gone"
                     "  WHERE vectors.document_id = gone.document_id), "
                     "e AS (DELETE FROM embeddings USING gone"
                     "  WHERE embeddings.document_id = gone.document_id) "
                     "DELETE FROM chunks USING gone WHERE chunks.document_id = gone.document_id",
                     std::move(contents));
  }
  if (texts.size() > 0)
    out.emplace_back("DELETE FROM texts WHERE document_id = ANY($1)", std::move(texts));
  if (documents.size() > 0)
    out.emplace_back("DELETE FROM documents WHERE document_id = ANY($1)", std::move(documents));
}

void save_contents(const Draft& draft, std::vector<Statement>& out) {
  RowSet texts(insert_rows("texts", " ON CONFLICT(document_id) DO UPDATE SET "
                                    "bytes = excluded.bytes, updated_at = excluded.updated_at, "
                                    "analysis_version = excluded.analysis_version, "
                                    "title = excluded.title, filename = excluded.filename, "
                                    "mime = excluded.mime, content_hash = excluded.content_hash, "
                                    "blob = excluded.blob, metadata = excluded.metadata, "
                                    "text = excluded.text"),
               {{"document_id", number},
                {"collection", text},
                {"bytes", number},
                {"updated_at", time},
                {"analysis_version", number},
                {"title", text},
                {"filename", text},
                {"mime", text},
                {"content_hash", text},
                {"blob", text},
                {"metadata", text},
                {"text", text}});
  RowSet patched(
      "UPDATE texts t SET title = u.title, metadata = u.metadata, "
      "updated_at = u.updated_at FROM $rows WHERE t.document_id = u.document_id",
      {{"document_id", number}, {"title", text}, {"metadata", text}, {"updated_at", time}});
  RowSet chunks(insert_rows("chunks"), {{"document_id", number},
                                        {"position", number},
                                        {"start_point", number},
                                        {"end_point", number},
                                        {"collection", text},
                                        {"id", text},
                                        {"facts", bytes}});
  RowSet vectors(insert_rows("vectors"), {{"document_id", number}, {"floats", bytes}});
  RowSet embeddings(
      insert_rows("embeddings", " ON CONFLICT(document_id, model) DO UPDATE SET "
                                "dimension = excluded.dimension, floats = excluded.floats"),
      {{"document_id", number}, {"dimension", number}, {"model", text}, {"floats", bytes}});
  for (const auto& [key, document] : draft.documents) {
    if (!document.row || !document.changed) continue;
    auto id = document.number;
    if (document.content) {
      const auto& live = *document.row->live;
      texts.add(id, key.collection, live.bytes, Time{live.updated_ms}, live.analysis_version,
                live.title, live.filename, live.mime, live.content_hash, live.blob, live.metadata,
                document.content->text);
      for (const auto& chunk : document.content->chunks)
        chunks.add(id, chunk.index, chunk.start, chunk.end, key.collection, chunk.id,
                   Bytes{chunk.facts});
      if (!document.content->vector.empty())
        vectors.add(id, Bytes{pack_floats(document.content->vector)});
    } else if (document.live_changed) {
      const auto& live = *document.row->live;
      patched.add(id, live.title, live.metadata, Time{live.updated_ms});
    }
    for (const auto& [model, made] : document.vectors)
      embeddings.add(id, made->dimension, model, Bytes{pack_floats(made->floats)});
  }
  for (auto* rows : {&texts, &patched, &chunks, &vectors, &embeddings}) rows->append_to(out);
}

void save_verdicts_jobs_and_replies(const Draft& draft, const BatchName& name,
                                    std::vector<Statement>& out) {
  for (const auto& [names, verdict] : draft.verdicts) {
    if (!verdict.changed) continue;
    const auto& [collection, pair] = names;
    if (verdict.verdict) {
      out.emplace_back(
          "INSERT INTO verdicts(collection, first, second, same, made_at) "
          "VALUES($1, $2, $3, $4, $5) ON CONFLICT(collection, md5(first), md5(second)) "
          "DO UPDATE SET same = excluded.same, made_at = excluded.made_at",
          collection, pair.first, pair.second, verdict.verdict->same,
          Time{verdict.verdict->made_ms});
    } else {
      out.emplace_back("DELETE FROM verdicts WHERE collection = $1 "
                       "AND md5(first) = md5($2) AND md5(second) = md5($3)",
                       collection, pair.first, pair.second);
    }
  }
  for (const auto& [id, job] : draft.jobs) {
    if (job.kept) {
      const auto& op = *job.kept;
      out.emplace_back("INSERT INTO jobs(id, collection, kind, state, body, updated_at, owner) "
                       "VALUES($1, $2, $3, $4, $5, $6, $7) ON CONFLICT(id) DO UPDATE SET "
                       "collection = excluded.collection, kind = excluded.kind, "
                       "state = excluded.state, body = excluded.body, "
                       "updated_at = excluded.updated_at, owner = excluded.owner",
                       op.id, op.collection, op.kind, op.state, op.body, Time{op.updated_ms},
                       job.owner);
    } else if (job.owner_changed) {
      out.emplace_back("UPDATE jobs SET owner = $2 WHERE id = $1", id, job.owner);
    } else if (job.removed) {
      out.emplace_back("DELETE FROM jobs WHERE id = $1", id);
    }
  }
  bool any = false;
  for (const auto& [key, reply] : draft.replies) {
    if (!reply.kept) continue;
    const auto& op = *reply.kept;
    if (!std::exchange(any, true))
      out.emplace_back("DELETE FROM replies WHERE ctid = ANY(ARRAY(SELECT ctid FROM replies "
                       "WHERE expires_at <= $1 LIMIT 1000 FOR UPDATE SKIP LOCKED))",
                       Time{name.replies_now_ms});
    out.emplace_back("INSERT INTO replies(collection, key, fingerprint, status, expires_at, body) "
                     "VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT(collection, md5(key)) "
                     "DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status, "
                     "expires_at = excluded.expires_at, body = excluded.body",
                     op.collection, op.key, op.fingerprint, op.status, Time{op.expires_ms},
                     Bytes{op.body});
  }
}

void save_models(const Draft& draft, std::vector<Statement>& out) {
  if (!draft.models_changed) return;
  Array kept(text);
  for (const auto& [hash, model] : draft.models) kept.add(hash);
  out.emplace_back("DELETE FROM models WHERE hash <> ALL($1)", std::move(kept));
  RowSet models(insert_rows("models", " ON CONFLICT(hash) DO UPDATE SET name = excluded.name, "
                                      "dimension = excluded.dimension, blob = excluded.blob, "
                                      "state = excluded.state, created_at = excluded.created_at"),
                {{"hash", text},
                 {"name", text},
                 {"dimension", number},
                 {"blob", text},
                 {"state", number},
                 {"created_at", time}});
  for (const auto& [hash, m] : draft.models)
    models.add(hash, m.name, m.dimension, m.blob, static_cast<int>(m.state), Time{m.created_ms});
  models.append_to(out);
}

// ---- after it

void save_documents(const Draft& draft, std::vector<Statement>& out) {
  const std::initializer_list<RowSet::Column> columns{
      {"document_id", number}, {"collection", text},     {"id", text},
      {"version", number},     {"live_version", number}, {"epoch", number},
      {"seq", number},         {"bytes", number},        {"created_at", time},
      {"updated_at", time},    {"chunk_count", number},  {"entity_count", number},
      {"attempts", number},    {"change_kind", number},  {"state", number},
      {"made_id", flag},       {"has_vector", flag},     {"error_retryable", flag},
      {"title", text},         {"filename", text},       {"mime", text},
      {"content_hash", text},  {"blob", text},           {"error_code", text},
      {"error_detail", text},  {"metadata", text},       {"owner", text},
      {"slot", number},        {"visible", flag}};
  auto seq = std::string("CASE WHEN u.visible THEN ") + this_seq + " ELSE u.seq END";
  // An error has a code, so that an empty one means none.
  RowSet added(
      "INSERT INTO documents(document_id, collection, id, version, live_version, epoch, "
      "seq, bytes, created_at, updated_at, chunk_count, entity_count, attempts, "
      "change_kind, state, made_id, has_vector, error_retryable, title, filename, mime, "
      "content_hash, blob, error_code, error_detail, metadata, owner, slot) "
      "SELECT document_id, collection, id, version, live_version, epoch, " +
          seq +
          ", bytes, created_at, updated_at, chunk_count, entity_count, attempts, "
          "change_kind, state, made_id, has_vector, error_retryable, title, filename, "
          "mime, content_hash, blob, error_code, error_detail, metadata, owner, slot FROM $rows",
      columns);
  RowSet changed("UPDATE documents d SET version = u.version, live_version = u.live_version, "
                 "epoch = u.epoch, seq = " +
                     seq +
                     ", bytes = u.bytes, created_at = u.created_at, updated_at = u.updated_at, "
                     "chunk_count = u.chunk_count, entity_count = u.entity_count, "
                     "attempts = u.attempts, change_kind = CASE WHEN u.visible THEN u.change_kind "
                     "ELSE d.change_kind END, state = u.state, has_vector = u.has_vector, "
                     "error_retryable = u.error_retryable, title = u.title, "
                     "filename = u.filename, mime = u.mime, content_hash = u.content_hash, "
                     "blob = u.blob, error_code = u.error_code, error_detail = u.error_detail, "
                     "metadata = u.metadata, owner = u.owner, slot = u.slot "
                     "FROM $rows WHERE d.document_id = u.document_id",
                 columns);
  for (const auto& [key, document] : draft.documents) {
    if (!document.row || !document.changed) continue;
    const auto& r = document.row->record;
    auto& rows = document.stored ? changed : added;
    static const DocumentError none;
    const auto& error = r.error ? *r.error : none;
    rows.add(document.number, key.collection, key.id, r.version, r.live_version, r.epoch, r.seq,
             r.bytes, Time{r.created_ms}, Time{r.updated_ms}, r.chunk_count, r.entity_count,
             r.attempts, static_cast<int>(document.kind), static_cast<int>(r.state),
             is_made_document_id(key.id), r.has_vector, error.retryable, r.title, r.filename,
             r.mime, r.content_hash, r.blob,
             r.error ? std::optional<std::string>(error.code) : std::nullopt, error.detail,
             r.metadata, r.owner, document.slot, document.visible);
  }
  added.append_to(out);
  changed.append_to(out);
}

void save_tombstones_and_floors(const Draft& draft, std::vector<Statement>& out) {
  Array collections(text), ids(text);
  RowSet tombstones(std::string("INSERT INTO tombstones(collection, id, seq, slot, version, epoch) "
                                "SELECT collection, id, CASE WHEN now THEN ") +
                        this_seq +
                        " ELSE seq END, slot, version, epoch FROM $rows "
                        "ON CONFLICT(collection, id) DO UPDATE SET seq = excluded.seq, "
                        "version = excluded.version, epoch = excluded.epoch",
                    {{"collection", text},
                     {"id", text},
                     {"seq", number},
                     {"slot", number},
                     {"version", number},
                     {"epoch", number},
                     {"now", flag}});
  for (const auto& [key, document] : draft.documents) {
    if (!document.tombstone_changed) continue;
    if (document.tombstone) {
      const auto& dead = *document.tombstone;
      tombstones.add(key.collection, key.id, dead.seq, document.slot, dead.floor.version,
                     dead.floor.epoch, dead.at_this_batch);
    } else if (document.stored_tombstone) {
      collections.add(key.collection);
      ids.add(key.id);
    }
  }
  tombstones.append_to(out);
  if (ids.size() > 0)
    out.emplace_back("DELETE FROM tombstones z USING unnest($1, $2) AS k(collection, id) "
                     "WHERE z.collection = k.collection AND z.id = k.id",
                     std::move(collections), std::move(ids));
  RowSet floors(insert_rows("floors", " ON CONFLICT(collection, slot) DO UPDATE SET "
                                      "version = greatest(floors.version, excluded.version), "
                                      "epoch = greatest(floors.epoch, excluded.epoch)"),
                {{"collection", text}, {"slot", number}, {"version", number}, {"epoch", number}});
  for (const auto& [name, collection] : draft.collections)
    if (collection.dropped) floors.add(name, whole_collection, 0, collection.floor_epoch);
  for (const auto& [place, floor] : draft.raised)
    floors.add(place.first, place.second, floor.version, floor.epoch);
  floors.append_to(out);
}

void save_collections(const Draft& draft, std::vector<Statement>& out) {
  for (const auto& [name, c] : draft.collections) {
    if (c.dropped) {
      if (c.stored) out.emplace_back("DELETE FROM collections WHERE name = $1", name);
      out.emplace_back(std::string("INSERT INTO dropped_collections(name, seq) VALUES($1, ") +
                           this_seq + ") ON CONFLICT(name) DO UPDATE SET seq = excluded.seq",
                       name);
    }
    if (c.made) {
      out.emplace_back(
          std::string("INSERT INTO collections(name, created_at, seq, documents) VALUES($1, $2, ") +
              this_seq + ", $3)",
          name, Time{c.created_ms}, c.added_documents);
    } else if (c.exists && c.added_documents != 0) {
      out.emplace_back("UPDATE collections SET documents = documents + $2 WHERE name = $1", name,
                       c.added_documents);
    }
    if (c.exists && c.verdicts_changed)
      out.emplace_back(std::string("UPDATE collections SET verdict_seq = ") + this_seq +
                           " WHERE name = $1",
                       name);
  }
}

// Those that documents outside the batch name now: another node may have named one since the rows
// were loaded. The row of the sequence number is locked, so no other batch can end meanwhile that
// would drop the same blob.
void ask_blobs(const Draft& draft, const std::vector<std::string>& released,
               std::vector<Statement>& out) {
  Array mine(number);
  for (const auto& [key, document] : draft.documents) mine.add(document.number);
  out.emplace_back("SELECT b.blob FROM unnest($1) AS b(blob) WHERE EXISTS("
                   "  SELECT 1 FROM documents d WHERE d.blob = b.blob AND d.blob <> ''"
                   "  AND d.document_id <> ALL($2)) OR EXISTS("
                   "  SELECT 1 FROM texts t WHERE t.blob = b.blob AND t.blob <> ''"
                   "  AND t.document_id <> ALL($2))",
                   array_of(text, released), std::move(mine));
}

// The number of the batch, new or as it is, into the writer's row; the answer is the number and the
// version of the membership at it. One statement, so that the number's row is locked no longer.
Statement take_number(bool visible, const BatchName& name) {
  static const std::string keep =
      " ON CONFLICT(writer) DO UPDATE SET batch = excluded.batch, "
      "previous_seq = excluded.previous_seq, seq = excluded.seq, "
      "view_version = excluded.view_version, written_at = excluded.written_at "
      "RETURNING seq, view_version";
  static const std::string next =
      "WITH number AS (UPDATE meta SET value = value + 1 WHERE key = 'last_seq' "
      "RETURNING value, view_version) "
      "INSERT INTO writers(writer, batch, previous_seq, seq, view_version, written_at) "
      "SELECT $1, $2, value - 1, value, view_version, now() FROM number" +
      keep;
  static const std::string same =
      "INSERT INTO writers(writer, batch, previous_seq, seq, view_version, written_at) "
      "SELECT $1, $2, value, value, view_version, now() FROM meta WHERE key = 'last_seq'" +
      keep;
  return Statement(visible ? next : same, name.writer, name.batch);
}

} // namespace

Flight changes_of(const Draft& draft, const std::vector<std::string>& released,
                  const BatchName& name) {
  Flight flight;
  auto& out = flight.statements;
  drop_collections(draft, out);
  remove_contents(draft, out);
  save_contents(draft, out);
  save_verdicts_jobs_and_replies(draft, name, out);
  save_models(draft, out);
  if (draft.visible()) {
    flight.number = out.size();
    out.push_back(take_number(true, name));
  } else if (!released.empty()) {
    out.emplace_back("SELECT value FROM meta WHERE key = 'last_seq' FOR UPDATE");
  }
  save_documents(draft, out);
  save_tombstones_and_floors(draft, out);
  save_collections(draft, out);
  if (!released.empty()) {
    flight.blobs = out.size();
    ask_blobs(draft, released, out);
  }
  if (draft.visible()) return flight;
  flight.number = out.size();
  if (out.empty())
    out.emplace_back("SELECT value, view_version FROM meta WHERE key = 'last_seq'");
  else
    out.push_back(take_number(false, name));
  return flight;
}

} // namespace graphrag::runtime::postgres
