#pragma once
// A cluster of nodes that a test drives by hand: one thread, a virtual clock, a network and rows in
// memory.
#include <map>
#include <memory>

#include "cluster/node/cluster_node.hpp"
#include "runtime/transport/memory_network.hpp"
#include "tests/support/cluster_rows.hpp"

namespace graphrag::cluster::test {

using namespace std::chrono_literals;

class HandCluster {
public:
  explicit HandCluster(std::uint64_t seed = 1) : network(seed, {0, 0, 1, 1, 100'000}) {
    settings.shards = 8;
    settings.outage_reads = 30'000;
  }

  struct Node {
    Node(HandCluster& cluster, NodeOrdinal ordinal)
        : rows(std::make_shared<RowsOf>(cluster.rows)), host(cluster.rows),
          transport(cluster.network.join(ordinal)) {
      NodeOptions options;
      options.self.id = {ordinal, ++cluster.incarnations};
      options.self.address = "node-" + std::to_string(ordinal) + ":7000";
      options.self.memory_budget = 1000;
      options.cluster = "test";
      options.settings = cluster.settings;
      options.own_threads = false;
      options.on_end = [this](NodeEnd how, const std::string&) { ends.push_back(how); };
      PeerNet net;
      net.transport = transport.get();
      net.set_peers = [this](std::vector<PeerAddress> all) { peers = std::move(all); };
      node = std::make_unique<ClusterNode>(options, rows, net, host, cluster.clock, cluster.clock);
      node->handle("echo", [](PeerCall call, Answer answer) {
        answer.fulfil(to_string(call.from) + " " + call.body);
      });
      node->handle("size", [](PeerCall call, Answer answer) {
        answer.fulfil(std::to_string(call.body.size()));
      });
      node->handle("grow", [](PeerCall call, Answer answer) {
        answer.fulfil(std::string(std::stoul(call.body), 'x'));
      });
      node->start();
    }
    std::shared_ptr<RowsOf> rows;
    FakeHost host;
    std::unique_ptr<runtime::Transport> transport;
    std::vector<NodeEnd> ends;
    std::vector<PeerAddress> peers;
    std::unique_ptr<ClusterNode> node; // ends first
    bool stands_still = false;
  };

  Node& add(NodeOrdinal ordinal) {
    nodes[ordinal] = std::make_unique<Node>(*this, ordinal);
    return *nodes[ordinal];
  }
  ClusterNode& node(NodeOrdinal ordinal) { return *nodes.at(ordinal)->node; }
  // As a crash: nothing is said to anybody.
  void kill(NodeOrdinal ordinal) { nodes.erase(ordinal); }

  void pass(std::chrono::milliseconds length) {
    for (auto left = length; left > 0ms; left -= 10ms) {
      clock.advance(10ms);
      network.tick();
      if ((left / 10ms) % 5 != 0) continue;
      for (auto& [ordinal, one] : nodes)
        if (!one->stands_still) one->node->turn();
      if (after_turns) after_turns();
    }
  }
  template <class Condition>
  bool comes(Condition condition, std::chrono::milliseconds within = 30s) {
    for (auto left = within; left > 0ms; left -= 50ms) {
      if (condition()) return true;
      pass(50ms);
    }
    return condition();
  }
  bool complete(std::size_t members) {
    const auto view = rows.view();
    if (view.members.size() != members || view.shards.size() != settings.shards) return false;
    for (const auto& member : view.members)
      if (member.state != MemberState::up) return false;
    for (const auto& owners : view.shards)
      if (owners.serving.size() != std::min<std::size_t>(members, settings.replicas) ||
          !owners.loading.empty() || !owners.retiring.empty())
        return false;
    for (const auto& [ordinal, one] : nodes)
      if (!one->stands_still && one->node->view()->version != view.version) return false;
    return true;
  }
  std::vector<NodeOrdinal> readers(std::uint32_t shard) {
    std::vector<NodeOrdinal> out;
    for (auto& [ordinal, one] : nodes)
      if (one->node->may_read(shard) != 0) out.push_back(ordinal);
    return out;
  }
  std::size_t readable() { // shards that somebody may show
    std::size_t out = 0;
    for (std::uint32_t shard = 0; shard < settings.shards; ++shard) out += !readers(shard).empty();
    return out;
  }

  std::function<void()> after_turns;
  Settings settings;
  runtime::ManualClock clock;
  runtime::MemoryNetwork network;
  Rows rows{settings, [this] { return clock.wall_ms(); }};
  std::uint64_t incarnations = 100;
  std::map<NodeOrdinal, std::unique_ptr<Node>> nodes;
};

} // namespace graphrag::cluster::test
