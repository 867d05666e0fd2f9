#include "gateway/routes/routes.hpp"

#include "actors/document/backlog.hpp"
#include "gateway/routes/holders.hpp"
#include "gateway/routes/ingest.hpp"
#include "gateway/routes/render.hpp"
#include "runtime/content_hash.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using runtime::WriteOp;
using runtime::WriteResult;
using RequestPtr = std::shared_ptr<Request>;

// ---- POST: one or several documents

// An Idempotency-Key makes the id of a document that comes without one, so that a repetition finds
// it, and is remembered with a fingerprint of the request, so that a reuse for another is refused.
struct Idempotency {
  std::string key, fingerprint;
};

std::optional<Idempotency> idempotency_of(const Request& request) {
  auto key = request.header("idempotency-key");
  if (!key || key->empty()) return std::nullopt;
  return Idempotency{*key, runtime::content_hash(request.path, request.body)};
}

constexpr std::int64_t idempotency_ms = 24LL * 3600 * 1000;

void post_one(const Context& context, const RequestPtr& request, const Responder& responder,
              Upload&& upload, std::optional<Idempotency> idempotency) {
  auto preference = preference_of(context, *request);
  std::optional<std::uint64_t> if_match;
  if (!precondition_of(*request, if_match))
    return void(responder.fulfil(
        problem(400, "bad_if_match", "If-Match must be an entity tag, If-None-Match *, not both",
                request->trace_id)));
  auto collection = collection_of(*request);
  std::vector<WriteOp> extra;
  if (idempotency) {
    if (!upload.id)
      upload.id = "d_" + runtime::content_hash(collection, idempotency->key).substr(0, 26);
    extra.push_back(runtime::RememberReplyOp{collection, idempotency->key, idempotency->fingerprint,
                                             200, json{{"document_id", *upload.id}}.dump(),
                                             context->node->clock->wall_ms() + idempotency_ms});
  }
  ingest(context, request, collection, std::move(upload), if_match, preference, std::move(extra),
         [request, responder, preference](IngestAnswer answer) {
           responder.fulfil(to_response(answer, *request, preference));
         });
}

// A file without an id that was uploaded before under the same name with the same bytes.
std::optional<runtime::DocumentRecord>
earlier_upload(const Context& context, const std::string& collection, const Upload& upload) {
  if (upload.id || !upload.is_file || upload.filename.empty()) return std::nullopt;
  auto found = context->node->store->find_upload(collection, upload.filename,
                                                 runtime::content_hash(upload.bytes));
  if (!found || found->state == runtime::DocumentState::failed) return std::nullopt;
  return *found;
}

json duplicate_json(const Context& context, const runtime::DocumentRecord& record) {
  auto out = document_json(context->node, record);
  out["duplicate"] = true;
  return out;
}

struct Several { // the items of one multipart request with more than one file
  std::mutex mutex;
  json items = json::array();
  std::size_t open = 0;
  bool errors = false;
};

void post_several(const Context& context, const RequestPtr& request, const Responder& responder,
                  std::vector<Upload>&& uploads) {
  auto several = std::make_shared<Several>();
  several->open = uploads.size();
  several->items = std::vector<json>(uploads.size());
  auto preference = preference_of(context, *request);
  auto collection = collection_of(*request);
  auto settle = [several, responder](std::size_t i, json item, bool error) {
    std::lock_guard lock{several->mutex};
    several->items[i] = std::move(item);
    several->errors |= error;
    if (--several->open == 0)
      responder.fulfil(
          json_response(200, json{{"errors", several->errors}, {"items", several->items}}.dump()));
  };
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    auto filename = uploads[i].filename;
    if (auto earlier = earlier_upload(context, collection, uploads[i])) {
      settle(i,
             json{{"filename", filename},
                  {"status", 200},
                  {"id", earlier->key.id},
                  {"duplicate", true}},
             false);
      continue;
    }
    ingest(context, request, collection, std::move(uploads[i]), std::nullopt, preference, {},
           [settle, i, filename](IngestAnswer answer) {
             json item{{"filename", filename}, {"status", answer.status}};
             bool error = answer.status >= 400;
             if (error)
               item["problem"] = std::move(answer.body);
             else
               item["id"] = answer.body["id"];
             settle(i, std::move(item), error);
           });
  }
}

