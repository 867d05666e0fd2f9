#include <gtest/gtest.h>

#include "cluster/membership.hpp"

namespace graphrag::cluster {
namespace {

using runtime::Errc;

// The rows, without a network between.
class Rows final : public MembershipStore {
public:
  runtime::Result<Snapshot> read() override { return snapshot; }
  runtime::Result<Snapshot> renew(const Renewal& renewal) override {
    for (auto& lease : snapshot.leases) {
      if (lease.node != renewal.node) continue;
      lease = {renewal.node,      snapshot.now + Settings{}.lease,
               renewal.seen_view, renewal.isolated,
               renewal.against,   renewal.loaded};
      return snapshot;
    }
    return runtime::fail(Errc::not_found, "no member");
  }
  runtime::Result<Snapshot> try_change(const ViewChange& change) override {
    if (change.view.version != snapshot.view.version + 1)
      return runtime::fail(Errc::conflict, "the view changed");
    snapshot.view = change.view;
    std::erase_if(snapshot.leases,
                  [&](const Lease& lease) { return snapshot.view.find(lease.node) == nullptr; });
    for (const auto& member : snapshot.view.members)
      if (snapshot.lease_of(member.id) == nullptr) {
        Lease lease;
        lease.node = member.id;
        lease.until = snapshot.now + Settings{}.lease;
        snapshot.leases.push_back(lease);
      }
    return snapshot;
  }
  Snapshot snapshot;
};

class MembershipTest : public testing::Test {
protected:
  struct Node {
    Membership machine;
    bool runs = true, has_database = true;
    std::vector<std::uint32_t> loaded;
  };
  Node& add(NodeOrdinal ordinal, std::uint64_t incarnation, std::set<std::string> ended = {}) {
    Member self;
    self.id = {ordinal, incarnation};
    self.memory_budget = 1000;
    nodes.push_back(
        std::make_unique<Node>(Node{Membership(self, settings, std::move(ended)), true, true, {}}));
    return *nodes.back();
  }
  void run(Millis length) {
    for (const auto end = rows.snapshot.now + length; rows.snapshot.now < end;
         rows.snapshot.now += 100)
      for (auto& node : nodes)
        if (node->runs) step(*node);
  }
  void step(Node& node) {
    LocalFacts facts;
    facts.reaches_quorum = true;
    facts.may_vote = [](const NodeId&) { return true; };
    for (std::uint32_t shard = 0; shard < bytes.size(); ++shard) facts.loaded.push_back(shard);
    facts.shard_bytes = bytes;
    const auto now = rows.snapshot.now + 5'000'000; // another clock
    const auto call = node.machine.next(now, facts);
    if (!call) return;
    runtime::Result<Snapshot> answer = runtime::fail(Errc::unavailable, "away");
    if (node.has_database)
      answer = call->kind == DatabaseCall::Kind::read    ? rows.read()
               : call->kind == DatabaseCall::Kind::renew ? rows.renew(call->renewal)
                                                         : rows.try_change(call->change);
    node.machine.answered(now, *call, answer);
  }
  Phase phase(std::size_t i) const { return nodes[i]->machine.phase(); }

