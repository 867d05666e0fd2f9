#include "runtime/store/blobs/s3_session.hpp"

#include <algorithm>
#include <random>
#include <thread>

#include "runtime/content_hash.hpp"
#include "runtime/models/retry.hpp"

namespace graphrag::runtime::s3 {
namespace {

using std::chrono::milliseconds;

constexpr models::RetryOptions retries{6, milliseconds{100}, milliseconds{5'000}};
constexpr std::size_t most_answer_bytes = part_bytes + (1U << 20);

template <class... Words>
bool is_one_of(std::string_view word, Words... words) {
  return ((word == words) || ...);
}

bool is_full(const Answer& answer) {
  return answer.response.status == 507 ||
         is_one_of(answer.refusal.code, "QuotaExceeded", "XMinioAdminBucketQuotaExceeded",
                   "XMinioStorageFull", "InsufficientStorage");
}

bool is_damaged(std::string_view code) {
  return is_one_of(code, "BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody");
}

bool is_passing(const Answer& answer) {
  if (is_full(answer) || answer.response.status == 501) return false;
  const auto& code = answer.refusal.code;
  return models::is_transient(answer.response.status) || is_damaged(code) ||
         is_one_of(code, "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout",
                   "OperationAborted");
}

double random_jitter() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return std::uniform_real_distribution<double>{0, 1}(random);
}

Status check_options(const S3Options& options) {
  const auto only = [](std::string_view text, std::string_view more) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != more.npos;
    });
  };
  const auto bad = [](const char* why) {
    return fail(Errc::invalid_argument, std::string{"blobs in S3: "} + why);
  };
  const auto& bucket = options.bucket;
  if (bucket.size() < 3 || bucket.size() > 63 || !only(bucket, "-.") ||
      bucket.find("..") != bucket.npos)
    return bad("the bucket has 3 to 63 characters of a-z, 0-9, '-' and '.'");
  if (options.region.empty() || !only(options.region, "-_"))
    return bad("the region is a word such as us-east-1");
  if (options.prefix.size() > 512 || !only(options.prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./"))
    return bad("the prefix has letters, digits and \"-_./\" only, 512 at most");
  if (("/" + options.prefix + "/").find("/.") != std::string::npos)
    return bad("no part of the prefix begins with a dot");
  if (options.prefix.starts_with('/') || options.prefix.find("//") != std::string::npos)
    return bad("no part of the prefix is empty");
  if (options.access_key.empty() || options.secret_key.empty())
    return bad("an access key and a secret key are needed");
  if (options.deadline <= milliseconds::zero()) return bad("the deadline is in the past");
  return {};
}

} // namespace

Result<std::unique_ptr<Session>> Session::make(const S3Options& options, S3Parts parts) {
  if (auto ok = check_options(options); !ok) return tl::unexpected(ok.error());
  const auto endpoint = options.endpoint.empty() ? "https://s3." + options.region + ".amazonaws.com"
                                                 : options.endpoint;
  auto url = http::parse_url(endpoint);
  if (!url)
    return fail(Errc::invalid_argument, "blobs in S3: the endpoint is " + url.error().detail);
  if (url->target.find_first_of("?%") != std::string::npos)
    return fail(Errc::invalid_argument, "blobs in S3: the endpoint has no query and no '%'");
  if (!options.path_style) url->host = options.bucket + "." + url->host;
  if (!parts.client) {
    auto client = http::Client::make({.extra_ca_file = options.ca_file});
    if (!client) return tl::unexpected(client.error());
    parts.client = std::move(*client);
  }
  if (!parts.sleep) parts.sleep = [](milliseconds time) { std::this_thread::sleep_for(time); };
  if (!parts.jitter) parts.jitter = random_jitter;
  return std::unique_ptr<Session>{new Session{options, std::move(parts), *url}};
}

Session::Session(const S3Options& options, S3Parts parts, const http::Url& url)
    : options_(options),
      parts_(std::move(parts)), signer_{options.access_key, options.secret_key, options.region},
      where_(http::origin(url)), host_(http::authority(url)), path_(url.target) {
  while (path_.ends_with('/')) path_.pop_back();
  if (options.path_style) path_ += "/" + options.bucket;
}

http::Request Session::signed_request(const Call& call, const std::string& payload_hash) const {
  const auto time = sigv4::timestamp(unix_seconds());
  sigv4::Request sign{call.method, path_, call.query, call.headers, payload_hash};
  if (!call.object.empty() || path_.empty()) sign.path += "/" + call.object;
  sign.headers.emplace_back("host", host_);
  sign.headers.emplace_back("x-amz-content-sha256", payload_hash);
  sign.headers.emplace_back("x-amz-date", time);
  if (!options_.session_token.empty())
    sign.headers.emplace_back("x-amz-security-token", options_.session_token);
  http::Request request;
  request.method = call.method;
  request.url = where_ + sigv4::uri_encoded(sign.path, true);
  if (!call.query.empty()) request.url += "?" + sigv4::query_text(call.query);
  request.headers = sign.headers;
  request.headers.emplace_back("authorization", sigv4::authorization(sign, signer_, time));
  request.max_body_bytes = most_answer_bytes;
  request.repeatable = call.method != "POST"; // else `attempts` would not tell of it
  return request;
}

Result<Answer> Session::send(Call call) const {
  const auto deadline = parts_.clock->now() + options_.deadline;
  const auto payload_hash = content_hash(call.body);
  auto body = std::move(call.body);
  for (unsigned attempt = 1;; ++attempt) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - parts_.clock->now());
    auto request = signed_request(call, payload_hash);
    request.timeout = std::min(left, std::max(options_.deadline / 2, milliseconds{1}));
    request.body = std::move(body);
    auto response = parts_.client->send(request);
    body = std::move(request.body);
    std::optional<milliseconds> asked;
    Error error;
    if (response) {
      Answer answer{std::move(*response), {}, attempt};
      // A POST may fail after its status was sent.
      if (!answer.response.ok() || call.method == "POST")
        answer.refusal = parse_refusal(answer.response.body);
      if (!is_passing(answer)) return answer;
      error = error_of(answer);
      if (const auto header = answer.response.header("retry-after"))
        asked = models::parse_retry_after(*header, parts_.clock->wall_ms());
    } else {
      error = std::move(response.error());
      if (error.code != Errc::unavailable && error.code != Errc::timeout &&
          error.code != Errc::overloaded)
        return tl::unexpected(std::move(error));
    }
    const auto wait = models::retry_delay(retries, attempt, asked, parts_.jitter());
    if (attempt > retries.max_retries || parts_.clock->now() + wait >= deadline)
      return tl::unexpected(std::move(error));
    parts_.sleep(wait);
  }
}

