#pragma once
// What the configuration says of original files: in the data folder, in PostgreSQL beside the
// documents, or in S3. All but `url` is for S3 alone.
#include <chrono>
#include <string>

namespace graphrag::runtime {

struct BlobsConfig {
  std::string url;      // empty = the data folder, "store", or "s3://BUCKET[/PREFIX]"
  std::string endpoint; // "https://host[:port]"; empty = AWS
  std::string region = "us-east-1";
  bool path_style = true; // unless given, after loading: whether there is an endpoint
  std::string ca_file;
  std::chrono::milliseconds deadline{30'000};
  // Keys are only ever in files or in the environment (AWS_*).
  std::string access_key_file, secret_key_file, session_token_file;

  bool in_s3() const { return url.starts_with("s3://"); }
  // Of an URL of S3: "BUCKET", "PREFIX".
  std::string bucket() const { return url.substr(5, url.find('/', 5) - 5); }
  std::string prefix() const {
    const auto slash = url.find('/', 5);
    return slash == std::string::npos ? "" : url.substr(slash + 1);
  }
};

} // namespace graphrag::runtime
