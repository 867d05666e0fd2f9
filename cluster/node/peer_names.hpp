#pragma once
// From a view to the peers of a link. Pure.
#include <string>
#include <vector>

#include "cluster/cluster_view.hpp"
#include "cluster/link/link_options.hpp"

namespace graphrag::cluster {

// "host:port", "[address]:port". Error: invalid_argument.
runtime::Result<PeerAddress> parse_address(const std::string& address);
// The pattern with the ordinal in the place of each "{}".
std::string name_of(const std::string& pattern, NodeOrdinal ordinal);
// All other members; without those whose address is none, which is logged.
std::vector<PeerAddress> peers_of(const ClusterView& view, const NodeId& self,
                                  const std::string& pattern);

} // namespace graphrag::cluster
