#include "tests/support/fake_s3.hpp"

#include <algorithm>
#include <ctime>

#include <openssl/evp.h>

#include "runtime/content_hash.hpp"

namespace graphrag::test {
namespace {

namespace sigv4 = runtime::sigv4;

constexpr auto access_key = "ACCESSKEY", secret_key = "secret/key";
constexpr auto bucket = "test-bucket", region = "eu-test-1";

std::string md5(const std::string& bytes) {
  unsigned char digest[16];
  unsigned size = 0;
  ::EVP_Digest(bytes.data(), bytes.size(), digest, &size, ::EVP_md5(), nullptr);
  return {reinterpret_cast<const char*>(digest), size};
}

std::string hex(const std::string& bytes) {
  std::string out;
  char two[3];
  for (const unsigned char byte : bytes) {
    std::snprintf(two, sizeof two, "%02x", byte);
    out += two;
  }
  return out;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    out += static_cast<char>(std::stoi(std::string{text.substr(i + 1, 2)}, nullptr, 16));
    i += 2;
  }
  return out;
}

std::string time_text(std::int64_t seconds, const char* format) {
  const std::time_t time = seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

std::string iso(std::int64_t seconds) { return time_text(seconds, "%Y-%m-%dT%H:%M:%S.000Z"); }

std::string element(const std::string& name, const std::string& value) {
  return "<" + name + ">" + value + "</" + name + ">";
}

std::string document(const std::string& root, const std::string& content) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + root +
         " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + content + "</" + root + ">";
}

} // namespace

struct FakeS3::Parsed {
  const StubRequest& request;
  std::string path, object;
  std::map<std::string, std::string> query;

  explicit Parsed(const StubRequest& from) : request(from) {
    const std::string_view target = from.target;
    const auto mark = target.find('?');
    path = decoded(target.substr(0, mark));
    auto rest = mark == target.npos ? std::string_view{} : target.substr(mark + 1);
    while (!rest.empty()) {
      const auto pair = rest.substr(0, rest.find('&'));
      const auto equal = std::min(pair.find('='), pair.size());
      query[decoded(pair.substr(0, equal))] =
          decoded(pair.substr(std::min(equal + 1, pair.size())));
      rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    }
    const bool by_host = header("host").starts_with(std::string{bucket} + ".");
    const auto root = by_host ? std::string{"/"} : "/" + std::string{bucket} + "/";
    object = (path + "/").starts_with(root) ? path.substr(std::min(root.size(), path.size())) : "?";
  }

  std::string header(const std::string& name) const {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? "" : found->second;
  }
  bool has(const std::string& parameter) const { return query.contains(parameter); }

  // As a server that knows the secret key sees it.
  bool signature_is_right() const {
    const auto given = header("authorization");
    sigv4::Request sign{request.method,
                        path,
                        {query.begin(), query.end()},
                        {},
                        runtime::content_hash(request.body)};
    const auto begin = given.find("SignedHeaders=") + 14;
    if (begin < 14) return false;
    auto names = given.substr(begin, given.find(',', begin) - begin) + ";";
    for (std::size_t end; (end = names.find(';')) != names.npos; names.erase(0, end + 1))
      sign.headers.emplace_back(names.substr(0, end), header(names.substr(0, end)));
    for (const auto* must : {"host", "x-amz-date", "x-amz-content-sha256"})
      if (std::none_of(sign.headers.begin(), sign.headers.end(),
                       [&](const auto& h) { return h.first == must; }))
        return false;
    return header("x-amz-content-sha256") == sign.payload_hash &&
           given ==
               sigv4::authorization(sign, {access_key, secret_key, region}, header("x-amz-date"));
  }
};

FakeS3::FakeS3(Fault fault)
    : fault_(std::move(fault)),
      server_(std::make_unique<StubModelServer>(
          [this](const auto& request, auto& connection) { serve(request, connection); })) {}
FakeS3::FakeS3(Fault fault, const StubAuthority::Identity& identity)
    : fault_(std::move(fault)),
      server_(std::make_unique<StubModelServer>(
          [this](const auto& request, auto& connection) { serve(request, connection); },
          identity)) {}
FakeS3::~FakeS3() = default;

runtime::S3Options FakeS3::options() const {
  runtime::S3Options out;
  out.endpoint = server_->url();
  out.bucket = bucket;
  out.prefix = "some/folder";
  out.region = region;
  out.access_key = access_key;
  out.secret_key = secret_key;
  return out;
}

std::size_t FakeS3::count() const {
  std::lock_guard lock{mutex_};
  return objects.size();
}

std::string FakeS3::etag_of(const std::string& bytes) const {
  return foreign_etags ? "0xForeign" : hex(md5(bytes));
}

void FakeS3::serve(const StubRequest& request, StubConnection& connection) {
  if (fault_ && fault_(request, connection)) return;
  const Parsed parsed{request};
  std::lock_guard lock{mutex_};
  if (!parsed.signature_is_right()) return connection.reply(403, s3_error("SignatureDoesNotMatch"));
  if (parsed.object == "?") return connection.reply(404, s3_error("NoSuchBucket"));
  const auto& method = request.method;
  if (method == "PUT") return put(parsed, connection);
  if (method == "POST" && parsed.has("uploads")) {
    const auto id = "upload " + std::to_string(++last_upload_);
    uploads[id] = {parsed.object, parsed.header("x-amz-meta-sha256"), std::time(nullptr), {}};
    return connection.reply(200,
                            document("InitiateMultipartUploadResult", element("UploadId", id)));
  }
  if (method == "POST") return complete(parsed, connection);
  if (method == "DELETE") {
    if (!parsed.has("uploadId"))
      objects.erase(parsed.object);
    else if (uploads.erase(parsed.query.at("uploadId")) == 0)
      return connection.reply(404, s3_error("NoSuchUpload"));
    return connection.reply(204, "");
  }
  if (parsed.object.empty())
    return parsed.has("uploads") ? list_uploads(parsed, connection) : list(parsed, connection);
  get(parsed, connection);
}

