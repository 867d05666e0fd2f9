#include "gateway/routes/upload.hpp"

#include <cmath>
#include <cstring>

#include "gateway/http/json_body.hpp"
#include "gateway/http/multipart.hpp"
#include "gateway/routes/context.hpp"
#include "runtime/content_hash.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
constexpr std::size_t max_title_bytes = 4096;
constexpr std::size_t max_metadata_bytes = 64 * 1024;
constexpr std::size_t max_vector_dimensions = 4096;

UploadError error(int status, std::string code, std::string detail,
                  std::vector<ProblemItem> items = {}) {
  return {status, std::move(code), std::move(detail), std::move(items)};
}

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

std::string metadata_text(const json& metadata, Fields& fields) {
  auto text = metadata.dump();
  if (text.size() > max_metadata_bytes)
    fields.error("metadata", "must have at most 65536 bytes as JSON");
  return text;
}

void read_id(Fields& fields, Upload& out) {
  auto id = fields.text("id");
  if (id && !runtime::valid_document_id(*id))
    fields.error("id", "must be 1 to 512 bytes of UTF-8 without control characters");
  else
    out.id = std::move(id);
}

tl::expected<json, UploadError> parsed(std::string_view text) {
  auto body = parse_json(text);
  if (body) return std::move(*body);
  auto where =
      body.error().position != 0 ? " at byte " + std::to_string(body.error().position) : "";
  return tl::unexpected(error(400, "bad_json", body.error().detail + where));
}

bool is_json(std::string_view content_type) { return content_type.starts_with("application/json"); }

// A form part that is no file: id, title or metadata of the one file.
std::optional<UploadError> take_field(const Part& part, Upload& out) {
  if (part.head.name == "id") {
    if (!runtime::valid_document_id(part.data))
      return error(422, "invalid_document", "the form has mistakes",
                   {{"/id", "must be 1 to 512 bytes of UTF-8 without control characters"}});
    out.id = part.data;
  } else if (part.head.name == "title") {
    if (part.data.size() > max_title_bytes || !runtime::valid_document_id(part.data.substr(0, 512)))
      return error(422, "invalid_document", "the form has mistakes",
                   {{"/title", "must be at most 4096 bytes of UTF-8"}});
    out.title = part.data;
  } else if (part.head.name == "metadata") {
    auto metadata = parse_json(part.data);
    if (!metadata || !metadata->is_object() || part.data.size() > max_metadata_bytes)
      return error(422, "invalid_document", "the form has mistakes",
                   {{"/metadata", "must be a JSON object of at most 65536 bytes"}});
    out.metadata = metadata->dump();
  } else {
    return error(422, "unknown_field", "the form has mistakes",
                 {{"/" + part.head.name, "unknown field"}});
  }
  return std::nullopt;
}

} // namespace

Response to_response(const UploadError& error, const std::string& trace_id) {
  return problem(error.status, error.code, error.detail, trace_id, error.items);
}

tl::expected<Upload, UploadError> upload_from_json(const json& body) {
  Upload out;
  Fields fields{body};
  read_id(fields, out);
  out.title = fields.text("title", 0, max_title_bytes).value_or("");
  out.bytes = fields.required_text("text");
  if (!out.bytes.empty() && blank(out.bytes)) fields.error("text", "must not be blank");
  if (auto* metadata = fields.object("metadata")) out.metadata = metadata_text(*metadata, fields);
  out.vector = fields.numbers("vector", max_vector_dimensions).value_or(std::vector<float>{});
  if (fields.has("vector") && out.vector.empty())
    fields.error("vector", "must hold at least one number");
  out.mime = "text/plain";
  fields.check_unknown();
  if (!fields.errors().empty())
    return tl::unexpected(
        error(422, "invalid_document", "the document has mistakes", fields.errors()));
  return out;
}

tl::expected<Upload, UploadError> upload_from_json_text(std::string_view text) {
  auto body = parsed(text);
  if (!body) return tl::unexpected(body.error());
  return upload_from_json(*body);
}

