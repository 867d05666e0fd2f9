#pragma once
// A bucket that speaks S3 on a loopback port and keeps all in memory: enough of it for the blob
// port, with signatures, digests and pages as a real server checks and gives them. A test may take
// any request out of its hands.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "runtime/store/blobs/s3_session.hpp"
#include "tests/support/stub_model_server.hpp"

namespace graphrag::test {

class FakeS3 {
public:
  // True: it has answered. Called on many threads.
  using Fault = std::function<bool(const StubRequest&, StubConnection&)>;
  explicit FakeS3(Fault fault = {});
  FakeS3(Fault fault, const StubAuthority::Identity& identity); // TLS
  ~FakeS3();

  // Fits this bucket, at the address by path.
  runtime::S3Options options() const;
  std::vector<StubRequest> requests() const { return server_->requests(); }
  std::size_t count() const; // of the objects; at any time

  struct Object {
    std::string bytes, etag, sha256;
    std::int64_t modified = 0; // Unix seconds
  };
  struct Upload {
    std::string name, sha256;
    std::int64_t initiated = 0;
    std::map<int, Object> parts;
  };
  // Of the bucket, under their whole names. Only between requests.
  std::map<std::string, Object> objects;
  std::map<std::string, Upload> uploads;
  std::size_t page = 1000;
  // What an encrypting server does: its ETags are no MD5.
  bool foreign_etags = false;

private:
  struct Parsed;
  void serve(const StubRequest& request, StubConnection& connection);
  void put(const Parsed& parsed, StubConnection& connection);
  void get(const Parsed& parsed, StubConnection& connection);
  void list(const Parsed& parsed, StubConnection& connection);
  void list_uploads(const Parsed& parsed, StubConnection& connection);
  void complete(const Parsed& parsed, StubConnection& connection);
  std::string etag_of(const std::string& bytes) const;

  Fault fault_;
  mutable std::mutex mutex_;
  unsigned last_upload_ = 0;
  std::unique_ptr<StubModelServer> server_; // last: its threads use the rest
};

// As S3 writes one: <Error><Code>code</Code></Error>.
std::string s3_error(const std::string& code, const std::string& more = {});

} // namespace graphrag::test
