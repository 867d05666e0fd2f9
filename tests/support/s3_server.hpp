#pragma once
// A real S3 server for the contract tests, when this machine has one. GRAPHRAG_S3_TEST_SERVER is a
// command that serves S3 on 127.0.0.1:$S3_PORT, keeps what it keeps in $S3_FOLDER and accepts the
// keys $AWS_ACCESS_KEY_ID and $AWS_SECRET_ACCESS_KEY (both S3RVER unless the test's environment
// says otherwise). Without it, s3rver is used when it is in PATH; without both, `why_not()` says so
// and tests skip loudly. The server ends with the test program.
#include <cstdint>
#include <string>
#include <sys/types.h>

#include "runtime/store/blobs/s3_session.hpp"

namespace graphrag::test {

class S3Server {
public:
  static std::string why_not(); // empty when there is one

  S3Server(); // starts it; throws when it does not come up
  ~S3Server();
  S3Server(const S3Server&) = delete;
  S3Server& operator=(const S3Server&) = delete;
  static S3Server& shared();

  // Of a bucket made by this call.
  runtime::S3Options empty_bucket();

private:
  std::string folder_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
  int buckets_ = 0;
};

} // namespace graphrag::test
