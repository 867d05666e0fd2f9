#include "cluster/node/peer_names.hpp"

#include <charconv>

#include "observability/log.hpp"

namespace graphrag::cluster {

runtime::Result<PeerAddress> parse_address(const std::string& address) {
  const auto colon = address.rfind(':');
  PeerAddress out;
  if (colon != std::string::npos) {
    out.host = address.substr(0, colon);
    const auto* end = address.data() + address.size();
    const auto read = std::from_chars(address.data() + colon + 1, end, out.port);
    if (read.ec != std::errc{} || read.ptr != end) out.port = 0;
    if (out.host.size() > 2 && out.host.front() == '[' && out.host.back() == ']')
      out.host = out.host.substr(1, out.host.size() - 2);
    else if (out.host.find(':') != std::string::npos)
      out.host.clear();
  }
  if (out.host.empty() || out.port == 0)
    return runtime::fail(runtime::Errc::invalid_argument,
                         "'" + address + "' is not host:port of a node");
  return out;
}

std::string name_of(const std::string& pattern, NodeOrdinal ordinal) {
  auto out = pattern;
  const auto number = std::to_string(ordinal);
  for (auto at = out.find("{}"); at != std::string::npos; at = out.find("{}", at + number.size()))
    out.replace(at, 2, number);
  return out;
}

std::vector<PeerAddress> peers_of(const ClusterView& view, const NodeId& self,
                                  const std::string& pattern) {
  std::vector<PeerAddress> out;
  for (const auto& member : view.members) {
    if (member.id == self) continue;
    auto peer = parse_address(member.address);
    if (!peer) {
      observability::log_warn(
          "a member cannot be spoken to",
          {{"cluster.node", to_string(member.id)}, {"error.message", peer.error().detail}});
      continue;
    }
    peer->ordinal = member.id.ordinal;
    peer->name = name_of(pattern, member.id.ordinal);
    out.push_back(std::move(*peer));
  }
  return out;
}

} // namespace graphrag::cluster
