#pragma once
// Builds every view from the store before the node serves: one reader of rows, and one thread per
// group of shards that applies them.
#include "actors/chunk/views.hpp"
#include "runtime/store/store.hpp"

namespace graphrag::chunk {

struct LoadReport {
  std::uint64_t seq = 0, documents = 0, chunks = 0;
  double seconds = 0;
};

// Nothing may write to the store meanwhile. On success the board stands at the returned number.
runtime::Result<LoadReport> load_views(runtime::Store& store, Views& views);

} // namespace graphrag::chunk
