#pragma once
// The lives that this node's data folder has seen. Whoever holds the folder's lock knows that they
// are over: a restarted node need not wait for the leases of its own earlier lives.
#include <set>
#include <string>

#include "cluster/node_id.hpp"
#include "runtime/error.hpp"

namespace graphrag::cluster {

struct Lives {
  std::set<std::string> earlier; // to_string(NodeId), of the same cluster
  runtime::Status kept;          // whether this life was added; if not, the next one waits for it
};

// Adds this life to the file, durably; the last 64 are kept. What cannot be read counts as nothing.
// The caller holds the lock of the file's folder, and calls it once before it joins.
Lives begin_life(const std::string& file, const std::string& cluster, const NodeId& self);

} // namespace graphrag::cluster
