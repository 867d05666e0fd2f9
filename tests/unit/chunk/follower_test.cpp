// The follower against the memory store: hints that are lost, doubled or late change nothing.
#include <gtest/gtest.h>

#include <random>

#include "actors/chunk/follower.hpp"
#include "actors/chunk/visibility_board.hpp"
#include "runtime/store/faulty_store.hpp"
#include "tests/support/followed_view.hpp"

namespace graphrag::chunk {
namespace {

using runtime::ChangeKind;

using test::applies_to;
using test::commit_of;

// What a follower knows: id -> text.
struct World {
  std::shared_ptr<runtime::FaultyStore> store =
      std::make_shared<runtime::FaultyStore>(runtime::make_memory_store());
  std::map<std::string, std::string> view;
  std::vector<LogBatch> sent;
  Follower follower{*store,
                    {start(), start()},
                    [](std::uint64_t, const LogEntry&) { return true; },
                    applies_to(view)};

  std::uint64_t start() { return store->last_seq().value_or(0); }
  LogBatch write(runtime::WriteOp op, ChangeKind kind, const std::string& id) {
    std::vector<runtime::WriteOp> ops{std::move(op)};
    auto summary = store->write(ops);
    EXPECT_TRUE(summary.has_value());
    EXPECT_FALSE(summary->results[0].error);
    return {summary->previous_seq, summary->seq, {{kind, "default", id, nullptr}}};
  }
  std::map<std::string, std::string> truth() {
    std::map<std::string, std::string> out;
    EXPECT_TRUE(store
                    ->scan_live([&](runtime::DocumentContent&& content) {
                      if (content.record.key.collection == "default")
                        out[content.record.key.id] = content.text;
                      return true;
                    })
                    .has_value());
    return out;
  }
};

TEST(Follower, AppliesHintsInOrder) {
  World world;
  ASSERT_TRUE(world.follower.on_batch(world.write(commit_of("a", "one"), ChangeKind::commit, "a")));
  ASSERT_TRUE(world.follower.on_batch(world.write(commit_of("a", "two"), ChangeKind::commit, "a")));
  EXPECT_EQ(world.view, (std::map<std::string, std::string>{{"a", "two"}}));
}

TEST(Follower, AGapIsReadFromTheStore) {
  World world;
  world.write(commit_of("a", "one"), ChangeKind::commit, "a"); // this hint is lost
  world.write(commit_of("b", "two"), ChangeKind::commit, "b"); // and this
  ASSERT_TRUE(
      world.follower.on_batch(world.write(commit_of("c", "three"), ChangeKind::commit, "c")));
  EXPECT_EQ(world.view, world.truth());
  EXPECT_EQ(world.view.size(), 3U);
}

TEST(Follower, ARemovedDocumentIsNotRevivedByALateHint) {
  World world;
  auto late = world.write(commit_of("a", "one"), ChangeKind::commit, "a");
  auto removal =
      world.write(runtime::DeleteOp{{"default", "a"}, std::nullopt}, ChangeKind::remove, "a");
  ASSERT_TRUE(world.follower.on_batch(removal));
  ASSERT_TRUE(world.follower.on_batch(late));
  EXPECT_TRUE(world.view.empty());
}

TEST(Follower, PollFindsALostHintOnTheSecondLook) {
  World world;
  world.write(commit_of("a", "one"), ChangeKind::commit, "a");
  ASSERT_TRUE(world.follower.poll()); // the hint may still be under way
  EXPECT_TRUE(world.view.empty());
  ASSERT_TRUE(world.follower.poll());
  EXPECT_EQ(world.view.size(), 1U);
}

// A tail names a document once, at its newest change. When it breaks off, what came before may
// miss older changes of documents that it did not come to.
TEST(Follower, AnInterruptedTailClaimsNothing) {
  World world;
  world.write(commit_of("a", "one"), ChangeKind::commit, "a"); // superseded
  for (int i = 0; i < 70; ++i)                                 // more than are read at a time
    world.write(commit_of("b" + std::to_string(i), "two"), ChangeKind::commit, "b");
  world.write(commit_of("a", "more"), ChangeKind::commit, "a");
  const auto before = world.follower.progress().applied;
  int reads = 0;
  world.store->set_read_hook([&] {
    if (++reads == 3)
      world.store->fail_reads(runtime::Errc::unavailable); // last_seq, list, some; rest
  });
  ASSERT_FALSE(world.follower.catch_up());
  EXPECT_EQ(world.follower.progress().applied, before);
  EXPECT_TRUE(world.view.empty());
  world.store->set_read_hook({});
  ASSERT_TRUE(
      world.follower.on_batch(world.write(commit_of("c", "three"), ChangeKind::commit, "c")));
  EXPECT_EQ(world.view, world.truth());
  EXPECT_EQ(world.follower.progress().applied, *world.store->last_seq());
}

TEST(Follower, ReadsManyDocumentsAtATime) {
  World world;
  for (int i = 0; i < 200; ++i)
    world.write(commit_of("d" + std::to_string(i), "one"), ChangeKind::commit, "d");
  int reads = 0;
  world.store->set_read_hook([&] { ++reads; });
  ASSERT_TRUE(world.follower.catch_up());
  world.store->set_read_hook({});
  EXPECT_EQ(world.view, world.truth());
  EXPECT_LT(reads, 10);
}

TEST(Follower, WhatItClaimsIsInTheViewWhateverReadsFail) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    World world;
    std::mt19937 random{seed};
    std::map<std::string, std::uint64_t> written; // id -> the number at which it came to be
    world.store->set_read_hook([&] {
      if (random() % 4 == 0) world.store->fail_reads(runtime::Errc::unavailable);
    });
    for (int step = 0; step < 60; ++step) {
      const auto id = "d" + std::to_string(random() % 12);
      const auto batch = world.write(commit_of(id, std::to_string(step)), ChangeKind::commit, id);
      written.emplace(id, batch.seq);
      if (random() % 3 == 0) (void)world.follower.on_batch(batch);
      if (random() % 8 == 0) (void)world.follower.catch_up();
      const auto progress = world.follower.progress();
      ASSERT_LE(progress.applied, progress.reached);
      for (const auto& [known, seq] : written)
        ASSERT_TRUE(seq > progress.applied || world.view.contains(known))
            << known << " of " << seq << " at " << progress.applied << ", seed " << seed;
    }
    world.store->set_read_hook({});
    while (!world.follower.catch_up()) {
    } // failures planned before
    EXPECT_EQ(world.view, world.truth());
  }
}