void post_documents(const Context& context, RequestPtr request, Responder responder) {
  auto uploads = uploads_from(*request);
  if (!uploads) return void(responder.fulfil(to_response(uploads.error(), request->trace_id)));
  auto idempotency = idempotency_of(*request);
  auto shared = std::make_shared<std::vector<Upload>>(std::move(*uploads));
  bool look_first = idempotency || shared->front().is_file;
  auto go_on = [context, request, responder, shared, idempotency] {
    if (shared->size() > 1)
      post_several(context, request, responder, std::move(*shared));
    else
      post_one(context, request, responder, std::move(shared->front()), idempotency);
  };
  if (!look_first) return go_on();
  bool taken = context->node->io->submit([context, request, responder, shared, idempotency, go_on] {
    auto collection = collection_of(*request);
    if (idempotency) {
      auto remembered = context->node->store->remembered(collection, idempotency->key,
                                                         context->node->clock->wall_ms());
      if (remembered && remembered->fingerprint != idempotency->fingerprint)
        return void(responder.fulfil(
            problem(422, "idempotency_key_reused",
                    "this Idempotency-Key was used for a different request", request->trace_id)));
      auto id = remembered ? json::parse(remembered->body, nullptr, false) : json{};
      if (id.is_object() && id.contains("document_id")) {
        auto record =
            context->node->store->document({collection, id["document_id"].get<std::string>()});
        if (record) {
          auto response = json_response(200, document_json(context->node, *record).dump());
          response.headers.emplace_back("Idempotent-Replayed", "true");
          return void(responder.fulfil(std::move(response)));
        }
      }
    }
    if (shared->size() == 1)
      if (auto earlier = earlier_upload(context, collection, shared->front()))
        return void(responder.fulfil(json_response(200, duplicate_json(context, *earlier).dump())));
    go_on();
  });
  if (!taken)
    responder.fulfil(error_response(
        {runtime::Errc::overloaded, "too many reads of the store in flight"}, request->trace_id));
}

void put_document(const Context& context, RequestPtr request, Responder responder) {
  auto key = document_key_of(*request, responder);
  if (!key) return;
  auto uploads = uploads_from(*request);
  if (!uploads) return void(responder.fulfil(to_response(uploads.error(), request->trace_id)));
  if (uploads->size() != 1)
    return void(responder.fulfil(
        problem(400, "one_document_expected", "PUT takes one document", request->trace_id)));
  auto& upload = uploads->front();
  if (upload.id && *upload.id != key->id)
    return void(
        responder.fulfil(problem(422, "id_mismatch", "the body's id differs from the path's",
                                 request->trace_id, {{"/id", "must equal the id in the path"}})));
  upload.id = key->id;
  post_one(context, request, responder, std::move(upload), std::nullopt);
}

// ---- reading one document

void get_document(const Context& context, RequestPtr request, Responder responder) {
  if (auto key = document_key_of(*request, responder))
    show_document(context, request, responder, *key);
}

void get_text(const Context& context, RequestPtr request, Responder responder) {
  auto key = document_key_of(*request, responder);
  if (!key) return;
  on_io(context, request, responder, [context, request, key = *key] {
    auto content = context->node->store->content(key);
    if (!content) return error_response(content.error(), request->trace_id);
    auto version = request->query_value("version");
    if (version && *version != std::to_string(content->record.live_version))
      return problem(404, "not_found", "this version is not kept: only the searchable one is",
                     request->trace_id);
    Response response;
    response.content_type = "text/plain; charset=utf-8";
    response.headers.emplace_back("ETag", etag_of(content->record.live_version));
    response.body = std::move(content->text);
    return response;
  });
}

