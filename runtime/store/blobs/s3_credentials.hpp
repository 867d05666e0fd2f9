#pragma once
// Where the keys for S3 come from: files that the configuration names, else the environment.
#include <functional>
#include <string>

#include "runtime/error.hpp"

namespace graphrag::runtime {

struct S3Credentials {
  std::string access_key, secret_key;
  std::string session_token; // empty: the keys are not temporary
};

// Each holds one value; white space around it is dropped. With `access_key` the environment is not
// looked at.
struct S3KeyFiles {
  std::string access_key, secret_key, session_token;
};

// Environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; `variable` gives the
// value of one, or null. Errors: `invalid_argument` when a value is missing or a file cannot be
// read; the detail names the file or the variable, never a value.
Result<S3Credentials> find_s3_credentials(const S3KeyFiles& files,
                                          const std::function<const char*(const char*)>& variable);

} // namespace graphrag::runtime
