#pragma once
// What nodes say to each other about the cluster itself, as msgpack arrays behind the PeerHeader.
// Decoding errors: corrupt. Pure.
//
//   message "$ping"   Ping                message "$pong"  Pong
//   message "$gone"   nothing: you are no member of the view in the header
//   request "$shard"  ShardQuestion, answered by ShardReport as soon as it holds, or after `wait`
#include <string>
#include <string_view>
#include <vector>

#include "cluster/cluster_view.hpp"
#include "runtime/error.hpp"

namespace graphrag::cluster {

inline constexpr std::string_view ping_kind = "$ping", pong_kind = "$pong", gone_kind = "$gone",
                                  shard_kind = "$shard";

struct Ping {
  Millis sent = 0; // by the asker's clock; comes back with the answer
};

struct Pong {
  Millis sent = 0;
  bool attests = false;
  std::uint32_t served = 0, loading = 0;
  std::uint64_t lag = 0;
  struct Size {
    std::uint32_t shard = 0;
    std::uint64_t bytes = 0;
  };
  std::vector<Size> sizes; // of the shards loaded there
};

struct ShardQuestion {
  std::uint32_t shard = 0;
  std::uint64_t seq = 0, view_version = 0;
  bool serves = false; // it should serve `seq`; else: it should not show what is older than `seq`
  Millis wait = 0;     // for that to come true
};

struct ShardReport {
  std::uint64_t seen_view = 0;
  bool reads = false, serves = false; // counted on by the view; may be read, now
  std::uint64_t applied = 0;
};

std::string encode(const Ping& ping);
std::string encode(const Pong& pong);
std::string encode(const ShardQuestion& question);
std::string encode(const ShardReport& report);
runtime::Result<Ping> decode_ping(std::string_view bytes);
runtime::Result<Pong> decode_pong(std::string_view bytes);
runtime::Result<ShardQuestion> decode_shard_question(std::string_view bytes);
runtime::Result<ShardReport> decode_shard_report(std::string_view bytes);

} // namespace graphrag::cluster
