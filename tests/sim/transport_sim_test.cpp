// Followers on other nodes: the log's hints cross a network that loses, doubles, delays and cuts,
// and nodes restart. Whatever happens, a follower never claims a number whose changes it lacks, and
// in the end every view is the store's.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include <nlohmann/json.hpp>

#include "actors/chunk/follower.hpp"
#include "runtime/transport/memory_network.hpp"
#include "tests/support/followed_view.hpp"

namespace graphrag {
namespace {

using runtime::ChangeKind;

using test::applies_to;
using test::commit_of;

// A follower and its view, told of changes by the network.
struct Node {
  Node(runtime::MemoryNetwork& network, runtime::Store& store, runtime::NodeOrdinal ordinal)
      : end(network.join(ordinal)),
        follower(
            store, {}, [](std::uint64_t, const chunk::LogEntry&) { return true; },
            applies_to(view)) {
    end->on_receive([this](const runtime::Envelope& envelope) {
      const auto hint = nlohmann::json::from_msgpack(envelope.body);
      chunk::LogBatch batch{hint["previous"], hint["seq"], {}};
      batch.entries.push_back({static_cast<ChangeKind>(hint["kind"].get<int>()), "default",
                               hint["id"].get<std::string>(), nullptr});
      EXPECT_TRUE(follower.on_batch(batch));
    });
  }

  std::unique_ptr<runtime::Transport> end;
  std::map<std::string, std::string> view;
  chunk::Follower follower;
};

class Cluster {
public:
  static constexpr runtime::NodeOrdinal writer = 0, followers = 3;

  explicit Cluster(std::uint64_t seed)
      : random_(seed), network_(seed, {0.2, 0.2, 1, 8, 64}), end_(network_.join(writer)) {
    for (runtime::NodeOrdinal i = 1; i <= followers; ++i) start(i);
  }

  void step() {
    switch (random_() % 10) {
    case 0:
      network_.cut(writer, pick());
      break;
    case 1:
      network_.heal();
      break;
    case 2:
      start(pick()); // a restart: its memory is gone
      break;
    case 3:
      EXPECT_TRUE(nodes_[pick()]->follower.poll());
      break;
    default:
      write();
    }
    network_.tick();
  }

  // What the follower claims is in its view.
  void check() const {
    for (const auto& [ordinal, node] : nodes_) {
      const auto applied = node->follower.progress().applied;
      for (const auto& [id, change] : changed_) {
        if (change.first > applied) continue;
        ASSERT_EQ(node->view.contains(id), change.second) << id << " on node " << ordinal;
      }
    }
  }

  void settle() {
    network_.heal();
    network_.settle();
    for (auto& [ordinal, node] : nodes_) {
      EXPECT_TRUE(node->follower.poll());
      EXPECT_TRUE(node->follower.poll());
      EXPECT_EQ(node->view, nodes_[1]->view);
      EXPECT_EQ(node->follower.progress().applied, *store_->last_seq());
    }
  }

  std::uint64_t delivered() const { return network_.delivered(); }
  std::uint64_t lost() const { return network_.lost(); }

private:
  runtime::NodeOrdinal pick() {
    return 1 + static_cast<runtime::NodeOrdinal>(random_() % followers);
  }
  void start(runtime::NodeOrdinal ordinal) {
    nodes_.erase(ordinal);
    nodes_[ordinal] = std::make_unique<Node>(network_, *store_, ordinal);
  }

  void write() {
    const auto id = "d" + std::to_string(random_() % 8);
    const bool there = changed_.contains(id) && changed_[id].second;
    const bool removes = there && random_() % 3 == 0;
    std::vector<runtime::WriteOp> ops;
    if (removes)
      ops.emplace_back(runtime::DeleteOp{{"default", id}, std::nullopt});
    else
      ops.emplace_back(commit_of(id, "text " + std::to_string(++texts_)));
    const auto summary = store_->write(ops);
    ASSERT_TRUE(summary && !summary->results[0].error);
    changed_[id] = {summary->seq, !removes};
    const auto body = nlohmann::json::to_msgpack(
        {{"previous", summary->previous_seq},
         {"seq", summary->seq},
         {"kind", static_cast<int>(removes ? ChangeKind::remove : ChangeKind::commit)},
         {"id", id}});
    for (runtime::NodeOrdinal to = 1; to <= followers; ++to)
      (void)end_->send({0, to, 0, 0, "log", {body.begin(), body.end()}}); // refused: lost
  }

