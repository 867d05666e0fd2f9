#pragma once
// Copies blobs from one place to another under the same keys. Durable one by one, so what an
// interrupted run has copied is not copied again. Holds one blob at a time.
#include <cstdint>
#include <set>
#include <string>

#include "runtime/store/blob.hpp"

namespace graphrag::runtime::move {

struct CopiedBlobs {
  std::size_t copied = 0, there_already = 0;
};

// `named` are those that the rows name. Errors: `conflict` when the target has blobs that neither
// the rows nor the source know, which are somebody else's; not_found and corrupt, with the key, for
// one that the source has lost; those of either side.
Result<CopiedBlobs> copy_blobs(const std::set<std::string>& named, BlobStore& from, BlobStore& to);

// Reads all of them; each key proves its bytes. Gives their size together.
Result<std::uint64_t> check_blobs(const std::set<std::string>& named, BlobStore& blobs);

} // namespace graphrag::runtime::move
