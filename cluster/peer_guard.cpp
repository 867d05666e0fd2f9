#include "cluster/peer_guard.hpp"

#include <limits>

#include <msgpack.hpp>

namespace graphrag::cluster {
namespace {

constexpr std::uint32_t fields = 6;

bool number(const msgpack::object& field, std::uint64_t most, std::uint64_t& out) {
  if (field.type != msgpack::type::POSITIVE_INTEGER || field.via.u64 > most) return false;
  out = field.via.u64;
  return true;
}

} // namespace

std::string encode_header(const PeerHeader& header) {
  msgpack::sbuffer buffer;
  msgpack::packer<msgpack::sbuffer> out(buffer);
  out.pack_array(fields);
  out.pack(peer_wire_version);
  out.pack(header.cluster);
  out.pack(header.from.ordinal);
  out.pack(header.from.incarnation);
  out.pack(header.to_incarnation);
  out.pack(header.view_version);
  return {buffer.data(), buffer.size()};
}

runtime::Result<PeerHeader> decode_header(std::string_view bytes, std::string_view& body) {
  const auto corrupt = [] { return runtime::fail(runtime::Errc::corrupt, "not a peer's header"); };
  try {
    const msgpack::unpack_limit limit{fields, 0, max_cluster_id_bytes, 0, 0, 1};
    std::size_t used = 0;
    const auto object = msgpack::unpack(bytes.data(), bytes.size(), used, nullptr, nullptr, limit);
    const auto& list = object.get();
    if (list.type != msgpack::type::ARRAY || list.via.array.size == 0) return corrupt();
    const auto* field = list.via.array.ptr;
    std::uint64_t wire = 0, ordinal = 0;
    constexpr auto any = std::numeric_limits<std::uint64_t>::max();
    if (!number(field[0], any, wire)) return corrupt();
    if (wire != peer_wire_version)
      return runtime::fail(runtime::Errc::invalid_argument,
                           "a peer's header of wire version " + std::to_string(wire));
    PeerHeader header;
    if (list.via.array.size != fields || field[1].type != msgpack::type::STR ||
        !number(field[2], std::numeric_limits<NodeOrdinal>::max(), ordinal) ||
        !number(field[3], any, header.from.incarnation) ||
        !number(field[4], any, header.to_incarnation) ||
        !number(field[5], any, header.view_version))
      return corrupt();
    header.cluster.assign(field[1].via.str.ptr, field[1].via.str.size);
    header.from.ordinal = static_cast<NodeOrdinal>(ordinal);
    body = bytes.substr(used);
    return header;
  } catch (const msgpack::unpack_error&) {
    return corrupt();
  }
}

Heard hear(const PeerHeader& header, const std::string& cluster, const NodeId& self,
           const ClusterView& view) {
  if (header.cluster != cluster || header.to_incarnation != self.incarnation)
    return Heard::misdirected;
  if (view.find(header.from) != nullptr) return Heard::taken;
  return header.view_version > view.version ? Heard::unknown : Heard::gone;
}

} // namespace graphrag::cluster
