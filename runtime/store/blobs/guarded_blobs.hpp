#pragma once
// Blobs of a server that may go away, which must not hold the threads that others need: a call
// waits as long as the adapter waits, so while the server is away a few would take all threads of a
// pool. After two calls in a row that found nobody (`unavailable`, `timeout`), further ones answer
// `unavailable` at once; after two seconds one call is let through and decides how it goes on.
#include <memory>

#include "runtime/clock.hpp"
#include "runtime/store/blob.hpp"

namespace graphrag::runtime {

std::unique_ptr<BlobStore>
make_guarded_blobs(std::shared_ptr<BlobStore> blobs,
                   std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>());

} // namespace graphrag::runtime
