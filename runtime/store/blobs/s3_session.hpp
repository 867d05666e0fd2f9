#pragma once
// Signed requests to one bucket of an S3-compatible server, with retries. Thread-safe, blocking.
//
// Retried with growing waits, until the deadline or the sixth retry: connections that break or time
// out, 408, 429, 5xx, and refusals that S3 means as "again" (SlowDown, RequestTimeout, BadDigest
// ...). Every request made here may be repeated: names of objects are unique per blob.
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "runtime/clock.hpp"
#include "runtime/error.hpp"
#include "runtime/http/client.hpp"
#include "runtime/http/url.hpp"
#include "runtime/store/blobs/s3_answers.hpp"
#include "runtime/store/blobs/sigv4.hpp"

namespace graphrag::runtime {

// Keys are never logged and in no error.
struct S3Options {
  std::string endpoint; // "https://host[:port][/base]"; empty: AWS, at the region
  std::string bucket;
  std::string prefix; // of the objects' names: letters, digits and "-_./"; empty: none
  std::string region = "us-east-1";
  std::string access_key, secret_key;
  std::string session_token; // of temporary keys; empty: none
  std::string ca_file;       // PEM of an authority to trust besides the system's
  // https://endpoint/bucket/name, which servers of one's own expect; else
  // https://bucket.endpoint/name, which AWS expects.
  bool path_style = true;
  // For one request with its retries. A blob of n parts of 8 MiB takes n + 2 at most, one after the
  // other. One attempt has half of it.
  std::chrono::milliseconds deadline{60'000};
  bool may_be_away = false; // when it is opened; see open_s3_blobs
};

// What tests put in place of the real thing.
struct S3Parts {
  std::shared_ptr<http::Client> client; // null: one of its own
  std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>();
  std::function<void(std::chrono::milliseconds)> sleep; // empty: the thread sleeps
  std::function<double()> jitter;                       // in [0, 1); empty: a generator of its own
};

namespace s3 {

inline constexpr std::size_t part_bytes = 8U << 20;

struct Call {
  std::string method = "GET";
  std::string object; // its name in the bucket; empty: the bucket itself
  sigv4::Pairs query, headers;
  std::string body;
};

struct Answer {
  http::Response response;
  Refusal refusal;       // of an answer that is no success
  unsigned attempts = 1; // more: an earlier one may have been carried out
  bool ok() const { return response.ok() && refusal.code.empty(); }
};

class Session {
public:
  // Asks nobody. Errors: `invalid_argument`; the detail says which option.
  static Result<std::unique_ptr<Session>> make(const S3Options& options, S3Parts parts);

  // The last answer, whether it is a success or a refusal that another attempt would not change.
  // Errors: unavailable, timeout, io (TLS, or no HTTP), and what error_of() makes of an answer that
  // was still "again" at the end.
  Result<Answer> send(Call call) const;

  // What a refusal is to the callers of the port:
  //   not_found    NoSuchKey
  //   no_space     a quota, or the server's disks
  //   unavailable  408, 429, 5xx
  //   corrupt      the server received other bytes than were sent
  //   io           anything else; the detail says what to mend where that is known
  Error error_of(const Answer& answer) const;

  const std::string& where() const { return where_; }
  std::int64_t unix_seconds() const { return parts_.clock->wall_ms() / 1000; }

private:
  Session(const S3Options& options, S3Parts parts, const http::Url& url);
  http::Request signed_request(const Call& call, const std::string& payload_hash) const;

  const S3Options options_;
  const S3Parts parts_;
  const sigv4::Signer signer_;
  std::string where_, host_, path_; // path_: of the bucket, without a '/' at its end
};

} // namespace s3
} // namespace graphrag::runtime