  Settings settings;
  Rows rows;
  std::vector<std::uint64_t> bytes = std::vector<std::uint64_t>(4, 10);
  std::vector<std::unique_ptr<Node>> nodes;
};

TEST_F(MembershipTest, NodesJoinComeUpAndShareTheShards) {
  for (NodeOrdinal i = 0; i < 3; ++i) add(i, 100 + i);
  run(10'000);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(phase(i), Phase::up);
    EXPECT_EQ(nodes[i]->machine.view(), rows.snapshot.view);
  }
  ASSERT_EQ(rows.snapshot.view.shards.size(), 4U);
  for (const auto& owners : rows.snapshot.view.shards) EXPECT_EQ(owners.serving.size(), 2U);
}

TEST_F(MembershipTest, TheDeadAreRemovedByTheVotesOfTheOthers) {
  for (NodeOrdinal i = 0; i < 3; ++i) add(i, 100 + i);
  run(10'000);
  nodes[0]->runs = false; // the planner itself
  run(5000);
  EXPECT_NE(rows.snapshot.view.find(NodeOrdinal{0}), nullptr);
  run(8000);
  EXPECT_EQ(rows.snapshot.view.find(NodeOrdinal{0}), nullptr);
  for (const auto& owners : rows.snapshot.view.shards) EXPECT_FALSE(owners.serving.empty());
  nodes[0]->runs = true; // it was only stopped
  run(3000);
  EXPECT_EQ(phase(0), Phase::fenced);
  EXPECT_FALSE(nodes[0]->machine.read_right().held(rows.snapshot.now + 5'000'000));
  EXPECT_EQ(rows.snapshot.view.members.size(), 2U);
}

TEST_F(MembershipTest, ANewcomerWaitsForALiveTwin) {
  for (NodeOrdinal i = 0; i < 3; ++i) add(i, 100 + i);
  run(10'000);
  add(1, 555);
  run(20'000);
  EXPECT_EQ(phase(3), Phase::waiting);
  EXPECT_EQ(phase(1), Phase::up);
  nodes[1]->runs = false;
  run(15'000);
  EXPECT_EQ(phase(3), Phase::up);
  EXPECT_NE(rows.snapshot.view.find(NodeId{1, 555}), nullptr);
}

TEST_F(MembershipTest, ItsOwnEarlierLifeIsNotWaitedFor) {
  for (NodeOrdinal i = 0; i < 3; ++i) add(i, 100 + i);
  run(10'000);
  nodes[1]->runs = false;
  add(1, 555, {to_string(NodeId{1, 101})});
  run(2000); // less than a lease
  EXPECT_EQ(phase(3), Phase::up);
  EXPECT_EQ(rows.snapshot.view.members.size(), 3U);
  add(2, 666, {to_string(NodeId{1, 101}), to_string(NodeId{2, 55})}); // 2:102 is somebody else
  run(20'000);
  EXPECT_EQ(phase(4), Phase::waiting);
}

TEST_F(MembershipTest, AllThatWereKilledComeBackAtOnce) {
  for (NodeOrdinal i = 0; i < 3; ++i) add(i, 100 + i);
  run(10'000);
  for (NodeOrdinal i = 0; i < 3; ++i) nodes[i]->runs = false;
  for (NodeOrdinal i = 0; i < 3; ++i) add(i, 200 + i, {to_string(NodeId{i, 100U + i})});
  run(5000);
  for (NodeOrdinal i = 0; i < 3; ++i) EXPECT_EQ(phase(3 + i), Phase::up) << i;
}

TEST_F(MembershipTest, WithoutAMajorityTheRestWaitsUntilNoAttestationCanHelp) {
  for (NodeOrdinal i = 0; i < 3; ++i) add(i, 100 + i);
  run(10'000);
  nodes[0]->runs = nodes[1]->runs = false;
  run(20'000);
  EXPECT_EQ(rows.snapshot.view.members.size(), 3U);
  run(settings.outage_reads);
  EXPECT_EQ(rows.snapshot.view.members.size(), 1U);
}

TEST_F(MembershipTest, WithoutTheDatabaseNothingChangesAndAllComeBack) {
  for (NodeOrdinal i = 0; i < 3; ++i) add(i, 100 + i);
  run(10'000);
  const auto before = rows.snapshot.view;
  for (auto& node : nodes) node->has_database = false;
  run(60'000);
  EXPECT_TRUE(nodes[0]->machine.lost_database());
  nodes[2]->has_database = true; // the first one back gives the others time to renew
  run(2000);
  for (auto& node : nodes) node->has_database = true;
  run(10'000);
  EXPECT_EQ(rows.snapshot.view.members, before.members);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(phase(i), Phase::up);
}

TEST_F(MembershipTest, ALeavingMemberDrainsFirstAndThenGoes) {
  for (NodeOrdinal i = 0; i < 3; ++i) add(i, 100 + i);
  run(10'000);
  nodes[1]->machine.leave();
  run(15'000);
  EXPECT_EQ(phase(1), Phase::left);
  EXPECT_EQ(rows.snapshot.view.members.size(), 2U);
  for (const auto& owners : rows.snapshot.view.shards)
    EXPECT_EQ(owners.serving, (std::vector<NodeOrdinal>{0, 2}));
}

TEST_F(MembershipTest, ALeavingMemberGoesAtItsDeadlineWhateverItHolds) {
  add(0, 100);
  run(10'000);
  nodes[0]->machine.leave();
  run(settings.drain - 5000);
  EXPECT_EQ(phase(0), Phase::leaving); // nobody takes its shards
  run(10'000);
  EXPECT_EQ(phase(0), Phase::left);
  EXPECT_TRUE(rows.snapshot.view.members.empty());
}

TEST_F(MembershipTest, WhoIsToldByAPeerThatItIsGoneIsFenced) {
  add(0, 100);
  run(5000);
  auto& machine = nodes[0]->machine;
  machine.told_gone(machine.view().version);
  EXPECT_EQ(machine.phase(), Phase::up); // its own view is as new
  machine.told_gone(machine.view().version + 1);
  EXPECT_EQ(machine.phase(), Phase::fenced);
}

} // namespace
} // namespace graphrag::cluster
