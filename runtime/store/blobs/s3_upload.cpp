#include "runtime/store/blobs/s3_upload.hpp"

#include <algorithm>

#include <openssl/evp.h>

#include "runtime/check.hpp"
#include "runtime/content_hash.hpp"
#include "runtime/hex.hpp"

namespace graphrag::runtime::s3 {
namespace {

constexpr std::size_t most_parts = 10'000; // of S3

std::string md5(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  const auto ok = ::EVP_Digest(bytes.data(), bytes.size(), digest, &length, ::EVP_md5(), nullptr);
  RUNTIME_CHECK(ok == 1 && length == 16, "MD5 is not available");
  return {reinterpret_cast<const char*>(digest), length};
}

std::string base64(std::string_view digest) {
  std::string out(4 * ((digest.size() + 2) / 3) + 1, '\0');
  const auto size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                      reinterpret_cast<const unsigned char*>(digest.data()),
                                      static_cast<int>(digest.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

bool is_md5(std::string_view etag) {
  return etag.size() == 32 && etag.find_first_not_of("0123456789abcdef") == etag.npos;
}

// With a key service the ETag is 32 digits too, but no MD5.
bool encrypted_by_service(const http::Response& response) {
  const auto how = response.header("x-amz-server-side-encryption");
  return how && how->starts_with("aws:kms");
}

std::string etag_of(const http::Response& response) {
  return without_quotes(response.header("etag").value_or(""));
}

Status check_size(const Session& session, const std::string& name, std::size_t size) {
  auto answer = session.send({.method = "HEAD", .object = name});
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->ok()) return tl::unexpected(session.error_of(*answer));
  if (answer->response.header("content-length") == std::to_string(size)) return {};
  return fail(Errc::corrupt, session.where() + ": the server has not all of the blob's bytes");
}

Status put_whole(const Session& session, const std::string& name, std::string_view bytes) {
  const auto digest = md5(bytes);
  auto answer = session.send({.method = "PUT",
                              .object = name,
                              .headers = {{"content-md5", base64(digest)},
                                          {"content-type", "application/octet-stream"},
                                          {"x-amz-meta-sha256", content_hash(bytes)}},
                              .body = std::string{bytes}});
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->ok()) return tl::unexpected(session.error_of(*answer));
  const auto etag = etag_of(answer->response);
  if (etag == to_hex(digest)) return {};
  if (is_md5(etag) && !encrypted_by_service(answer->response))
    return fail(Errc::corrupt, session.where() + ": the server has other bytes than the blob's");
  return check_size(session, name, bytes.size());
}

// One object on its way in parts.
class Multipart {
public:
  Multipart(const Session& session, const std::string& name) : session_(session), name_(name) {}

  Status begin(std::string_view bytes) {
    auto answer = session_.send({.method = "POST",
                                 .object = name_,
                                 .query = {{"uploads", ""}},
                                 .headers = {{"content-type", "application/octet-stream"},
                                             {"x-amz-meta-sha256", content_hash(bytes)}}});
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->ok()) return tl::unexpected(session_.error_of(*answer));
    auto id = parse_upload_id(answer->response.body);
    if (!id) return named(id.error());
    id_ = std::move(*id);
    return {};
  }

  Status send(std::string_view part) {
    const auto digest = md5(part);
    auto answer = session_.send(
        {.method = "PUT",
         .object = name_,
         .query = {{"partNumber", std::to_string(etags_.size() + 1)}, {"uploadId", id_}},
         .headers = {{"content-md5", base64(digest)}},
         .body = std::string{part}});
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->ok()) return tl::unexpected(session_.error_of(*answer));
    auto etag = etag_of(answer->response);
    if (is_md5(etag) && etag != to_hex(digest) && !encrypted_by_service(answer->response))
      return fail(Errc::corrupt, session_.where() + ": the server has other bytes than a part's");
    if (etag.empty() || etag.find_first_of("<>&\"") != std::string::npos)
      return fail(Errc::io, session_.where() + ": the server gave no name to a part");
    etags_.push_back(std::move(etag));
    digests_ += digest;
    return {};
  }

  Status complete(std::size_t size) {
    auto answer = session_.send({.method = "POST",
                                 .object = name_,
                                 .query = {{"uploadId", id_}},
                                 .headers = {{"content-type", "application/xml"}},
                                 .body = complete_request(etags_)});
    if (!answer) return tl::unexpected(answer.error());
    // Carried out the first time, when only the answer was lost.
    const bool done = answer->attempts > 1 && answer->refusal.code == "NoSuchUpload";
    if (!answer->ok() && !done) return tl::unexpected(session_.error_of(*answer));
    if (!done) {
      auto etag = parse_completed(answer->response.body);
      if (!etag) return named(etag.error());
      if (*etag == to_hex(md5(digests_)) + "-" + std::to_string(etags_.size())) return {};
    }
    return check_size(session_, name_, size);
  }

  const std::string& id() const { return id_; }

private:
  tl::unexpected<Error> named(const Error& error) const {
    return fail(error.code, session_.where() + ": " + error.detail);
  }

  const Session& session_;
  const std::string& name_;
  std::string id_, digests_;
  std::vector<std::string> etags_;
};

Status put_in_parts(const Session& session, const std::string& name, std::string_view bytes) {
  if ((bytes.size() + part_bytes - 1) / part_bytes > most_parts)
    return fail(Errc::invalid_argument, "too large for a blob");
  Multipart upload{session, name};
  auto status = upload.begin(bytes);
  if (!status) return status;
  for (std::size_t at = 0; status && at < bytes.size(); at += part_bytes)
    status = upload.send(bytes.substr(at, part_bytes));
  if (status) status = upload.complete(bytes.size());
  if (!status) (void)abort_upload(session, name, upload.id());
  return status;
}

Status delete_with(const Session& session, const std::string& name, sigv4::Pairs query) {
  auto answer = session.send({.method = "DELETE", .object = name, .query = std::move(query)});
  if (!answer) return tl::unexpected(answer.error());
  const auto& code = answer->refusal.code;
  if (answer->ok() || code == "NoSuchKey" || code == "NoSuchUpload") return {};
  return tl::unexpected(session.error_of(*answer));
}

} // namespace

Status put_object(const Session& session, const std::string& name, std::string_view bytes) {
  const bool whole = bytes.size() <= part_bytes;
  auto status = whole ? put_whole(session, name, bytes) : put_in_parts(session, name, bytes);
  if (!status && status.error().code == Errc::corrupt) (void)remove_object(session, name);
  return status;
}

Status remove_object(const Session& session, const std::string& name) {
  return delete_with(session, name, {});
}

Status abort_upload(const Session& session, const std::string& name, const std::string& id) {
  return delete_with(session, name, {{"uploadId", id}});
}

} // namespace graphrag::runtime::s3
