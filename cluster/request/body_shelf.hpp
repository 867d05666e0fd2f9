#pragma once
// Bodies that are too large for one envelope and wait for a peer to fetch them, part by part. Each
// belongs to one peer, goes when all of it was given or its deadline has passed, and the bytes of
// one peer are bounded. Pure; one thread at a time.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/clock.hpp"
#include "runtime/transport/transport.hpp"

namespace graphrag::cluster {

class BodyShelf {
public:
  BodyShelf(std::uint64_t first_id, std::size_t part_bytes, std::size_t max_bytes_per_peer)
      : next_id_(first_id), part_bytes_(part_bytes), max_bytes_per_peer_(max_bytes_per_peer) {}

  // Its id. Error: overloaded.
  runtime::Result<std::uint64_t> put(runtime::NodeOrdinal peer, std::string body,
                                     runtime::SteadyTime deadline);
  // The part that begins there. not_found: no such body for this peer (any more), or no such part.
  runtime::Result<std::string> part(runtime::NodeOrdinal peer, std::uint64_t id,
                                    std::uint64_t offset);
  void remove(std::uint64_t id);
  void remove_peer(runtime::NodeOrdinal peer);
  void remove_due(runtime::SteadyTime now);
  std::size_t size() const noexcept { return bodies_.size(); }

private:
  struct Body {
    runtime::NodeOrdinal peer = 0;
    std::string bytes;
    runtime::SteadyTime deadline;
    std::vector<bool> given; // by part
    std::size_t left = 0;    // parts that were not given
  };
  using Table = std::map<std::uint64_t, Body>;
  Table::iterator remove(Table::iterator at);

  std::uint64_t next_id_;
  std::size_t part_bytes_, max_bytes_per_peer_;
  Table bodies_;
  std::map<runtime::NodeOrdinal, std::size_t> bytes_of_;
};

} // namespace graphrag::cluster
