#pragma once
// Blobs in a bucket of any server that speaks S3: the place that all nodes of a cluster reach. One
// object per blob, "prefix/key"; what else lies in the bucket is left alone. A get reads parts of
// 8 MiB and checks the whole against its key and, when the object has it, against its SHA-256. No
// call holds more than two parts besides the blob itself.
#include <memory>

#include "runtime/store/blob.hpp"
#include "runtime/store/blobs/s3_session.hpp"

namespace graphrag::runtime {

// Asks the bucket once. Errors: `invalid_argument` for options that cannot be right, and for a
// bucket that is absent, elsewhere or not ours to list; `unavailable` and `timeout` when nobody
// answers, unless the options say that the server may be away: then a warning in the log. The keys
// need the rights to list, read, write and delete objects and multipart uploads.
//
// sweep() goes by the server's clock, and ends multipart uploads of that age too; each counts.
Result<std::unique_ptr<BlobStore>> open_s3_blobs(const S3Options& options, S3Parts parts = {});

} // namespace graphrag::runtime
