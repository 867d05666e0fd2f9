#pragma once
// Reads collections from the store and builds their views: one reader of rows, and one thread per
// group of shards that applies them. Blocks; call from a thread that may.
#include "actors/chunk/views.hpp"
#include "runtime/store/store.hpp"

namespace graphrag::chunk {

struct LoadReport {
  std::uint64_t seq = 0, documents = 0, chunks = 0;
  double seconds = 0;
};

struct LoadedCollections {
  LoadReport report;
  CollectionMap collections; // as they were at report.seq, or later where somebody wrote meanwhile
};

// Those collections that `wanted` names, as long as `go_on` says so (else canceled). Followers
// apply the log after report.seq to them.
runtime::Result<LoadedCollections> load_collections(
    runtime::Store& store, std::uint32_t shards,
    const std::function<bool(const std::string& collection)>& wanted,
    const std::function<bool()>& go_on = [] { return true; });

// Everything, for a node on its own, before it serves: nothing may write to the store meanwhile. On
// success the board stands at the returned number, and all groups are followed.
runtime::Result<LoadReport> load_views(runtime::Store& store, Views& views);

} // namespace graphrag::chunk
