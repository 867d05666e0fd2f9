#pragma once
// A network in memory under a virtual clock: the same seed gives the same deliveries, losses,
// delays and doubles. For simulations, on one thread.
#include <map>
#include <memory>
#include <random>
#include <set>

#include "runtime/transport/transport.hpp"

namespace graphrag::runtime {

struct NetworkFaults {
  double lost = 0, doubled = 0;               // part of the messages
  std::uint64_t min_delay = 1, max_delay = 1; // ticks; more than one lets messages overtake
  std::size_t max_under_way = 1024;           // per pair of nodes; beyond it send() is overloaded
};

class MemoryNetwork {
public:
  explicit MemoryNetwork(std::uint64_t seed, NetworkFaults faults = {})
      : random_(seed), faults_(faults) {}

  // A node's end of the network; the network must outlive it. Joining again is a restart: another
  // incarnation, and what was under way to the old one is lost.
  std::unique_ptr<Transport> join(NodeOrdinal node);
  // From now on nothing arrives from `from` at `to`, also of what is under way; until heal().
  void cut(NodeOrdinal from, NodeOrdinal to) { cut_.emplace(from, to); }
  void heal(NodeOrdinal from, NodeOrdinal to) {
    cut_.erase({from, to});
    slow_.erase({from, to});
  }
  void heal() {
    cut_.clear();
    slow_.clear();
  }
  // What is sent from now on takes so many ticks more; until heal().
  void slow(NodeOrdinal from, NodeOrdinal to, std::uint64_t ticks) { slow_[{from, to}] = ticks; }
  void set_faults(NetworkFaults faults) { faults_ = faults; }

  // Lets one tick pass and delivers what is due, in the order of its times.
  void tick();
  // Ticks until nothing is under way.
  void settle();
  std::uint64_t delivered() const noexcept { return delivered_; }
  std::uint64_t lost() const noexcept { return lost_; }

private:
  class End;
  struct UnderWay {
    Envelope envelope;
    std::uint64_t to_incarnation;
  };
  Status send(Envelope envelope);
  void schedule(const Envelope& envelope);
  bool happens(double part) { return std::uniform_real_distribution<>{}(random_) < part; }

  std::mt19937_64 random_;
  NetworkFaults faults_;
  std::uint64_t now_ = 0, delivered_ = 0, lost_ = 0;
  std::map<NodeOrdinal, End*> ends_;
  std::map<NodeOrdinal, std::uint64_t> incarnations_;
  std::set<std::pair<NodeOrdinal, NodeOrdinal>> cut_;
  std::map<std::pair<NodeOrdinal, NodeOrdinal>, std::uint64_t> slow_;
  std::multimap<std::uint64_t, UnderWay> under_way_; // by the tick at which it arrives
  std::map<std::pair<NodeOrdinal, NodeOrdinal>, std::size_t> load_;
};

} // namespace graphrag::runtime
