#pragma once
// The questions that this node has put to its peers and that are not answered yet. Each ends: by an
// answer, by its deadline, or since its peer was lost. Pure but for the promises: times go in. One
// thread at a time; promises are handed out, so that the caller fulfils them outside its lock.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/actor/promise.hpp"
#include "runtime/clock.hpp"
#include "runtime/transport/transport.hpp"

namespace graphrag::cluster {

using Answer = runtime::Promise<std::string>;

class PendingRequests {
public:
  // `first_id` is random, so that an answer to a process before this one is no answer to it.
  PendingRequests(std::uint64_t first_id, std::size_t max_per_peer)
      : next_id_(first_id), max_per_peer_(max_per_peer) {}

  // The request's id. Error: overloaded (max_per_peer wait for this peer); the promise stays with
  // the caller.
  runtime::Result<std::uint64_t> add(runtime::NodeOrdinal peer, runtime::SteadyTime deadline,
                                     const Answer& answer);
  // Whose answer it is; empty when nobody waits for it any more, or waits for another peer.
  std::optional<Answer> take(runtime::NodeOrdinal peer, std::uint64_t id);
  std::vector<Answer> take_peer(runtime::NodeOrdinal peer);
  std::vector<Answer> take_due(runtime::SteadyTime now);
  std::vector<Answer> take_all();
  std::size_t size() const noexcept { return waiting_.size(); }

private:
  struct Waiting {
    runtime::NodeOrdinal peer;
    std::multimap<runtime::SteadyTime, std::uint64_t>::iterator due;
    Answer answer;
  };
  using Table = std::unordered_map<std::uint64_t, Waiting>;
  Answer remove(Table::iterator at);

  std::uint64_t next_id_;
  const std::size_t max_per_peer_;
  Table waiting_;
  std::multimap<runtime::SteadyTime, std::uint64_t> due_;
  std::map<runtime::NodeOrdinal, std::size_t> per_peer_;
};

} // namespace graphrag::cluster