Error Session::error_of(const Answer& answer) const {
  const auto& [code, region] = answer.refusal;
  const auto status = answer.response.status;
  const auto is = [&](Errc errc, const std::string& what) {
    return Error{errc, where_ + ": " + what + " (" + std::to_string(status) +
                           (code.empty() ? "" : " " + code) + ")"};
  };
  if (code == "NoSuchKey") return {Errc::not_found, "no such blob"};
  if (is_full(answer)) return is(Errc::no_space, "no room for more blobs");
  if (is_damaged(code)) return is(Errc::corrupt, "the bytes arrived damaged");
  if (is_passing(answer)) return is(Errc::unavailable, "the server cannot answer now");
  const auto moved = answer.response.header("x-amz-bucket-region").value_or(region);
  if (code == "NoSuchBucket") return is(Errc::io, "there is no bucket " + options_.bucket);
  if ((status >= 300 && status < 400) || code == "AuthorizationHeaderMalformed")
    return is(Errc::io,
              "the bucket " + options_.bucket + " is not in the region " + options_.region +
                  (moved.empty() || moved == options_.region ? std::string{} : " but in " + moved));
  if (code == "RequestTimeTooSkewed")
    return is(Errc::io, "the clock of this machine and the server's differ too much");
  if (is_one_of(code, "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken",
                "TokenRefreshRequired"))
    return is(Errc::io, "the server does not accept the keys");
  if (status == 401 || status == 403)
    return is(Errc::io, "the keys have no right to this in the bucket " + options_.bucket);
  return is(Errc::io, "the server refused");
}

} // namespace graphrag::runtime::s3
