#pragma once
// What every message between nodes says of its sender, and whether a receiver takes it. Only
// members of the receiver's view are heard, in their one incarnation: a node that was removed is
// never heard again, whatever it still sends.
#include <string>
#include <string_view>

#include "cluster/cluster_view.hpp"
#include "runtime/error.hpp"

namespace graphrag::cluster {

struct PeerHeader {
  std::string cluster; // its id, so that two clusters never mix
  NodeId from;
  std::uint64_t to_incarnation = 0;
  std::uint64_t view_version = 0; // newest view that the sender has seen
  friend bool operator==(const PeerHeader&, const PeerHeader&) = default;
};

inline constexpr std::uint32_t peer_wire_version = 1;
inline constexpr std::size_t max_cluster_id_bytes = 64;

// msgpack. Decoding reads the header at the start of `bytes` and sets `body` to what follows;
// corrupt when it is none, invalid_argument for another wire version.
std::string encode_header(const PeerHeader& header);
runtime::Result<PeerHeader> decode_header(std::string_view bytes, std::string_view& body);

enum class Heard : std::uint8_t {
  taken,
  misdirected, // another cluster, or meant for another incarnation
  unknown,     // not in our view, but the sender's is newer: read the view
  gone         // not in our view, which is as new: the sender should hear that it is gone
};

Heard hear(const PeerHeader& header, const std::string& cluster, const NodeId& self,
           const ClusterView& view);

} // namespace graphrag::cluster
