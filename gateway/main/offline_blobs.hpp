#pragma once
// Original files in S3 for commands that take no configuration of a node.
#include <memory>
#include <string>
#include <vector>

#include "runtime/store/blob.hpp"

namespace graphrag {

// `url` as blobs.url has it; `values` are other keys of blobs, "blobs.region=eu-west-3", on top of
// the GRAPHRAG_BLOBS_ variables. invalid_argument names the key that is wrong. The server must
// answer.
runtime::Result<std::unique_ptr<runtime::BlobStore>>
open_s3(const std::string& url, const std::vector<std::string>& values);

} // namespace graphrag
