#pragma once
// From a request to the documents that it brings.
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "actors/document/ingest_job.hpp"
#include "gateway/http/message.hpp"

namespace graphrag::gateway {

// One document as a client described it.
struct Upload {
  std::optional<std::string> id;
  std::string title, filename, mime, metadata = "{}", bytes;
  std::vector<float> vector;
  bool is_file = false;
};

struct UploadError {
  int status = 400;
  std::string code, detail;
  std::vector<ProblemItem> items;
};
Response to_response(const UploadError& error, const std::string& trace_id);

// {id?, title?, text, metadata?, vector?}: a JSON document, or one line of a bulk request.
tl::expected<Upload, UploadError> upload_from_json(const nlohmann::json& body);
// Parses strictly first: syntax, duplicate keys, depth, UTF-8.
tl::expected<Upload, UploadError> upload_from_json_text(std::string_view text);
// multipart/form-data: one or more `file` parts; `id`, `title`, `metadata` parts for a single file.
tl::expected<std::vector<Upload>, UploadError> uploads_from_multipart(const Request& request);
// By content type: JSON or multipart; others are 415.
tl::expected<std::vector<Upload>, UploadError> uploads_from(const Request& request);

struct PatchBody {
  std::optional<std::string> title, metadata;
};
tl::expected<PatchBody, UploadError> patch_from(const Request& request);

// The job that ingests it. `id` is the document's id, chosen by the client or made by us.
document::IngestJobPtr job_of(const std::string& collection, const std::string& id,
                              Upload&& upload);

} // namespace graphrag::gateway