void get_content(const Context& context, RequestPtr request, Responder responder) {
  auto key = document_key_of(*request, responder);
  if (!key) return;
  on_io(context, request, responder, [context, request, key = *key] {
    auto record = context->node->store->document(key);
    if (!record) return error_response(record.error(), request->trace_id);
    Response response;
    // Never rendered by a browser in our origin, whatever the file is.
    response.headers.emplace_back("Content-Disposition", "attachment");
    response.headers.emplace_back("Content-Security-Policy", "sandbox; default-src 'none'");
    response.content_type = record->mime.empty() ? "application/octet-stream" : record->mime;
    if (record->blob.empty()) {
      auto content = context->node->store->content(key);
      if (!content) return error_response(content.error(), request->trace_id);
      response.body = std::move(content->text);
    } else {
      auto bytes = context->node->blobs->get(record->blob);
      if (!bytes) return error_response(bytes.error(), request->trace_id);
      response.body = std::move(*bytes);
    }
    return response;
  });
}

json chunk_json(const chunk::AnalysedChunk& chunk, const std::string& id,
                const runtime::DocumentKey& key, const std::string& text) {
  json out{{"id", id},
           {"document_id", key.id},
           {"index", chunk.index},
           {"start", chunk.start},
           {"end", chunk.end},
           {"text", text.substr(chunk.start_byte, chunk.end_byte - chunk.start_byte)}};
  if (chunk.page != 0) out["page"] = chunk.page;
  if (!chunk.section.empty()) out["section"] = chunk.section;
  return out;
}

runtime::Result<json> chunks_of(const Context& context, const runtime::DocumentKey& key,
                                const std::string& only) {
  auto content = context->node->store->content(key);
  if (!content) return tl::unexpected(content.error());
  json out = json::array();
  for (const auto& row : content->chunks) {
    if (!only.empty() && row.id != only) continue;
    chunk::AnalysedChunk chunk;
    if (!chunk::unpack(row.facts, chunk))
      return runtime::fail(runtime::Errc::corrupt, "facts of chunk " + row.id);
    out.push_back(chunk_json(chunk, row.id, key, content->text));
  }
  return out;
}

void get_chunks(const Context& context, RequestPtr request, Responder responder) {
  auto key = document_key_of(*request, responder);
  if (!key) return;
  on_io(context, request, responder, [context, request, key = *key] {
    auto chunks = chunks_of(context, key, "");
    if (!chunks) return error_response(chunks.error(), request->trace_id);
    return json_response(200, json{{"items", *chunks}, {"total", chunks->size()}}.dump());
  });
}

void get_chunk(const Context& context, RequestPtr request, Responder responder) {
  on_io(context, request, responder, [context, request] {
    auto chunk_id = request->params.at("chunk");
    auto owner = context->node->store->chunk_owner(collection_of(*request), chunk_id);
    if (!owner) return error_response(owner.error(), request->trace_id);
    auto chunks = chunks_of(context, *owner, chunk_id);
    if (!chunks) return error_response(chunks.error(), request->trace_id);
    if (chunks->empty())
      return error_response({runtime::Errc::not_found, "no such chunk"}, request->trace_id);
    return json_response(200, chunks->front().dump());
  });
}

// ---- changing one document

// Commits one operation on a document and answers with the document once it is visible.
void change(const Context& context, const RequestPtr& request, const Responder& responder,
            const runtime::DocumentKey& key, WriteOp op, int status) {
  write(context, request, responder, {std::move(op)},
        [context, request, responder, key, status](const std::vector<WriteResult>& results) {
          const auto& result = results.front();
          if (result.error)
            return void(responder.fulfil(error_response(*result.error, request->trace_id)));
          if (!result.blob_to_drop.empty())
            context->node->io->submit([context, blob = result.blob_to_drop] {
              (void)context->node->blobs->remove(blob);
            });
          if (status == 204)
            return when_gone(context, request, responder, result, [responder, seq = result.seq] {
              Response response;
              response.status = 204;
              response.content_type.clear();
              response.headers.emplace_back("Consistency-Token", token_of(seq));
              responder.fulfil(std::move(response));
            });
          when_visible(context, result.seq, key.collection,
                       [context, request, responder, key, status] {
                         show_document(context, request, responder, key, status);
                       });
        });
}