tl::expected<std::vector<Upload>, UploadError> uploads_from_multipart(const Request& request) {
  auto parts = parse_multipart(request.header("content-type").value_or(""), request.body);
  if (!parts) return tl::unexpected(error(400, "bad_multipart", parts.error()));
  std::vector<Upload> files;
  Upload fields;
  for (auto& part : *parts) {
    if (!part.head.filename) {
      if (auto refused = take_field(part, fields)) return tl::unexpected(std::move(*refused));
      continue;
    }
    if (part.head.name != "file")
      return tl::unexpected(error(422, "unknown_field", "the form has mistakes",
                                  {{"/" + part.head.name, "files go into the field \"file\""}}));
    Upload file;
    file.is_file = true;
    auto name = *part.head.filename;
    file.filename = name.substr(name.find_last_of("/\\") + 1);
    file.mime = part.head.content_type == "application/octet-stream" ? "" : part.head.content_type;
    file.bytes = std::move(part.data);
    files.push_back(std::move(file));
  }
  if (files.empty())
    return tl::unexpected(
        error(422, "no_file", "the form has no file", {{"/file", "is required"}}));
  bool has_fields = fields.id || !fields.title.empty() || fields.metadata != "{}";
  if (files.size() > 1 && has_fields)
    return tl::unexpected(
        error(422, "fields_with_several_files", "id, title and metadata are for a single file"));
  if (files.size() == 1) {
    files[0].id = std::move(fields.id);
    files[0].title = std::move(fields.title);
    files[0].metadata = std::move(fields.metadata);
  }
  return files;
}

tl::expected<std::vector<Upload>, UploadError> uploads_from(const Request& request) {
  auto type = request.header("content-type").value_or("");
  if (is_json(type)) {
    auto upload = upload_from_json_text(request.body);
    if (!upload) return tl::unexpected(std::move(upload.error()));
    return std::vector<Upload>{std::move(*upload)};
  }
  if (type.starts_with("multipart/form-data")) return uploads_from_multipart(request);
  return tl::unexpected(
      error(415, "unsupported_media_type",
            "send application/json, or multipart/form-data with a field \"file\""));
}

tl::expected<PatchBody, UploadError> patch_from(const Request& request) {
  auto type = request.header("content-type").value_or("");
  if (!is_json(type) && !type.starts_with("application/merge-patch+json"))
    return tl::unexpected(error(415, "unsupported_media_type", "send application/json"));
  auto body = parsed(request.body);
  if (!body) return tl::unexpected(body.error());
  PatchBody out;
  Fields fields{*body};
  out.title = fields.text("title", 0, max_title_bytes);
  if (auto* metadata = fields.object("metadata")) out.metadata = metadata_text(*metadata, fields);
  fields.check_unknown();
  if (fields.errors().empty() && !out.title && !out.metadata)
    fields.error("", "needs title or metadata");
  if (!fields.errors().empty())
    return tl::unexpected(error(422, "invalid_patch", "the patch has mistakes", fields.errors()));
  return out;
}

document::IngestJobPtr job_of(const std::string& collection, const std::string& id,
                              Upload&& upload) {
  auto job = std::make_shared<document::IngestJob>();
  auto& input = job->input;
  input.key = {collection, id};
  input.title = std::move(upload.title);
  input.filename = std::move(upload.filename);
  input.mime = std::move(upload.mime);
  input.metadata = std::move(upload.metadata);
  input.bytes = upload.bytes.size();
  std::string_view vector_bytes{reinterpret_cast<const char*>(upload.vector.data()),
                                upload.vector.size() * sizeof(float)};
  input.content_hash = runtime::content_hash(upload.bytes, vector_bytes);
  job->bytes = std::move(upload.bytes);
  job->is_file = upload.is_file;
  job->vector = std::move(upload.vector);
  return job;
}

} // namespace graphrag::gateway
