#pragma once
// The port to the row of the view and the rows of the leases. Blocking; one caller at a time per
// node. Every call is one transaction that ends, committed or not, within the caller's timeout.
// Errors: unavailable or timeout (the call may or may not have had its effect), corrupt.
#include "cluster/lease_table.hpp"
#include "runtime/error.hpp"

namespace graphrag::cluster {

struct Renewal {
  NodeId node;
  std::uint64_t number = 0; // grows with each renewal of the node: an older one has no effect
  std::uint64_t seen_view = 0;
  bool isolated = false;
  std::vector<NodeId> against;
  std::vector<std::uint32_t> loaded;
  std::uint64_t needed_after = 0;
};

// What a removal rests on: the lease as it was read.
struct EndedLease {
  NodeId node;
  Millis until = 0;
};

struct ViewChange {
  ClusterView view;              // of version expected + 1
  std::vector<EndedLease> ended; // members that it removes because they expired
};

class MembershipStore {
public:
  virtual ~MembershipStore() = default;
  virtual runtime::Result<Snapshot> read() = 0;
  // The lease lasts Settings::lease from now on, by the database's clock. not_found when the node
  // is no member.
  virtual runtime::Result<Snapshot> renew(const Renewal& renewal) = 0;
  // Writes the view, with the log's last number as its `seq`; makes leases for new members and
  // removes those of members that are gone. conflict, without effect, unless the view is of version
  // change.view.version - 1 and every lease of `ended` still is what it was.
  virtual runtime::Result<Snapshot> try_change(const ViewChange& change) = 0;
};

} // namespace graphrag::cluster
