#include "runtime/store/postgres/load.hpp"

#include "runtime/store/postgres/columns.hpp"

namespace graphrag::runtime::postgres {
namespace {

using Use = std::function<void(const Answer&)>;

// Statements of one flight, each with what is done with its answer.
struct Questions {
  std::vector<Statement> statements;
  std::vector<Use> uses;

  void ask(Statement statement, Use use) {
    uses.resize(statements.size());
    statements.push_back(std::move(statement));
    uses.push_back(std::move(use));
  }
  void answer(const std::vector<Answer>& answers) const {
    for (std::size_t i = 0; i < uses.size(); ++i)
      if (uses[i]) uses[i](answers[i]);
  }
};

Array column(const std::set<Pair>& pairs, std::string Pair::*which) {
  Array array(ArrayOf::text);
  for (const auto& pair : pairs) array.add(pair.*which);
  return array;
}

Array column(const std::set<DocumentKey>& keys, std::string DocumentKey::*which) {
  Array array(ArrayOf::text);
  for (const auto& key : keys) array.add(key.*which);
  return array;
}

void ask_documents(Questions& questions, const Touched& touched, Draft& draft) {
  if (touched.documents.empty()) return;
  Array slots(ArrayOf::number);
  for (const auto& key : touched.documents) slots.add(slot_of(key.collection, key.id));
  // A new document gets its number here, which costs nothing when it is not used.
  static const std::string sql =
      "SELECT k.collection, k.id, k.slot, coalesce(d.document_id, nextval('document_numbers')), "
      "f.version, f.epoch, z.seq, z.version, z.epoch, " +
      record_columns + ", " + live_columns +
      " FROM unnest($1, $2, $3) AS k(collection, id, slot)"
      " LEFT JOIN documents d ON d.collection = k.collection AND d.id = k.id"
      " LEFT JOIN texts t ON t.document_id = d.document_id"
      " LEFT JOIN tombstones z ON z.collection = k.collection AND z.id = k.id"
      " LEFT JOIN floors f ON f.collection = k.collection AND f.slot = k.slot";
  Statement statement(sql, column(touched.documents, &DocumentKey::collection),
                      column(touched.documents, &DocumentKey::id), std::move(slots));
  questions.ask(std::move(statement), [&draft](const Answer& answer) {
    constexpr int record = 9;
    for (auto row : answer) {
      auto& document = draft.documents[{row.text(0), row.text(1)}];
      document.slot = row.small(2);
      document.number = row.integer(3);
      document.floor = {row.number(4), row.number(5)};
      if (!row.is_null(6)) {
        document.tombstone = Tombstone{row.number(6), false, {row.number(7), row.number(8)}};
        document.stored_tombstone = true;
      }
      if (row.is_null(record)) continue;
      document.stored = true;
      auto& loaded = document.row.emplace();
      loaded.record = read_record(row, record);
      loaded.number = document.number;
      if (!loaded.record.blob.empty()) draft.loaded.blobs.insert(loaded.record.blob);
      if (loaded.record.live_version == 0) continue;
      document.stored_live = true;
      loaded.live = read_live(row, record + record_column_count);
      if (!loaded.live->blob.empty()) draft.loaded.blobs.insert(loaded.live->blob);
    }
  });
}

void ask_vectors(Questions& questions, const Touched& touched, Draft& draft) {
  if (touched.with_vectors.empty()) return;
  Statement statement("SELECT d.collection, d.id, v.floats FROM unnest($1, $2) AS k(collection, id)"
                      " JOIN documents d ON d.collection = k.collection AND d.id = k.id"
                      " JOIN vectors v ON v.document_id = d.document_id",
                      column(touched.with_vectors, &DocumentKey::collection),
                      column(touched.with_vectors, &DocumentKey::id));
  questions.ask(std::move(statement), [&draft](const Answer& answer) {
    for (auto row : answer)
      draft.documents[{row.text(0), row.text(1)}].stored_vector = row.floats(2);
  });
}

void ask_collections(Questions& questions, const Touched& touched, Draft& draft) {
  if (touched.collections.empty()) return;
  for (const auto& name : touched.collections) draft.collections[name];
  Statement statement("SELECT k.name, c.name IS NOT NULL, f.epoch FROM unnest($1) AS k(name)"
                      " LEFT JOIN collections c ON c.name = k.name"
                      " LEFT JOIN floors f ON f.collection = k.name AND f.slot = $2",
                      array_of(ArrayOf::text, touched.collections), whole_collection);
  questions.ask(std::move(statement), [&draft](const Answer& answer) {
    for (auto row : answer) {
      auto& collection = draft.collections[row.text(0)];
      collection.stored = collection.exists = row.flag(1);
      collection.floor_epoch = row.number(2);
    }
  });
  for (const auto& name : touched.dropped)
    questions.ask(Statement("SELECT max(epoch) FROM ("
                            "  SELECT epoch FROM documents WHERE collection = $1"
                            "  UNION ALL SELECT epoch FROM tombstones WHERE collection = $1"
                            "  UNION ALL SELECT epoch FROM floors WHERE collection = $1) AS all_of",
                            name),
                  [&draft, name](const Answer& answer) {
                    draft.collections[name].stored_epoch = answer[0].number(0);
                  });
}

void ask_chunks(Questions& questions, const Touched& touched, Draft& draft) {
  if (touched.chunk_ids.empty()) return;
  Statement statement("SELECT c.collection, c.id, c.document_id"
                      " FROM unnest($1, $2) AS k(collection, id)"
                      " JOIN chunks c ON c.collection = k.collection AND c.id = k.id",
                      column(touched.chunk_ids, &Pair::first),
                      column(touched.chunk_ids, &Pair::second));
  questions.ask(std::move(statement), [&draft](const Answer& answer) {
    for (auto row : answer) draft.loaded.chunk_owners[{row.text(0), row.text(1)}] = row.integer(2);
  });
}

void ask_models(Questions& questions, const Touched& touched, Draft& draft) {
  if (!touched.changes_models && !touched.needs_models) return;
  questions.ask(Statement("SELECT hash, name, dimension, blob, state, created_at FROM models"),
                [&draft](const Answer& answer) {
                  draft.loaded.models = true;
                  for (auto row : answer)
                    draft.models[row.text(0)] = {row.text(0),
                                                 row.text(1),
                                                 row.small(2),
                                                 row.text(3),
                                                 static_cast<ModelState>(row.integer(4)),
                                                 row.time_ms(5)};
                });
}

void ask_verdicts(Questions& questions, const Touched& touched, Draft& draft) {
  if (touched.verdicts.empty()) return;
  Array collections(ArrayOf::text), first(ArrayOf::text), second(ArrayOf::text);
  for (std::size_t i = 0; i < touched.verdicts.size(); ++i) {
    collections.add(touched.verdict_collections[i]);
    first.add(touched.verdicts[i].first);
    second.add(touched.verdicts[i].second);
  }
  questions.ask(Statement("SELECT v.collection, v.first, v.second, v.same, v.made_at"
                          " FROM unnest($1, $2, $3) AS k(collection, first, second)"
                          " JOIN verdicts v ON v.collection = k.collection"
                          " AND md5(v.first) = md5(k.first) AND md5(v.second) = md5(k.second)",
                          std::move(collections), std::move(first), std::move(second)),
                [&draft](const Answer& answer) {
                  for (auto row : answer) {
                    Verdict verdict{row.text(1), row.text(2), row.flag(3), row.time_ms(4)};
                    Pair names{verdict.first, verdict.second};
                    draft.verdicts[{row.text(0), names}].verdict = std::move(verdict);
                  }
                });
  questions.ask(
      Statement("SELECT collection, count(*) FROM verdicts WHERE collection = ANY($1) GROUP BY 1",
                array_of(ArrayOf::text, touched.verdict_collections)),
      [&draft](const Answer& answer) {
        for (auto row : answer) draft.collections[row.text(0)].verdicts = row.number(1);
      });
}

void ask_jobs(Questions& questions, const Touched& touched, Draft& draft) {
  if (touched.jobs.empty()) return;
  questions.ask(Statement("SELECT id, collection, owner FROM jobs WHERE id = ANY($1)",
                          array_of(ArrayOf::text, touched.jobs)),
                [&draft](const Answer& answer) {
                  for (auto row : answer)
                    draft.jobs[row.text(0)] = {
                        .exists = true, .collection = row.text(1), .owner = row.text(2)};
                });
}

void ask_replies(Questions& questions, const Touched& touched, std::int64_t now_ms, Draft& draft) {
  if (touched.replies.empty()) return;
  questions.ask(Statement("SELECT r.collection, r.key, r.fingerprint, r.status, r.body"
                          " FROM unnest($1, $2) AS k(collection, key)"
                          " JOIN replies r ON r.collection = k.collection"
                          " AND md5(r.key) = md5(k.key) WHERE r.expires_at > $3",
                          column(touched.replies, &Pair::first),
                          column(touched.replies, &Pair::second), Time{now_ms}),
                [&draft](const Answer& answer) {
                  for (auto row : answer)
                    draft.replies[{row.text(0), row.text(1)}].reply = RememberedReply{
                        row.text(2), static_cast<int>(row.integer(3)), std::string(row.bytes(4))};
                });
}

} // namespace

void set_for_reading(std::vector<Statement>& flight, const Times& times, Plans plans) {
  // A plan that is kept must suit the table that it grows to be, whatever the arguments are.
  flight.emplace_back(plans == Plans::kept
                          ? "SELECT set_config('statement_timeout', $1, true), "
                            "set_config('jit', 'off', true), "
                            "set_config('enable_seqscan', 'off', true), "
                            "set_config('plan_cache_mode', 'force_generic_plan', true)"
                          : "SELECT set_config('statement_timeout', $1, true), "
                            "set_config('jit', 'off', true)",
                      std::to_string(times.statement.count()));
}

void begin_reading(std::vector<Statement>& flight, const Times& times, Plans plans) {
  flight.emplace_back("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  set_for_reading(flight, times, plans);
}

void begin_writing(std::vector<Statement>& flight, const Times& times) {
  flight.emplace_back("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  // Plans of a batch are lookups by key; statistics of a table that has just grown must not turn
  // them into scans, nor make the server plan again for every batch. A commit waits for the disk
  // whatever the database's default is. A client that vanished in the middle of a flight must not
  // keep its locks for the hours of TCP's default.
  flight.emplace_back(
      "SELECT set_config('statement_timeout', $1, true), set_config('jit', 'off', true), "
      "set_config('idle_in_transaction_session_timeout', $1, true), "
      "set_config('enable_hashjoin', 'off', true), "
      "set_config('enable_mergejoin', 'off', true), "
      "set_config('enable_seqscan', 'off', true), "
      "set_config('plan_cache_mode', 'force_generic_plan', true), "
      "set_config('tcp_keepalives_idle', '5', true), "
      "set_config('tcp_keepalives_interval', '2', true), "
      "set_config('tcp_keepalives_count', '3', true), "
      "set_config('synchronous_commit', CASE current_setting('synchronous_commit') "
      "WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)",
      std::to_string(times.statement.count()));
}

void take_locks(std::vector<Statement>& flight, const std::vector<Lock>& locks) {
  Array keys(ArrayOf::number), shared(ArrayOf::flag);
  for (const auto& lock : locks) {
    keys.add(lock.key);
    shared.add(lock.shared);
  }
  flight.emplace_back("SELECT count(CASE WHEN shared THEN pg_advisory_xact_lock_shared(key)::text "
                      "ELSE pg_advisory_xact_lock(key)::text END) "
                      "FROM unnest($1, $2) AS l(key, shared)",
                      std::move(keys), std::move(shared));
}

bool load(Connection& connection, const Touched& touched, const std::vector<Lock>& locks,
          std::int64_t replies_now_ms, const Times& times, Draft& draft) {
  Questions questions;
  draft.loaded.blobs = touched.brought_blobs;
  begin_writing(questions.statements, times);
  take_locks(questions.statements, locks);
  ask_documents(questions, touched, draft);
  ask_vectors(questions, touched, draft);
  ask_collections(questions, touched, draft);
  ask_chunks(questions, touched, draft);
  ask_models(questions, touched, draft);
  ask_verdicts(questions, touched, draft);
  ask_jobs(questions, touched, draft);
  ask_replies(questions, touched, replies_now_ms, draft);
  auto answers = connection.fly(questions.statements, times.flight, Plans::kept);
  if (!answers) return false;
  questions.answer(*answers);
  return true;
}

} // namespace graphrag::runtime::postgres
