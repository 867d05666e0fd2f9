// The machines of cluster/ in a simulated cluster under random faults (cluster_world.hpp). The seed
// of a failure is printed with the command that runs it again:
//   GRAPHRAG_SIM_SEED=17 build/release/tests/sim --gtest_filter=ClusterSim.RunsOneSeedAgain
// GRAPHRAG_SIM_SEEDS=100000 runs that many instead of the few of every day.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/sim/cluster_world.hpp"

namespace graphrag::cluster::sim {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t everyday_seeds = 60;
#else
constexpr std::uint64_t everyday_seeds = 500;
#endif
constexpr std::uint64_t search_seeds = 2000;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string again(std::uint64_t seed) {
  return "again with: GRAPHRAG_SIM_SEED=" + std::to_string(seed) +
         " build/release/tests/sim --gtest_filter=ClusterSim.RunsOneSeedAgain";
}

TEST(ClusterSim, HoldsForManySeeds) {
  Tally all;
  const auto first = number_from("GRAPHRAG_SIM_SEED", 1);
  const auto seeds = number_from("GRAPHRAG_SIM_SEEDS", everyday_seeds);
  for (auto seed = first; seed < first + seeds; ++seed) {
    World world(seed, Mistake::none);
    const auto violation = world.run();
    ASSERT_FALSE(violation) << "seed " << seed << ": " << *violation << "\n" << again(seed);
    const auto& tally = world.tally();
    ASSERT_GE(tally.events, 200U) << "seed " << seed;
    ASSERT_GE(tally.faults, 5U) << "seed " << seed;
    for (const auto& [fault, count] : tally.by_fault) all.by_fault[fault] += count;
    all.acknowledged += tally.acknowledged;
    all.deletes += tally.deletes;
    all.questions += tally.questions;
    all.partial += tally.partial;
    all.fenced_writes += tally.fenced_writes;
    all.fenced_nodes += tally.fenced_nodes;
    all.reads_on_attestation += tally.reads_on_attestation;
  }
  // Much of everything must have happened, or the runs say nothing.
  if (seeds < 50) return;
  for (const char* fault :
       {"crash", "crash of all", "pause", "network", "database", "twin", "join", "leave"})
    EXPECT_GT(all.by_fault[fault], 10U) << fault;
  EXPECT_GT(all.acknowledged, 20 * seeds);
  EXPECT_GT(all.deletes, 10 * seeds);
  EXPECT_GT(all.questions, 30 * seeds);
  EXPECT_LT(all.partial, all.questions / 3);
  EXPECT_GT(all.fenced_writes, seeds);
  EXPECT_GT(all.fenced_nodes, 0U);
  EXPECT_GT(all.reads_on_attestation, seeds);
}

TEST(ClusterSim, RunsOneSeedAgain) {
  const auto seed = number_from("GRAPHRAG_SIM_SEED", 1);
  World world(seed, Mistake::none);
  world.trace = std::getenv("GRAPHRAG_SIM_SEED") != nullptr;
  const auto violation = world.run();
  EXPECT_FALSE(violation) << "seed " << seed << ": " << *violation;
}

TEST(ClusterSim, TheSameSeedIsTheSameHistory) {
  World one(7, Mistake::none), other(7, Mistake::none);
  EXPECT_EQ(one.run(), other.run());
  EXPECT_EQ(one.tally().events, other.tally().events);
  EXPECT_EQ(one.tally().views, other.tally().views);
  EXPECT_EQ(one.tally().questions, other.tally().questions);
  EXPECT_EQ(one.tally().settled_in, other.tally().settled_in);
}

struct Planted {
  const char* name;
  Mistake mistake;
  std::uint64_t seed; // the first one that finds it
};

class ClusterSimMistake : public testing::TestWithParam<Planted> {};

TEST_P(ClusterSimMistake, IsFound) {
  const auto& planted = GetParam();
  if (World(planted.seed, planted.mistake).run()) return;
  for (std::uint64_t seed = 1; seed <= search_seeds; ++seed) {
    if (!World(seed, planted.mistake).run()) continue;
    FAIL() << "the kept seed " << planted.seed << " finds it no more, seed " << seed << " does";
  }
  FAIL() << "no seed up to " << search_seeds << " finds it";
}

INSTANTIATE_TEST_SUITE_P(
    , ClusterSimMistake,
    testing::Values(Planted{"NoEpochCheck", Mistake::no_epoch_check, 1},
                    Planted{"AcknowledgedBeforeTheCommit", Mistake::ack_before_commit, 1},
                    Planted{"TwoAppliers", Mistake::two_appliers, 4},
                    Planted{"LeaseNotCheckedAfterAPause", Mistake::lease_not_checked_after_pause,
                            1},
                    Planted{"CompareAndSetIgnored", Mistake::view_cas_ignored, 1},
                    Planted{"OldOwnerDropsFirst", Mistake::drops_before_load, 1},
                    Planted{"DeleteAnsweredBeforeReplicas", Mistake::delete_before_replicas, 1},
                    Planted{"ReadLeaseIgnored", Mistake::read_lease_ignored, 1},
                    Planted{"StaleIncarnationHeard", Mistake::stale_incarnation_heard, 1},
                    Planted{"DoubleClaim", Mistake::double_claim, 1},
                    Planted{"ClaimKeptByTheDead", Mistake::claim_kept_by_the_dead, 4},
                    Planted{"RemovedWithoutVotes", Mistake::lease_end_is_enough, 3}),
    [](const auto& param) { return std::string(param.param.name); });

} // namespace
} // namespace graphrag::cluster::sim
