// Deletes and the loading of replicas.
#include <gtest/gtest.h>

#include "cluster/delete_barrier.hpp"
#include "cluster/replica_loader.hpp"

namespace graphrag::cluster {
namespace {

const Settings settings;
NodeId node(NodeOrdinal ordinal) { return {ordinal, 10 + ordinal}; }

ClusterView view_with(ShardOwners owners, std::uint64_t version = 5, std::uint64_t seq = 0) {
  ClusterView view;
  view.version = version;
  view.seq = seq;
  for (NodeOrdinal i = 0; i < 3; ++i)
    view.members.push_back({node(i), MemberState::up, "", 1000, 0});
  view.shards = {std::move(owners)};
  return view;
}

TEST(DeleteBarrier, WaitsForEveryReplicaThatReads) {
  DeleteBarrier barrier(50, 5, 0, settings);
  EXPECT_FALSE(barrier.done()); // no view yet: nothing is known
  barrier.on_view(view_with({{0}, {}, {}}, 4));
  EXPECT_FALSE(barrier.done()); // the view at the delete was newer
  barrier.on_view(view_with({{0, 1}, {}, {2}}));
  barrier.on_report({node(0), 5, true, 50});
  barrier.on_report({node(1), 5, true, 49});
  EXPECT_EQ(barrier.waiting(), (std::vector<NodeId>{node(1), node(2)}));
  barrier.on_report({node(1), 5, true, 51});
  barrier.on_report({node(2), 4, false, 0}); // has not seen the view: it may read yet
  EXPECT_FALSE(barrier.done());
  barrier.on_report({node(2), 5, false, 0});
  EXPECT_TRUE(barrier.done());
}

TEST(DeleteBarrier, DoesNotWaitForWhoExpiredOrIsGone) {
  DeleteBarrier barrier(50, 5, 0, settings);
  Snapshot snapshot;
  snapshot.view = view_with({{0, 1, 2}, {}, {}});
  snapshot.seq = 50;
  snapshot.now = 100'000;
  for (NodeOrdinal i = 0; i < 3; ++i) {
    Lease lease;
    lease.node = node(i);
    lease.until = 100'500;
    lease.seen_view = 5;
    snapshot.leases.push_back(lease);
  }
  barrier.on_snapshot(snapshot);
  EXPECT_EQ(barrier.waiting().size(), 3U);
  barrier.on_report({node(0), 5, true, 50});
  snapshot.leases[1].until = 99'000;
  barrier.on_snapshot(snapshot); // its lease has ended, but a quorum may attest it
  EXPECT_EQ(barrier.waiting().size(), 2U);
  snapshot.leases[0].against = snapshot.leases[2].against = {node(1)};
  barrier.on_snapshot(snapshot);
  EXPECT_EQ(barrier.waiting(), std::vector<NodeId>{node(2)});
  snapshot.view.version = 6;
  snapshot.view.members.pop_back();
  barrier.on_snapshot(snapshot);
  EXPECT_TRUE(barrier.done());
}

TEST(ReplicaLoader, LoadsTailsAndServesOnceTheViewCountsOnIt) {
  ReplicaLoader loader(0, settings);
  EXPECT_FALSE(loader.follow(view_with({{1}, {0}, {}}), 0));
  const auto attempt = loader.wants_snapshot(100);
  ASSERT_TRUE(attempt);
  EXPECT_FALSE(loader.wants_snapshot(200));
  EXPECT_TRUE(loader.on_snapshot(*attempt, 40));
  EXPECT_FALSE(loader.loaded());
  EXPECT_FALSE(loader.on_tail(41, 60)); // a gap
  EXPECT_TRUE(loader.on_tail(30, 60));
  EXPECT_TRUE(loader.loaded());
  EXPECT_FALSE(loader.on_tail(30, 50)); // an old one
  EXPECT_EQ(loader.applied(), 60U);
  EXPECT_FALSE(loader.serves());
  loader.follow(view_with({{0, 1}, {}, {}}, 6, 70), 0);
  EXPECT_TRUE(loader.counted_on());
  EXPECT_FALSE(loader.serves()); // the log was further when the view was written
  EXPECT_TRUE(loader.on_tail(60, 70));
  EXPECT_TRUE(loader.serves());
}

TEST(ReplicaLoader, AnAbandonedLoadChangesNothing) {
  ReplicaLoader loader(0, settings);
  loader.follow(view_with({{1}, {0}, {}}), 0);
  const auto first = loader.wants_snapshot(0);
  EXPECT_TRUE(loader.follow(view_with({{1}, {}, {}}, 6), 0)); // moved on: drop the data
  EXPECT_FALSE(loader.on_snapshot(*first, 40));
  loader.follow(view_with({{1}, {0}, {}}, 7), 0);
  const auto second = loader.wants_snapshot(10);
  ASSERT_TRUE(second);
  EXPECT_FALSE(loader.on_snapshot(*first, 40));
  EXPECT_FALSE(loader.on_tail(0, 100));
  EXPECT_TRUE(loader.on_snapshot(*second, 90));
  EXPECT_EQ(loader.applied(), 90U);
}

TEST(ReplicaLoader, ALostSnapshotIsAskedForAgainAsAnotherAttempt) {
  ReplicaLoader loader(0, settings);
  loader.follow(view_with({{1}, {0}, {}}), 0);
  const auto first = loader.wants_snapshot(0);
  const auto second = loader.wants_snapshot(settings.load_timeout + 1);
  ASSERT_TRUE(second);
  EXPECT_NE(first, second);
  EXPECT_FALSE(loader.on_snapshot(*first, 40));
}

} // namespace
} // namespace graphrag::cluster