void FakeS3::put(const Parsed& parsed, StubConnection& connection) {
  const auto& body = parsed.request.body;
  Object object{body, etag_of(body), parsed.header("x-amz-meta-sha256"), std::time(nullptr)};
  const auto answer = "ETag: \"" + object.etag + "\"\r\n";
  if (!parsed.has("uploadId")) {
    objects[parsed.object] = std::move(object);
  } else {
    const auto upload = uploads.find(parsed.query.at("uploadId"));
    if (upload == uploads.end()) return connection.reply(404, s3_error("NoSuchUpload"));
    upload->second.parts[std::stoi(parsed.query.at("partNumber"))] = std::move(object);
  }
  connection.reply(200, "", answer);
}

void FakeS3::complete(const Parsed& parsed, StubConnection& connection) {
  const auto found = uploads.find(parsed.query.at("uploadId"));
  if (found == uploads.end()) return connection.reply(404, s3_error("NoSuchUpload"));
  auto& upload = found->second;
  Object whole{"", "", upload.sha256, std::time(nullptr)};
  std::string digests;
  for (const auto& [number, part] : upload.parts) {
    const auto listed =
        "<PartNumber>" + std::to_string(number) + "</PartNumber><ETag>&quot;" + part.etag;
    if (parsed.request.body.find(listed) == std::string::npos)
      return connection.reply(400, s3_error("InvalidPart"));
    whole.bytes += part.bytes;
    digests += md5(part.bytes);
  }
  whole.etag = etag_of(digests) + "-" + std::to_string(upload.parts.size());
  const auto answer = element("ETag", "&quot;" + whole.etag + "&quot;");
  objects[upload.name] = std::move(whole);
  uploads.erase(found);
  connection.reply(200, document("CompleteMultipartUploadResult", answer));
}

void FakeS3::get(const Parsed& parsed, StubConnection& connection) {
  const auto found = objects.find(parsed.object);
  const bool head = parsed.request.method == "HEAD";
  if (found == objects.end()) return connection.reply(404, head ? "" : s3_error("NoSuchKey"));
  const auto& [bytes, etag, sha256, modified] = found->second;
  auto headers = "ETag: \"" + etag + "\"\r\n";
  if (!sha256.empty()) headers += "x-amz-meta-sha256: " + sha256 + "\r\n";
  if (head) {
    connection.send("HTTP/1.1 200 OK\r\n" + headers +
                    "Content-Length: " + std::to_string(bytes.size()) + "\r\n\r\n");
    return;
  }
  const auto range = parsed.header("range");
  if (range.empty()) return connection.reply(200, bytes, headers);
  std::size_t first = 0, last = 0;
  if (std::sscanf(range.c_str(), "bytes=%zu-%zu", &first, &last) != 2 || first >= bytes.size())
    return connection.reply(416, s3_error("InvalidRange"));
  last = std::min(last, bytes.size() - 1);
  headers += "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
             std::to_string(bytes.size()) + "\r\n";
  connection.reply(206, std::string_view{bytes}.substr(first, last - first + 1), headers);
}

void FakeS3::list(const Parsed& parsed, StubConnection& connection) {
  const auto at = [&](const char* name) {
    return parsed.has(name) ? parsed.query.at(name) : std::string{};
  };
  const auto prefix = at("prefix"), token = at("continuation-token");
  auto left = std::min(page, static_cast<std::size_t>(std::stoul(at("max-keys"))));
  std::string content;
  auto one = objects.lower_bound(std::max(prefix, token));
  for (; one != objects.end() && one->first.starts_with(prefix) && left > 0; ++one) {
    if (one->first.find('/', prefix.size()) != std::string::npos) continue; // the delimiter
    content += element("Contents", element("Key", one->first) +
                                       element("LastModified", iso(one->second.modified)) +
                                       element("Size", std::to_string(one->second.bytes.size())));
    --left;
  }
  const bool more = one != objects.end() && one->first.starts_with(prefix);
  content += element("IsTruncated", more ? "true" : "false");
  if (more) content += element("NextContinuationToken", one->first);
  const auto date = time_text(std::time(nullptr), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n");
  connection.reply(200, document("ListBucketResult", content), date);
}

void FakeS3::list_uploads(const Parsed& parsed, StubConnection& connection) {
  const auto after = parsed.has("upload-id-marker") ? parsed.query.at("upload-id-marker") : "";
  std::string content, last_name, last_id;
  auto left = page;
  auto one = uploads.upper_bound(after);
  for (; one != uploads.end() && left > 0; ++one, --left) {
    last_id = one->first;
    last_name = one->second.name;
    content += element("Upload", element("Key", last_name) + element("UploadId", last_id) +
                                     element("Initiated", iso(one->second.initiated)));
  }
  content += element("IsTruncated", one != uploads.end() ? "true" : "false");
  content += element("NextKeyMarker", last_name) + element("NextUploadIdMarker", last_id);
  connection.reply(200, document("ListMultipartUploadsResult", content));
}

std::string s3_error(const std::string& code, const std::string& more) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
         element("Error", element("Code", code) + element("Message", "in words") + more);
}

} // namespace graphrag::test
