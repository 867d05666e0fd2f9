#include "gateway/routes/describe.hpp"

#include "runtime/check.hpp"

namespace graphrag::gateway {
namespace {

constexpr const char* document_schema = R"({
  "type": "object", "required": ["text"], "additionalProperties": false,
  "properties": {
    "id": {"type": "string", "description": "1 to 512 bytes; made by the server when absent"},
    "title": {"type": "string"},
    "text": {"type": "string"},
    "metadata": {"type": "object", "description": "at most 64 KiB; filters look into it"},
    "vector": {"type": "array", "items": {"type": "number"}}
  }})";

constexpr const char* form_schema = R"({
  "type": "object", "required": ["file"],
  "properties": {
    "file": {"type": "string", "format": "binary", "description": "one file, or several fields of this name"},
    "id": {"type": "string", "description": "for a single file, as are title and metadata"},
    "title": {"type": "string"},
    "metadata": {"type": "string", "description": "a JSON object"}
  }})";

constexpr const char* patch_schema = R"({
  "type": "object", "additionalProperties": false, "minProperties": 1,
  "properties": {"title": {"type": "string"}, "metadata": {"type": "object"}}})";

constexpr const char* query_schema = R"({
  "type": "object", "required": ["query"], "additionalProperties": false,
  "properties": {
    "query": {"type": "string", "description": "the question, at most 16 KiB"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
    "mode": {"enum": ["hybrid", "keyword", "vector", "local", "global"], "default": "hybrid", "description": "global: of the whole collection, from its communities"},
    "vector": {"type": "array", "items": {"type": "number"}, "description": "of the question, compared with the vectors that clients brought; without it an encoder makes one, when the server has one"},
    "filter": {"type": "object", "description": "{must, should, must_not}: conditions {key, match | any | range | exists}"},
    "after": {"type": "string", "description": "a consistency_token: what it stands for is seen"},
    "timeout_ms": {"type": "integer", "minimum": 1, "maximum": 60000},
    "answer": {"enum": [true, false, "generate"], "default": true, "description": "generate: a model writes it, when one is configured"},
    "stream": {"type": "boolean", "default": false, "description": "server-sent events: results, answer ..., done"},
    "rerank": {"type": "boolean", "default": true, "description": "false: the order is left as it is where a model would order the results anew"},
    "explain": {"type": "boolean", "default": false, "description": "signals of each result: what it was found by"},
    "group_by": {"enum": ["document"]}
  }})";

constexpr const char* filter_schema = R"({
  "type": "object", "required": ["filter"], "additionalProperties": false,
  "properties": {"filter": {"type": "object",
    "description": "{must, should, must_not}: conditions {key, match | any | range | exists}"}}})";

constexpr const char* merge_schema = R"({
  "type": "object", "required": ["with"], "additionalProperties": false,
  "properties": {"with": {"type": "array", "minItems": 1, "maxItems": 100,
    "items": {"type": "string"}, "description": "ids of the entities that are the same"}}})";

constexpr const char* split_schema = R"({
  "type": "object", "required": ["names"], "additionalProperties": false,
  "properties": {"names": {"type": "array", "minItems": 1, "maxItems": 100,
    "items": {"type": "string"}, "description": "names of this entity that are of another, together"}}})";

const std::string json_type = "application/json";
const std::string json_header = "-H 'Content-Type: application/json' -d ";

struct Description {
  const char* operation;
  std::vector<QueryParameter> parameters;
  std::vector<BodyKind> bodies;
  std::string example;
};

const std::vector<Description>& descriptions() {
  static const QueryParameter limit{"limit", "items of a page, 1 to 1000 (50)"};
  static const QueryParameter cursor{"cursor", "next_cursor of the page before"};
  static const QueryParameter id{"id", "the document's id, where {id} is _: for any id at all"};
  static const std::vector<Description> all{
      {"addDocuments",
       {},
       {{json_type, document_schema}, {"multipart/form-data", form_schema}},
       "-F file=@manual.pdf"},
      {"putDocument",
       {id},
       {{json_type, document_schema}, {"multipart/form-data", form_schema}},
       json_header + R"('{"title": "Pump P3", "text": "Pump P3 is primed by opening valve K7."}')"},
      {"patchDocument",
       {id},
       {{json_type, patch_schema}, {"application/merge-patch+json", patch_schema}},
       json_header + R"('{"title": "Pump P3, revised"}')"},
      {"getDocument", {id}, {}, ""},
      {"deleteDocument", {id}, {}, ""},
      {"getDocumentText", {id, {"version", "404 unless it is the searchable one"}}, {}, ""},
      {"getDocumentContent", {id}, {}, "-o original"},
      {"getDocumentChunks", {id}, {}, ""},
      {"retryDocument", {id}, {}, ""},
      {"cancelDocument", {id}, {}, ""},
      {"bulkDocuments",
       {{"mode", "sync (an answer line for each line) or async (202 and a job)"}},
       {{"application/x-ndjson", document_schema}},
       "-H 'Content-Type: application/x-ndjson' --data-binary @passages.jsonl"},
      {"listDocuments",
       {limit,
        cursor,
        {"state", "queued, processing, searchable or failed"},
        {"prefix", "ids that begin with it"},
        {"sort", "id or -updated_at"},
        {"filter", "as in a query, as JSON"},
        {"id", "only this document, as if by its path"}},
       {},
       ""},
      {"query",
       {},
       {{json_type, query_schema}},
       json_header + R"('{"query": "How is P3 primed?"}')"},
      {"deleteByFilter",
       {},
       {{json_type, filter_schema}},
       json_header + R"('{"filter": {"must": [{"key": "year", "range": {"lt": 2001}}]}}')"},
      {"mergeEntities",
       {},
       {{json_type, merge_schema}},
       json_header + R"('{"with": ["0123456789abcdef"]}')"},
      {"splitEntity",
       {},
       {{json_type, split_schema}},
       json_header + R"('{"names": ["Big Blue"]}')"},
      {"listEntities",
       {limit,
        cursor,
        {"q", "names that contain it"},
        {"type", "person, organisation, place, work, event, date, other or unknown"}},
       {},
       ""},
      {"getNeighbors",
       {{"depth", "1 to 3 (1)"},
        {"relation", "only this relation"},
        {"limit", "edges, 1 to 1000 (200)"}},
       {},
       ""},
      {"listCommunities",
       {limit, cursor, {"level", "only of this level, 0 is the finest"}},
       {},
       ""},
      {"getCommunity", {}, {}, ""},
      {"listRelations",
       {limit, cursor, {"relation", "only this relation"}, {"entity", "only about this entity"}},
       {},
       ""},
  };
  return all;
}

} // namespace

void describe(std::vector<Route>& routes) {
  for (const auto& description : descriptions()) {
    bool known = false;
    for (auto& route : routes) {
      const std::string operation = description.operation;
      if (route.operation_id != operation && route.operation_id != operation + "Default") continue;
      known = true;
      route.parameters = description.parameters;
      route.only_parameters = true;
      route.bodies = description.bodies;
      route.example = description.example;
    }
    RUNTIME_CHECK(known, "a described operation is in the table of routes");
  }
}

} // namespace graphrag::gateway
