#pragma once
// Who this process is. Process ids and addresses say nothing: in containers every node is
// process 1.
#include <cstdint>

#include "cluster/node_id.hpp"

namespace graphrag::cluster {

// An identity that no other process has: 64 bits of the kernel's random numbers. A fork shares its
// parent's, so a node draws it once, in the process that serves.
NodeId new_identity(NodeOrdinal ordinal);

// A random number that is not 0, from the kernel.
std::uint64_t random_number();

} // namespace graphrag::cluster
