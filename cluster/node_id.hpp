#pragma once
// Who a node is. An ordinal is a place (such as the number of a StatefulSet's pod); an incarnation
// is one life of a process in that place, drawn at random at its start. A restarted process is
// another node: what was promised by or to its predecessor does not bind it.
#include <compare>
#include <cstdint>
#include <string>

#include "runtime/transport/transport.hpp"

namespace graphrag::cluster {

using runtime::NodeOrdinal;

struct NodeId {
  NodeOrdinal ordinal = 0;
  std::uint64_t incarnation = 0; // 0 is nobody
  friend auto operator<=>(const NodeId&, const NodeId&) = default;
};

// "3:00c0ffee00c0ffee", as logs and the membership table write it.
std::string to_string(const NodeId& node);

} // namespace graphrag::cluster