TEST(Follower, RandomLossDoublingAndReorderingEndInTheTruth) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    World world;
    std::mt19937 random{seed};
    std::vector<LogBatch> on_the_way;
    for (int step = 0; step < 120; ++step) {
      auto id = std::string(1, static_cast<char>('a' + random() % 6));
      bool exists = world.store->document({"default", id}).has_value();
      if (exists && random() % 4 == 0)
        on_the_way.push_back(
            world.write(runtime::DeleteOp{{"default", id}, std::nullopt}, ChangeKind::remove, id));
      else
        on_the_way.push_back(
            world.write(commit_of(id, "text " + std::to_string(step)), ChangeKind::commit, id));
      while (!on_the_way.empty() && random() % 3 != 0) {
        auto at = random() % on_the_way.size();
        auto before = world.follower.progress().applied;
        if (random() % 4 != 0) {
          ASSERT_TRUE(world.follower.on_batch(on_the_way[at]));
        }
        EXPECT_GE(world.follower.progress().applied, before);
        if (random() % 5 != 0)
          on_the_way.erase(on_the_way.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
    ASSERT_TRUE(world.follower.catch_up());
    EXPECT_EQ(world.view, world.truth()) << "seed " << seed;
  }
}

TEST(VisibilityBoard, AnswersOnceEveryFollowerIsThere) {
  VisibilityBoard board{3};
  std::vector<std::uint64_t> answers;
  auto ask = [&](std::uint64_t seq) {
    return board.wait(seq, runtime::Promise<std::uint64_t>{[&](runtime::Result<std::uint64_t> r) {
                        answers.push_back(r.value_or(0));
                      }});
  };
  ask(2);
  board.advance(0, {2, 2});
  board.advance(1, {3, 3});
  EXPECT_TRUE(answers.empty());
  board.advance(2, {2, 2});
  EXPECT_EQ(answers, (std::vector<std::uint64_t>{2}));
  ask(1);
  EXPECT_EQ(answers.size(), 2U);
  auto ticket = ask(9);
  board.cancel(ticket);
  EXPECT_EQ(answers.back(), 0U) << "a canceled wait hears `lost`";
}

} // namespace
} // namespace graphrag::chunk
