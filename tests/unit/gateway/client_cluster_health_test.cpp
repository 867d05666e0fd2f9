#include "gateway/client/cluster_health.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace graphrag::client {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json member(unsigned ordinal, std::uint64_t memory = 1'000'000) {
  return {{"ordinal", ordinal}, {"state", "up"}, {"reached", true}, {"memory_budget", memory}};
}

json shard(std::vector<unsigned> serving) {
  return {{"serving", serving}, {"loading", json::array()}, {"retiring", json::array()}};
}

class ClusterFindings : public testing::Test {
protected:
  std::vector<std::string> found() const { return cluster_findings(status); }
  json status{{"members", {member(0), member(1)}},
              {"placement", {shard({0, 1}), shard({0, 1}), shard({0, 1})}},
              {"replicas", 2},
              {"no_room", json::array()},
              {"quorum", true},
              {"ready", true},
              {"database", {{"lost", false}, {"age_ms", 80}}}};
};

TEST_F(ClusterFindings, NothingIsSaidWhenAllIsWell) { EXPECT_THAT(found(), IsEmpty()); }

TEST_F(ClusterFindings, ALostDatabaseIsOne) {
  status["database"] = {{"lost", true}, {"age_ms", 7300}};
  EXPECT_THAT(found(), ElementsAre("the database does not answer, for 7.3 s now"));
  status["database"] = {{"lost", false}, {"age_ms", -1}};
  EXPECT_THAT(found(), ElementsAre("the database has not answered yet"));
}

TEST_F(ClusterFindings, ShardsWithoutRoomAreNamed) {
  status["no_room"] = {2};
  EXPECT_THAT(found(),
              ElementsAre("no node has room (cluster.max_memory) for a replica of 1 shard: 2"));
  status["no_room"] = std::vector<unsigned>(20, 7);
  EXPECT_THAT(found()[0], testing::EndsWith("of 20 shards: 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 ..."));
}

TEST_F(ClusterFindings, FewerHoldersThanReplicasAreOne) {
  const auto one_of_two = "1 of 2 replicas: too few members that can hold collections "
                          "(cluster.replicas)";
  status["placement"] = {shard({0}), shard({0}), shard({0})};
  status["members"] = json::array({member(0)});
  EXPECT_THAT(found(), ElementsAre(one_of_two));
  status["members"] = {member(0), member(1, 0)}; // a gateway that holds nothing
  EXPECT_THAT(found(), ElementsAre(one_of_two));
}

TEST_F(ClusterFindings, AShardWithTooFewReplicasIsOne) {
  status["placement"][1] = shard({1});
  EXPECT_THAT(found(), ElementsAre("1 of 2 replicas of some: 1 shard has too few"));
  status["placement"][1] = shard({});
  EXPECT_THAT(found(), ElementsAre("nobody serves 1 shard"));
}

TEST_F(ClusterFindings, WhatIsUnderWayIsNotWellYet) {
  status["placement"][0]["loading"] = {2};
  status["placement"][2]["retiring"] = {3, 4};
  EXPECT_THAT(found(), ElementsAre("replicas that are loading: 1", "replicas that are leaving: 2"));
}

TEST_F(ClusterFindings, MembersThatAreNotUpOrNotReachedAreNamed) {
  status["members"].push_back(member(4));
  status["members"][2]["state"] = "leaving\033[2J";
  status["members"][1]["reached"] = false;
  EXPECT_THAT(found(), ElementsAre("node 1 is NOT REACHED", "node 4 is leaving\xef\xbf\xbd[2J"));
}

TEST_F(ClusterFindings, TheOneThatAnsweredIsJudgedToo) {
  status["ready"] = false;
  status["quorum"] = false;
  EXPECT_THAT(found(), ElementsAre("the node that answered is not ready",
                                   "the node that answered has no quorum"));
}

TEST_F(ClusterFindings, AnOlderServerIsNotJudgedByWhatItDoesNotSay) {
  status.erase("replicas");
  status.erase("database");
  status.erase("no_room");
  for (auto& one : status["members"]) one.erase("memory_budget");
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(ClusterFindings, NobodyAndNothingIsNotWell) {
  status["members"] = json::array();
  status["placement"] = json::array();
  EXPECT_THAT(found(), testing::Contains("there are no members"));
  EXPECT_THAT(found(), testing::Contains("no shard has a place yet"));
}

} // namespace
} // namespace graphrag::client
