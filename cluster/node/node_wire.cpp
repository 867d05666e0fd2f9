#include "cluster/node/node_wire.hpp"

#include <tuple>

#include <msgpack.hpp>

namespace graphrag::cluster {
namespace {

using runtime::Result;

constexpr std::size_t max_sizes = 2 * 1024; // numbers: two for each of at most 1,024 shards

template <class... Fields>
std::string packed(const Fields&... fields) {
  msgpack::sbuffer buffer;
  msgpack::pack(buffer, std::tuple<const Fields&...>(fields...));
  return {buffer.data(), buffer.size()};
}

template <class... Fields>
Result<std::tuple<Fields...>> unpacked(std::string_view bytes) {
  const auto corrupt = [] { return runtime::fail(runtime::Errc::corrupt, "not a peer's message"); };
  try {
    const msgpack::unpack_limit limit{max_sizes, 0, 0, 0, 0, 2};
    std::size_t used = 0;
    const auto handle = msgpack::unpack(bytes.data(), bytes.size(), used, nullptr, nullptr, limit);
    const auto& object = handle.get();
    if (used != bytes.size() || object.type != msgpack::type::ARRAY ||
        object.via.array.size != sizeof...(Fields))
      return corrupt();
    return object.as<std::tuple<Fields...>>();
  } catch (const msgpack::unpack_error&) {
    return corrupt();
  } catch (const msgpack::type_error&) {
    return corrupt();
  }
}

} // namespace

std::string encode(const Ping& ping) { return packed(ping.sent); }

std::string encode(const Pong& pong) {
  std::vector<std::uint64_t> sizes;
  for (const auto& size : pong.sizes) sizes.insert(sizes.end(), {size.shard, size.bytes});
  return packed(pong.sent, pong.attests, pong.served, pong.loading, pong.lag, sizes);
}

std::string encode(const ShardQuestion& q) {
  return packed(q.shard, q.seq, q.view_version, q.serves, q.wait);
}

std::string encode(const ShardReport& r) {
  return packed(r.seen_view, r.reads, r.serves, r.applied);
}

Result<Ping> decode_ping(std::string_view bytes) {
  return unpacked<Millis>(bytes).map([](const auto& fields) { return Ping{std::get<0>(fields)}; });
}

Result<Pong> decode_pong(std::string_view bytes) {
  auto fields = unpacked<Millis, bool, std::uint32_t, std::uint32_t, std::uint64_t,
                         std::vector<std::uint64_t>>(bytes);
  if (!fields) return tl::unexpected(fields.error());
  Pong pong;
  std::vector<std::uint64_t> sizes;
  std::tie(pong.sent, pong.attests, pong.served, pong.loading, pong.lag, sizes) = *fields;
  if (sizes.size() % 2 != 0) return runtime::fail(runtime::Errc::corrupt, "half a size");
  for (std::size_t i = 0; i < sizes.size(); i += 2)
    pong.sizes.push_back({static_cast<std::uint32_t>(sizes[i]), sizes[i + 1]});
  return pong;
}

Result<ShardQuestion> decode_shard_question(std::string_view bytes) {
  return unpacked<std::uint32_t, std::uint64_t, std::uint64_t, bool, Millis>(bytes).map(
      [](const auto& fields) {
        ShardQuestion q;
        std::tie(q.shard, q.seq, q.view_version, q.serves, q.wait) = fields;
        return q;
      });
}

Result<ShardReport> decode_shard_report(std::string_view bytes) {
  return unpacked<std::uint64_t, bool, bool, std::uint64_t>(bytes).map([](const auto& fields) {
    ShardReport r;
    std::tie(r.seen_view, r.reads, r.serves, r.applied) = fields;
    return r;
  });
}

} // namespace graphrag::cluster
