#include "cluster/view_codec.hpp"

#include "cluster/msgpack_fields.hpp"
#include "runtime/ids.hpp"

namespace graphrag::cluster {
namespace {

constexpr std::uint32_t view_fields = 6, member_fields = 6;
constexpr std::size_t max_owners = 16; // of one shard in one list

void put(Packer& out, const std::vector<NodeOrdinal>& nodes) {
  out.pack_array(static_cast<std::uint32_t>(nodes.size()));
  for (auto node : nodes) out.pack(node);
}

bool read_owners(Fields in, const ClusterView& view, std::vector<NodeOrdinal>& out) {
  while (in.ok() && in.left() > 0) {
    const auto node = in.number<NodeOrdinal>();
    if (view.find(node) == nullptr || (!out.empty() && out.back() >= node)) return false;
    out.push_back(node);
  }
  return in.done();
}

bool apart(const ShardOwners& owners) {
  const auto in = [](const std::vector<NodeOrdinal>& list) {
    return [&list](NodeOrdinal node) { return contains(list, node); };
  };
  return std::ranges::none_of(owners.loading, in(owners.serving)) &&
         std::ranges::none_of(owners.retiring, in(owners.serving)) &&
         std::ranges::none_of(owners.retiring, in(owners.loading));
}

bool read(Fields& in, ClusterView& view) {
  view.version = in.number<std::uint64_t>();
  view.voters_since = in.number<std::uint64_t>(view.version);
  view.seq = in.number<std::uint64_t>();
  auto members = in.list(max_members * member_fields);
  while (members.ok() && members.left() > 0) {
    Member member;
    member.id.ordinal = members.number<NodeOrdinal>();
    member.id.incarnation = members.number<std::uint64_t>();
    member.state = static_cast<MemberState>(
        members.number<std::uint8_t>(static_cast<std::uint64_t>(MemberState::leaving)));
    member.address = members.text(max_address_bytes);
    member.memory_budget = members.number<std::uint64_t>();
    member.leave_by = members.number<Millis>();
    if (!members.ok() || member.id.incarnation == 0 ||
        (!view.members.empty() && view.members.back().id.ordinal >= member.id.ordinal))
      return false;
    view.members.push_back(std::move(member));
  }
  auto shards = in.list(std::size_t{runtime::slot_count} * 3);
  while (shards.ok() && shards.left() > 0) {
    auto& owners = view.shards.emplace_back();
    for (auto* list : {&owners.serving, &owners.loading, &owners.retiring})
      if (!read_owners(shards.list(max_owners), view, *list)) return false;
    if (!apart(owners)) return false;
  }
  return members.done() && shards.done() && in.done();
}

} // namespace

std::string encode_view(const ClusterView& view) {
  msgpack::sbuffer buffer;
  Packer out(buffer);
  out.pack_array(view_fields);
  out.pack(view_wire_version);
  out.pack(view.version);
  out.pack(view.voters_since);
  out.pack(view.seq);
  out.pack_array(static_cast<std::uint32_t>(view.members.size() * member_fields));
  for (const auto& member : view.members) {
    out.pack(member.id.ordinal);
    out.pack(member.id.incarnation);
    out.pack(static_cast<std::uint8_t>(member.state));
    out.pack(member.address);
    out.pack(member.memory_budget);
    out.pack(member.leave_by);
  }
  out.pack_array(static_cast<std::uint32_t>(view.shards.size() * 3));
  for (const auto& owners : view.shards)
    for (const auto* list : {&owners.serving, &owners.loading, &owners.retiring}) put(out, *list);
  return {buffer.data(), buffer.size()};
}

runtime::Result<ClusterView> decode_view(std::string_view bytes) {
  // Nothing nests deeper, and no list is longer, than its own.
  return decode_row<ClusterView>(
      bytes,
      {"a cluster view",
       view_wire_version,
       max_view_bytes,
       {std::size_t{runtime::slot_count} * 3, 0, max_address_bytes, 0, 0, 4}},
      read);
}

} // namespace graphrag::cluster
