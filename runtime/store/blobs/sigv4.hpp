#pragma once
// AWS Signature Version 4, as published by AWS ("Signature Version 4 signing process"): a pure
// function of the request, the time and the key. Headers are signed, the payload by its SHA-256.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace graphrag::runtime::sigv4 {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// What is signed, as it will be sent. Path and query as they mean it, not percent-encoded: this
// encodes them once, which is the rule of S3 (other services encode paths twice).
struct Request {
  std::string method;
  std::string path = "/";
  Pairs query;
  Pairs headers;            // all of them are signed; "host" must be among them
  std::string payload_hash; // lower-case hex of SHA-256
};

struct Signer {
  std::string access_key, secret_key;
  std::string region, service = "s3";
};

// Percent-encodes all but letters, digits and "-._~"; '/' stays when it separates a path.
std::string uri_encoded(std::string_view text, bool keep_slash);
// "a=1&b=2": encoded, and sorted as the signature wants it. What is sent must be the same text.
std::string query_text(const Pairs& query);

// Unix seconds as "20130524T000000Z", the form of the x-amz-date header.
std::string timestamp(std::int64_t unix_seconds);

std::string canonical_request(const Request& request);
// The value of the Authorization header. `time` as timestamp() writes it.
std::string authorization(const Request& request, const Signer& signer, std::string_view time);

} // namespace graphrag::runtime::sigv4
