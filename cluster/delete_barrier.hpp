#pragma once
// When a delete may be answered: once no replica can show the document any more. The delete's
// transaction gave a sequence number D and the version V of the view at that instant. Each node
// that reads the shard in the first view not older than V that this node sees must
//  - have applied D there, or
//  - have seen a view not older than V and not read the shard (it will have applied D before it
//    does: a view's replicas begin with all that the log held when the view was written), or
//  - have expired, or be gone.
// Not thread-safe.
#include <map>

#include "cluster/lease_table.hpp"

namespace graphrag::cluster {

// What a node says of one shard.
struct AppliedReport {
  NodeId node;
  std::uint64_t seen_view = 0;
  bool reads = false;        // counts itself as a reader of the shard
  std::uint64_t applied = 0; // there
};

class DeleteBarrier {
public:
  DeleteBarrier(std::uint64_t seq, std::uint64_t view_version, std::uint32_t shard,
                const Settings& settings)
      : seq_(seq), version_(view_version), shard_(shard), settings_(settings) {}

  void on_view(const ClusterView& view);
  void on_report(const AppliedReport& report);
  // A newer read of the database: who has expired or gone is not waited for.
  void on_snapshot(const Snapshot& snapshot);

  bool done() const noexcept { return begun_ && waiting_.empty(); }
  const std::vector<NodeId>& waiting() const noexcept { return waiting_; } // whom to ask
  std::uint64_t seq() const noexcept { return seq_; }
  std::uint64_t view_version() const noexcept { return version_; }
  std::uint32_t shard() const noexcept { return shard_; }

private:
  std::uint64_t seq_, version_;
  std::uint32_t shard_;
  Settings settings_;
  bool begun_ = false;
  std::vector<NodeId> waiting_;
};

} // namespace graphrag::cluster
