#include "cluster/lease_codec.hpp"

#include "cluster/msgpack_fields.hpp"
#include "cluster/view_codec.hpp"
#include "runtime/ids.hpp"

namespace graphrag::cluster {
namespace {

constexpr std::uint32_t lease_fields = 5;
constexpr std::size_t most_votes = 2 * max_members; // numbers: two a vote

bool read(Fields& in, Lease& lease) {
  lease.seen_view = in.number<std::uint64_t>();
  lease.isolated = in.number<std::uint8_t>(1) == 1;
  auto against = in.list(most_votes);
  while (against.ok() && against.left() > 0) {
    NodeId node;
    node.ordinal = against.number<NodeOrdinal>();
    node.incarnation = against.number<std::uint64_t>();
    lease.against.push_back(node);
  }
  auto loaded = in.list(runtime::slot_count);
  while (loaded.ok() && loaded.left() > 0)
    lease.loaded.push_back(loaded.number<std::uint32_t>(runtime::slot_count - 1));
  return against.done() && loaded.done() && in.done() &&
         std::ranges::adjacent_find(lease.loaded, std::greater_equal{}) == lease.loaded.end();
}

} // namespace

std::string encode_lease(const Lease& lease) {
  msgpack::sbuffer buffer;
  Packer out(buffer);
  out.pack_array(lease_fields);
  out.pack(lease_wire_version);
  out.pack(lease.seen_view);
  out.pack(static_cast<std::uint8_t>(lease.isolated));
  out.pack_array(static_cast<std::uint32_t>(lease.against.size() * 2));
  for (const auto& node : lease.against) {
    out.pack(node.ordinal);
    out.pack(node.incarnation);
  }
  out.pack_array(static_cast<std::uint32_t>(lease.loaded.size()));
  for (auto shard : lease.loaded) out.pack(shard);
  return {buffer.data(), buffer.size()};
}

runtime::Result<Lease> decode_lease(std::string_view bytes) {
  // Nothing nests deeper, and no list is longer, than its own.
  return decode_row<Lease>(
      bytes,
      {"a member's row",
       lease_wire_version,
       max_lease_bytes,
       {std::max<std::size_t>(runtime::slot_count, most_votes), 0, 0, 0, 0, 2}},
      read);
}

} // namespace graphrag::cluster
