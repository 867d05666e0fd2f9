#include "gateway/routes/render.hpp"

#include "actors/chunk/embedding/encoders.hpp"
#include "actors/document/progress.hpp"
#include "actors/models/model_desk.hpp"
#include "gateway/json_writer.hpp"
#include "gateway/routes/context.hpp"

namespace graphrag::gateway {
using nlohmann::json;
using runtime::DocumentState;

std::string_view state_name(DocumentState state, bool in_work) {
  switch (state) {
  case DocumentState::queued:
    return in_work ? "processing" : "queued";
  case DocumentState::searchable:
    return "searchable";
  case DocumentState::failed:
  case DocumentState::canceled:
    return "failed";
  }
  return "failed";
}

namespace {

// Before the live version there is only a wait; after it nothing comes any more.
const char* extraction_of(const NodePartsPtr& node, const runtime::DocumentRecord& record) {
  if (record.live_version == 0)
    return record.state == DocumentState::queued && node->models->does(ModelWork::extraction)
               ? "pending"
               : "none";
  const auto views = node->views->find(record.key.collection);
  if (!views.index) return "none";
  const auto view = views.index->view();
  const auto found = view.find_document(record.key.id);
  return found && view.chunk(found->first).document->read_by_model ? "present" : "none";
}

// What the live version has: vectors that the client or the active model made. A model that is
// configured, or has a row but no files in memory yet, is awaited.
const char* vectors_of(const NodePartsPtr& node, const runtime::DocumentRecord& record) {
  if (record.has_vector) return "present";
  const auto model = node->encoders->wanted();
  const bool expected = !model.empty() || node->models->settings().embedding;
  if (!expected || record.live_version == 0 || record.chunk_count == 0) return "none";
  const auto views = node->views->find(record.key.collection);
  if (!views.index) return "none";
  const auto view = views.index->view();
  const auto found = view.find_document(record.key.id);
  const bool has = found && !model.empty() && !view.vector_of(found->first, model).empty();
  return has ? "present" : "pending";
}

} // namespace

json document_json(const NodePartsPtr& node, const runtime::DocumentRecord& record) {
  auto stage =
      record.state == DocumentState::queued ? node->progress->stage(record.key) : std::nullopt;
  bool searchable = record.state == DocumentState::searchable;
  json out{{"id", record.key.id},
           {"collection", record.key.collection},
           {"version", record.version},
           {"title", record.title},
           {"state", state_name(record.state, stage.has_value())},
           {"stage", stage        ? *stage
                     : searchable ? "searchable"
                                  : std::string{state_name(record.state, false)}},
           {"progress", searchable ? 1.0
                        : stage    ? (*stage == "committing"  ? 0.9
                                      : *stage == "analysing" ? 0.6
                                                              : 0.3)
                                   : 0.0},
           {"chunk_count", record.chunk_count},
           {"entity_count", record.entity_count},
           {"enrichment",
            {{"vectors", vectors_of(node, record)}, {"extraction", extraction_of(node, record)}}},
           {"metadata", json::parse(record.metadata, nullptr, false)},
           {"mime", record.mime},
           {"bytes", record.bytes},
           {"created_at", rfc3339(record.created_ms)},
           {"updated_at", rfc3339(record.updated_ms)}};
  if (out["metadata"].is_discarded()) out["metadata"] = json::object();
  if (!record.filename.empty()) out["filename"] = record.filename;
  if (record.live_version != 0 && record.live_version != record.version)
    out["searchable_version"] = record.live_version;
  if (record.state == DocumentState::canceled) {
    out["error"] = {{"code", "canceled"}, {"detail", "canceled by a client"}, {"retryable", true}};
  } else if (record.error) {
    out["error"] = {{"code", record.error->code},
                    {"detail", record.error->detail},
                    {"retryable", record.error->retryable}};
  }
  if (record.seq != 0) out["consistency_token"] = token_of(record.seq);
  return out;
}

namespace {

void write_place(JsonWriter& out, std::uint32_t page, const std::string& section,
                 std::uint32_t start, std::uint32_t end) {
  if (page != 0) out.field("page", page);
  if (!section.empty()) out.field("section", section);
  out.field("start", start).field("end", end);
}

void write_hit(JsonWriter& out, const query::Hit& hit) {
  out.object();
  out.field("document_id", hit.document_id)
      .field("chunk_id", hit.chunk_id)
      .field("title", hit.title);
  out.field("text", hit.text).field("score", hit.score);
  write_place(out, hit.page, hit.section, hit.start, hit.end);
  out.key("metadata").raw(hit.metadata.empty() ? "{}" : hit.metadata);
  if (hit.signals) {
    const auto& s = *hit.signals;
    out.key("signals").object();
    out.field("keyword", s.keyword)
        .field("vector", s.vector)
        .field("link", s.link)
        .field("name", s.name);
    if (!s.via.empty()) out.field("via", s.via);
    if (s.rerank) out.field("rerank", *s.rerank);
    out.end_object();
  }
  out.end_object();
}

void write_citation(JsonWriter& out, const query::Citation& citation) {
  out.object().field("document_id", citation.document_id).field("title", citation.title);
  write_place(out, citation.page, citation.section, citation.start, citation.end);
  out.field("text", citation.text).end_object();
}

void write_entities(JsonWriter& out, const std::vector<query::FoundEntity>& entities) {
  out.key("entities").array();
  for (const auto& entity : entities)
    out.object()
        .field("id", entity.id)
        .field("name", entity.name)
        .field("type", entity.kind)
        .end_object();
  out.end_array();
}

void write_communities(JsonWriter& out, const std::vector<query::FoundCommunity>& communities) {
  if (communities.empty()) return;
  out.key("communities").array();
  for (const auto& community : communities) {
    out.object()
        .field("id", std::to_string(community.id))
        .field("title", community.title)
        .field("level", community.level)
        .field("size", static_cast<std::uint64_t>(community.size));
    write_entities(out, community.entities);
    out.field("summary", community.summary);
    if (community.generated) out.field("generated", true);
    out.end_object();
  }
  out.end_array();
}

} // namespace

std::string query_json(const query::QueryResult& result, bool with_answer) {
  JsonWriter out;
  out.object();
  if (with_answer) {
    out.key("answer").object().field("text", result.answer.text).key("citations").array();
    for (const auto& citation : result.answer.citations) write_citation(out, citation);
    out.end_array().end_object();
  }
  out.key("results").array();
  for (const auto& hit : result.hits) write_hit(out, hit);
  out.end_array();
  write_entities(out, result.entities);
  write_communities(out, result.communities);
  out.field("partial", result.partial);
  if (!result.missing.empty()) {
    out.key("missing").array();
    for (const auto& part : result.missing) out.value(part);
    out.end_array();
  }
  out.end_object();
  return out.take();
}

std::string complete_query_json(std::string answer, double took_ms, std::uint64_t seq) {
  JsonWriter tail;
  tail.object().field("consistency_token", token_of(seq)).field("took_ms", took_ms).end_object();
  if (answer == "{}") return tail.take();
  answer.back() = ',';
  return answer.append(std::string_view{tail.take()}.substr(1));
}

json job_json(const runtime::JobRecord& job) {
  auto body = json::parse(job.body, nullptr, false);
  if (!body.is_object()) body = json::object();
  body.erase("input"); // what the job works from is not the client's to see
  json out{{"id", job.id},
           {"kind", job.kind},
           {"collection", job.collection},
           {"state", job.state},
           {"updated_at", rfc3339(job.updated_ms)}};
  out.update(body);
  return out;
}

} // namespace graphrag::gateway