  std::mt19937_64 random_;
  std::unique_ptr<runtime::Store> store_ = runtime::make_memory_store();
  runtime::MemoryNetwork network_;
  std::unique_ptr<runtime::Transport> end_;
  std::map<runtime::NodeOrdinal, std::unique_ptr<Node>> nodes_;
  std::map<std::string, std::pair<std::uint64_t, bool>> changed_; // id -> last number, is it there
  int texts_ = 0;
};

TEST(TransportSim, FollowersOverABadNetworkEndInTheTruth) {
  std::uint64_t lost = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Cluster cluster{seed};
    for (int i = 0; i < 150; ++i) {
      cluster.step();
      cluster.check();
      if (testing::Test::HasFailure()) return;
    }
    cluster.settle();
    EXPECT_GT(cluster.delivered(), 0U);
    lost += cluster.lost();
  }
  EXPECT_GT(lost, 1000U); // else no fault was seen
}

TEST(TransportSim, TheSameSeedIsTheSameHistory) {
  std::vector<std::uint64_t> delivered;
  for (int run = 0; run < 2; ++run) {
    Cluster cluster{42};
    for (int i = 0; i < 300; ++i) cluster.step();
    delivered.push_back(cluster.delivered());
    delivered.push_back(cluster.lost());
  }
  EXPECT_EQ(delivered[0], delivered[2]);
  EXPECT_EQ(delivered[1], delivered[3]);
}

TEST(MemoryNetwork, BoundsRefusesAndKeepsOrder) {
  runtime::MemoryNetwork network{1, {0, 0, 1, 1, 2}};
  auto a = network.join(1);
  auto b = network.join(2);
  std::vector<std::string> heard;
  b->on_receive([&](const runtime::Envelope& e) {
    heard.push_back(e.kind + " " + std::to_string(e.from) + "." + std::to_string(e.incarnation));
  });
  EXPECT_EQ(a->send({0, 9, 0, 0, "x", ""}).error().code, runtime::Errc::not_found);
  EXPECT_EQ(
      a->send({0, 2, 0, 0, "x", std::string(runtime::max_envelope_bytes + 1, 'x')}).error().code,
      runtime::Errc::invalid_argument);
  EXPECT_TRUE(a->send({0, 2, 0, 0, "one", ""}));
  EXPECT_TRUE(a->send({0, 2, 0, 0, "two", ""}));
  EXPECT_EQ(a->send({0, 2, 0, 0, "three", ""}).error().code, runtime::Errc::overloaded);
  network.settle();
  EXPECT_EQ(heard, (std::vector<std::string>{"one 1.1", "two 1.1"}));
  a = nullptr;
  a = network.join(1);
  EXPECT_TRUE(a->send({0, 2, 0, 0, "again", ""}));
  network.cut(1, 2);
  network.settle();
  EXPECT_EQ(heard.size(), 2U);
  network.heal();
  EXPECT_TRUE(a->send({0, 2, 0, 0, "healed", ""}));
  network.settle();
  EXPECT_EQ(heard.back(), "healed 1.2");
}

TEST(MemoryNetwork, OneLinkIsSlowOrCutAndHealsAlone) {
  runtime::MemoryNetwork network{1};
  auto a = network.join(1), b = network.join(2), c = network.join(3);
  std::string heard;
  for (auto* end : {b.get(), c.get()})
    end->on_receive([&](const runtime::Envelope& e) { heard += std::to_string(e.to); });
  const auto send_both = [&] {
    EXPECT_TRUE(a->send({0, 2, 0, 0, "x", ""}));
    EXPECT_TRUE(a->send({0, 3, 0, 0, "x", ""}));
  };
  network.slow(1, 2, 5);
  network.cut(1, 3);
  send_both();
  for (int i = 0; i < 5; ++i) network.tick();
  EXPECT_EQ(heard, "");
  network.tick();
  EXPECT_EQ(heard, "2");
  network.heal(1, 3);
  send_both();
  network.settle();
  EXPECT_EQ(heard, "232");
  network.heal(1, 2);
  send_both();
  network.settle();
  EXPECT_EQ(heard, "23223");
}

} // namespace
} // namespace graphrag
