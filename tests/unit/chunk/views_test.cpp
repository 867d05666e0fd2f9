// Groups of collections that come and go while followers apply the log.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/chunk/loader.hpp"
#include "actors/chunk/views.hpp"
#include "tests/support/followed_view.hpp"

namespace graphrag::chunk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

CollectionMap some(const std::string& name, std::uint32_t shards) {
  CollectionMap out;
  out[name] = {CollectionIndex::make(name, shards), std::make_shared<entity::EntityView>()};
  return out;
}

void adopt_all(Views& views, std::uint64_t upto) {
  for (std::uint32_t follower = 0; follower <= views.shards(); ++follower)
    while (auto adoption = views.begin_adoption(follower)) {
      adoption->progress = {upto, upto};
      views.finish_adoption(follower, *adoption, true);
    }
}

// A node on its own that has applied nothing yet.
std::unique_ptr<Views> alone() {
  auto views = std::make_unique<Views>(2);
  views->begin(0, 1);
  EXPECT_TRUE(views->publish(0, 1, 0, {}));
  adopt_all(*views, 0);
  return views;
}

TEST(Views, ALateFollowerNeitherRevivesNorDropsACollection) {
  const auto views = alone();
  ASSERT_TRUE(views->ensure(0, "a", 1).index);
  EXPECT_TRUE(views->knows("a"));
  views->drop("a", 5); // the first follower
  EXPECT_FALSE(views->knows("a"));
  EXPECT_FALSE(views->ensure(1, "a", 4).index); // a late one, before the drop
  auto again = views->ensure(0, "a", 6).index;  // the first one, after a new creation
  ASSERT_TRUE(again);
  views->drop("a", 5); // the late one reaches the drop
  EXPECT_EQ(views->find("a").index, again);
  EXPECT_TRUE(views->knows("a"));
}

class Groups : public ::testing::Test {
protected:
  Views views_{2, 8};
  const std::uint32_t group_ = views_.group_of("a");
};

TEST_F(Groups, NothingIsHereAtFirst) {
  EXPECT_FALSE(views_.ensure(0, "a", 1).index);
  EXPECT_FALSE(views_.follows(0, "a", 1));
  EXPECT_EQ(views_.group(group_).attempt, 0U);
  views_.made("a", 3);
  EXPECT_TRUE(views_.knows("a")) << "though it is held elsewhere";
  EXPECT_THAT(views_.names(), IsEmpty());
}

TEST_F(Groups, AGroupIsLoadedOnceEveryFollowerHasAdoptedIt) {
  views_.begin(group_, 7);
  EXPECT_EQ(views_.group(group_).attempt, 7U);
  ASSERT_TRUE(views_.publish(group_, 7, 10, some("a", 2)));
  EXPECT_THAT(views_.names(), ElementsAre("a"));
  for (std::uint32_t follower = 0; follower < 3; ++follower) {
    EXPECT_FALSE(views_.group(group_).loaded);
    EXPECT_FALSE(views_.follows(follower, "a", 99));
    auto adoption = views_.begin_adoption(follower);
    ASSERT_TRUE(adoption);
    EXPECT_EQ(adoption->group, group_);
    EXPECT_EQ(adoption->progress.applied, 10U);
    EXPECT_TRUE(views_.ensure(follower, "a", 11).index) << "what came after the load goes there";
    adoption->progress = {12 + follower, 12 + follower};
    views_.finish_adoption(follower, *adoption, true);
    EXPECT_FALSE(views_.begin_adoption(follower));
  }
  EXPECT_TRUE(views_.group(group_).loaded);
  EXPECT_EQ(views_.group(group_).applied, 12U);
  EXPECT_FALSE(views_.follows(0, "a", 12)) << "it is in there already";
  EXPECT_TRUE(views_.follows(0, "a", 13));
  for (std::uint32_t follower = 0; follower < 3; ++follower)
    views_.board().advance(follower, {20, 20});
  EXPECT_EQ(views_.group(group_).applied, 20U);
}

TEST_F(Groups, AnInterruptedAdoptionGoesOnWhereItStood) {
  views_.begin(group_, 7);
  ASSERT_TRUE(views_.publish(group_, 7, 10, some("a", 2)));
  auto adoption = *views_.begin_adoption(1);
  adoption.progress = {10, 15};
  views_.finish_adoption(1, adoption, false);
  EXPECT_FALSE(views_.ensure(1, "a", 16).index) << "nobody applies meanwhile";
  adoption = *views_.begin_adoption(1);
  EXPECT_EQ(adoption.progress.reached, 15U);
}

TEST_F(Groups, WhatIsGivenUpTakesNothingAnyMore) {
  views_.begin(group_, 7);
  ASSERT_TRUE(views_.publish(group_, 7, 10, some("a", 2)));
  const auto adoption = *views_.begin_adoption(0);
  views_.let_go(group_);
  EXPECT_FALSE(views_.find("a").index);
  EXPECT_FALSE(views_.ensure(0, "a", 11).index);
  EXPECT_TRUE(views_.knows("a"));
  views_.begin(group_, 8);
  EXPECT_FALSE(views_.publish(group_, 7, 10, some("a", 2))) << "a load that nobody waits for";
  ASSERT_TRUE(views_.publish(group_, 8, 20, some("a", 2)));
  views_.finish_adoption(0, adoption, true); // of the older attempt
  EXPECT_FALSE(views_.follows(0, "a", 99));
  EXPECT_FALSE(views_.ensure(0, "a", 21).index);
  views_.let_go(group_, 7);
  EXPECT_TRUE(views_.find("a").index) << "that attempt is over";
  views_.let_go(group_, 8);
  EXPECT_EQ(views_.group(group_).attempt, 0U);
}

TEST_F(Groups, ACollectionThatWasDroppedWhileItWasLoadedStaysAway) {
  views_.made("a", 5);
  views_.begin(group_, 7);
  views_.drop("a", 12); // a follower is further than the load was
  ASSERT_TRUE(views_.publish(group_, 7, 10, some("a", 2)));
  EXPECT_FALSE(views_.find("a").index);
  EXPECT_FALSE(views_.knows("a"));
  adopt_all(views_, 15);
  EXPECT_TRUE(views_.ensure(0, "a", 16).index) << "made again";
}

TEST_F(Groups, ADropThatAFollowerReachesLateLeavesALaterLoadAlone) {
  views_.begin(group_, 7); // dropped at 10, made again at 11
  ASSERT_TRUE(views_.publish(group_, 7, 12, some("a", 2)));
  views_.drop("a", 10);
  EXPECT_TRUE(views_.find("a").index);
  EXPECT_TRUE(views_.knows("a"));
  views_.drop("a", 14);
  EXPECT_FALSE(views_.find("a").index);
}

TEST_F(Groups, ALoadBringsTheCollectionsThatAreWanted) {
  auto store = runtime::make_memory_store();
  std::vector<runtime::WriteOp> ops{runtime::CreateCollectionOp{"other"},
                                    test::commit_of("x", "one")};
  auto in_other = test::commit_of("y", "two");
  in_other.input.key.collection = "other";
  in_other.chunks[0].id = "another";
  ops.push_back(in_other);
  ASSERT_TRUE(store->write(ops));
  auto loaded =
      load_collections(*store, 2, [](const std::string& name) { return name == "other"; });
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->report.documents, 1U);
  EXPECT_EQ(loaded->report.seq, *store->last_seq());
  ASSERT_EQ(loaded->collections.size(), 1U);
  EXPECT_TRUE(loaded->collections["other"].index->view().find_document("y"));
}

} // namespace
} // namespace graphrag::chunk