void delete_document(const Context& context, RequestPtr request, Responder responder) {
  auto key = document_key_of(*request, responder);
  if (!key) return;
  runtime::DeleteOp op{*key, std::nullopt};
  if (!if_match_of(*request, op.if_match))
    return void(responder.fulfil(
        problem(400, "bad_if_match", "If-Match must be an entity tag", request->trace_id)));
  change(context, request, responder, *key, std::move(op), 204);
}

void patch_document(const Context& context, RequestPtr request, Responder responder) {
  auto key = document_key_of(*request, responder);
  if (!key) return;
  auto patch = patch_from(*request);
  if (!patch) return void(responder.fulfil(to_response(patch.error(), request->trace_id)));
  runtime::PatchOp op{*key, std::move(patch->title), std::move(patch->metadata), std::nullopt};
  if (!if_match_of(*request, op.if_match))
    return void(responder.fulfil(
        problem(400, "bad_if_match", "If-Match must be an entity tag", request->trace_id)));
  change(context, request, responder, *key, std::move(op), 200);
}

void retry_document(const Context& context, RequestPtr request, Responder responder) {
  auto key = document_key_of(*request, responder);
  if (!key) return;
  if (context->node->backlog->full(key->collection))
    return void(responder.fulfil(
        error_response({runtime::Errc::overloaded, "the backlog is full"}, request->trace_id)));
  change(context, request, responder, *key, runtime::RetryOp{*key}, 202);
  context->node->backlog->add(key->collection);
}

void cancel_document(const Context& context, RequestPtr request, Responder responder) {
  auto key = document_key_of(*request, responder);
  if (!key) return;
  change(context, request, responder, *key, runtime::CancelOp{*key}, 200);
}

} // namespace

void add_document_routes(std::vector<Route>& routes, const Context& context) {
  auto add = [&](const char* method, const char* suffix, auto function, const char* summary,
                 const char* operation, std::uint64_t body_limit = 0) {
    Route route;
    route.method = method;
    route.handler = [context, function](RequestPtr request, Responder responder) {
      function(context, std::move(request), std::move(responder));
    };
    if (operation == std::string_view{"getDocument"})
      route.handler = rather_by_holder(context, operation, std::move(route.handler));
    route.summary = summary;
    route.operation_id = operation;
    route.body_limit = body_limit;
    add_collection_route(routes, std::move(route), suffix);
  };
  auto upload_limit = context->max_upload_bytes;
  add("POST", "/documents", post_documents, "Add one document (JSON or a file) or several files",
      "addDocuments", upload_limit);
  add("PUT", "/documents/{id}", put_document, "Add or replace a document", "putDocument",
      upload_limit);
  add("GET", "/documents/{id}", get_document,
      "A document's state, and its enrichment: vectors and extraction by a model, each present, "
      "pending or none",
      "getDocument");
  add("PATCH", "/documents/{id}", patch_document, "Change title or metadata without re-indexing",
      "patchDocument");
  add("DELETE", "/documents/{id}", delete_document, "Delete a document and every trace of it",
      "deleteDocument");
  add("GET", "/documents/{id}/text", get_text, "The extracted text", "getDocumentText");
  add("GET", "/documents/{id}/content", get_content, "The original file", "getDocumentContent");
  add("GET", "/documents/{id}/chunks", get_chunks, "The document's chunks", "getDocumentChunks");
  add("GET", "/chunks/{chunk}", get_chunk, "One chunk", "getChunk");
  add("POST", "/documents/{id}/retry", retry_document, "Try a failed or canceled document again",
      "retryDocument");
  add("POST", "/documents/{id}/cancel", cancel_document, "Cancel a queued document",
      "cancelDocument");
}

} // namespace graphrag::gateway
