// Which deletions may be forgotten: by the rule, beside groups that are on their way, and by the
// actor that has it done.
#include <future>

#include <gtest/gtest.h>

#include "actors/chunk/chunk_actor.hpp"
#include "actors/chunk/group_loader.hpp"
#include "actors/chunk/trim_actor.hpp"
#include "actors/entity/entity_actor.hpp"
#include "tests/support/followed_view.hpp"
#include "tests/unit/runtime/actor_test_kit.hpp"

namespace graphrag::chunk {
namespace {

using namespace std::chrono_literals;
using runtime::eventually;

// ---- the rule

class Trim : public testing::Test {
protected:
  void said_at(std::chrono::seconds at, std::optional<std::uint64_t> number) {
    rule_.said(begin_ + at, number);
  }
  const runtime::SteadyTime begin_ = runtime::ManualClock{}.now();
  TrimRule rule_{10min};
};

TEST_F(Trim, NothingGoesBeforeItsTime) {
  EXPECT_EQ(rule_.may_go(), 0U);
  said_at(0s, 100);
  EXPECT_EQ(rule_.may_go(), 0U);
  said_at(599s, 200);
  EXPECT_EQ(rule_.may_go(), 0U);
  said_at(600s, 300);
  EXPECT_EQ(rule_.may_go(), 100U);
}

TEST_F(Trim, WhatWasSaidLastAmongTheOldCounts) {
  for (int minute = 0; minute <= 30; ++minute) said_at(minute * 60s, 100 + minute);
  EXPECT_EQ(rule_.may_go(), 120U);
  said_at(1859s, 999);
  EXPECT_EQ(rule_.may_go(), 120U);
  said_at(1860s, 999);
  EXPECT_EQ(rule_.may_go(), 121U);
}

TEST_F(Trim, WhoGoesBackIsHeard) {
  said_at(0s, 100);
  said_at(60s, 90);
  said_at(120s, 200);
  said_at(600s, 300);
  EXPECT_EQ(rule_.may_go(), 90U);
  said_at(660s, 80);
  EXPECT_EQ(rule_.may_go(), 80U);
}

TEST_F(Trim, WhileItIsNotKnownNothingGoes) {
  said_at(0s, 100);
  said_at(600s, std::nullopt);
  EXPECT_EQ(rule_.may_go(), 0U);
  said_at(660s, 300);
  EXPECT_EQ(rule_.may_go(), 100U) << "what was true then still is";
}

TEST_F(Trim, SomebodyAloneWaitsForNobody) {
  TrimRule alone{0ms};
  alone.said(begin_, 100);
  EXPECT_EQ(alone.may_go(), 100U);
  alone.said(begin_ + 60s, 150);
  EXPECT_EQ(alone.may_go(), 150U);
}

// ---- groups on their way

runtime::ActorIdentity named(const char* kind) { return {kind, "", std::string{"/test/"} + kind}; }

// A node of one shard that holds nothing yet and stands at the log's end; `a` is in the store.
class TrimBesideALoad : public testing::Test {
protected:
  TrimBesideALoad() {
    write(test::commit_of("a", "first words"));
    stand_at_the_end();
    pool_->refs()[0].set(
        system_.system.spawn<runtime::IoActor, caf::detached>(named("loading"), 0));
  }
  ~TrimBesideALoad() override {
    go_on();
    for (const auto& actor : {pool_->refs()[0].get(), followers_[0].get(), followers_[1].get()})
      if (actor) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }
  void write(runtime::WriteOp op) {
    std::vector<runtime::WriteOp> ops{std::move(op)};
    auto written = store_->write(ops);
    ASSERT_TRUE(written && !written->results[0].error);
  }
  std::uint64_t last() { return *store_->last_seq(); }
  // What followers do: they have read all, and it was not of a group that is here.
  void stand_at_the_end() {
    for (std::uint32_t follower = 0; follower < 2; ++follower)
      views_->board().advance(follower, {last(), last()});
  }
  // No load goes on until go_on().
  void hold_up() {
    std::promise<void> held;
    ASSERT_TRUE(pool_->submit([&held, gate = gate_.get_future().share()] {
      held.set_value();
      gate.wait();
    }));
    held.get_future().wait();
  }
  void go_on() {
    if (!std::exchange(open_, true)) gate_.set_value();
  }
  void load() { loader_->load(group_, 1); }
  bool published() { return !views_->names().empty(); }
  // The followers' own actors take over from here.
  void adopt() {
    followers_[0].set(system_.system.spawn<ChunkActor, caf::detached>(named("chunk"), store_,
                                                                      views_, std::uint32_t{0}));
    followers_[1].set(
        system_.system.spawn<entity::EntityActor, caf::detached>(named("entity"), store_, views_));
    ASSERT_TRUE(eventually([&] { return views_->group(group_).loaded; }));
  }
  bool shown(const std::string& id) {
    const auto views = views_->find("default");
    return views.index && views.index->view().find_document(id).has_value();
  }
  // A deletion between the scan of its group and the group's adoption.
  void delete_before_adoption() {
    load();
    ASSERT_TRUE(eventually([&] { return published(); }));
    ASSERT_TRUE(shown("a"));
    write(runtime::DeleteOp{{"default", "a"}});
    write(test::commit_of("b", "other words"));
    stand_at_the_end();
  }

  runtime::TestSystem system_; // waits for its actors to go, so their addresses go before it
  std::shared_ptr<runtime::Store> store_ = runtime::make_memory_store();
  std::shared_ptr<Views> views_ = std::make_shared<Views>(1, 8);
  std::shared_ptr<runtime::IoPool> pool_ = std::make_shared<runtime::IoPool>("loading", 1, 8);
  std::vector<runtime::ActorRef> followers_{2};
  std::shared_ptr<GroupLoader> loader_ =
      std::make_shared<GroupLoader>(views_, store_, pool_, followers_);
  const std::uint32_t group_ = views_->group_of("default");
  std::promise<void> gate_;
  bool open_ = false;
};

TEST_F(TrimBesideALoad, ADeletionBeforeTheAdoptionIsNotLost) {
  delete_before_adoption();
  ASSERT_TRUE(store_->trim_changes(loader_->needed_after()));
  adopt();
  EXPECT_FALSE(shown("a"));
  EXPECT_TRUE(shown("b"));
  ASSERT_TRUE(eventually([&] { return loader_->needed_after() == last(); }));
}

// So the test above can fail, and the load's number is what keeps the deletion.
TEST_F(TrimBesideALoad, WithoutTheLoadsNumberItWouldBeLost) {
  delete_before_adoption();
  ASSERT_TRUE(store_->trim_changes(views_->board().applied_everywhere()));
  adopt();
  EXPECT_TRUE(shown("a"));
}

TEST_F(TrimBesideALoad, ALoadCountsFromItsBeginningToTheLastAdoption) {
  const auto begun = last();
  EXPECT_EQ(loader_->needed_after(), begun);
  hold_up();
  load();
  const auto goes_on = [&] {
    write(test::commit_of("b", std::to_string(last())));
    stand_at_the_end();
  };
  goes_on();
  EXPECT_EQ(loader_->needed_after(), begun) << "it may be reading rows already";
  go_on();
  ASSERT_TRUE(eventually([&] { return published(); }));
  goes_on();
  EXPECT_EQ(loader_->needed_after(), begun);
  auto adoption = *views_->begin_adoption(0);
  adoption.progress = {last(), last()};
  views_->finish_adoption(0, adoption, true);
  EXPECT_EQ(loader_->needed_after(), begun) << "the other follower has not adopted it";
  adoption = *views_->begin_adoption(1);
  adoption.progress = {last(), last()};
  views_->finish_adoption(1, adoption, true);
  EXPECT_EQ(loader_->needed_after(), last());
}

TEST_F(TrimBesideALoad, ALoadThatIsGivenUpCountsNoMore) {
  hold_up();
  load();
  write(test::commit_of("b", "words"));
  stand_at_the_end();
  EXPECT_LT(loader_->needed_after(), last());
  loader_->drop(group_);
  EXPECT_EQ(loader_->needed_after(), last());
}

// ---- the actor

class TrimActorTest : public testing::Test {
protected:
  TrimActorTest() {
    parts_->clock = clock_;
    parts_->store = store_;
    parts_->io = std::make_shared<runtime::IoPool>("io", 1, 8);
    for (const char* id : {"a", "b"}) write(test::commit_of(id, "words"));
  }
  ~TrimActorTest() override {
    caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
    if (io()) caf::anon_send_exit(io(), caf::exit_reason::user_shutdown);
  }
  caf::actor io() { return parts_->io->refs()[0].get(); }
  void start(std::chrono::milliseconds keep) {
    parts_->io->refs()[0].set(
        system_.system.spawn<runtime::IoActor, caf::detached>(named("io"), 0));
    actor_ = system_.system.spawn<TrimActor>(
        named("trim"), NodePartsPtr{parts_},
        Forgetting{[this]() -> std::optional<std::uint64_t> {
                     return known_ ? std::optional{store_->last_seq().value_or(0)} : std::nullopt;
                   },
                   keep});
  }
  void write(runtime::WriteOp op) {
    std::vector<runtime::WriteOp> ops{std::move(op)};
    ASSERT_TRUE(store_->write(ops));
  }
  // Has it look, and waits for what it had done.
  void look() {
    caf::scoped_actor self{system_.system};
    self->request(actor_, std::chrono::seconds(10), trim_atom::value)
        .receive([] {}, [](const caf::error&) { FAIL() << "no answer"; });
    std::promise<void> done;
    if (parts_->io->submit([&done] { done.set_value(); })) done.get_future().wait();
  }
  std::size_t removals() {
    std::size_t out = 0;
    const auto changes = store_->changes_after(0, 100);
    EXPECT_TRUE(changes);
    for (std::size_t i = 0; changes && i < changes->size(); ++i)
      out += (*changes)[i].kind == runtime::ChangeKind::remove;
    return out;
  }

  runtime::TestSystem system_; // waits for its actors to go, so their addresses go before it
  std::shared_ptr<runtime::ManualClock> clock_ = std::make_shared<runtime::ManualClock>();
  std::shared_ptr<runtime::Store> store_ = runtime::make_memory_store();
  std::shared_ptr<NodeParts> parts_ = std::make_shared<NodeParts>();
  std::atomic<bool> known_{true};
  caf::actor actor_;
};

TEST_F(TrimActorTest, ForgetsDeletionsOnceTheyAreOldEnough) {
  start(10min);
  write(runtime::DeleteOp{{"default", "a"}});
  look();
  clock_->advance(9min);
  write(runtime::DeleteOp{{"default", "b"}});
  look();
  EXPECT_EQ(removals(), 2U);
  clock_->advance(1min);
  look();
  EXPECT_EQ(removals(), 1U) << "the first is ten minutes old";
  known_ = false;
  clock_->advance(10min);
  look();
  EXPECT_EQ(removals(), 1U) << "it is for another node, or not known";
  known_ = true;
  look();
  EXPECT_EQ(removals(), 0U);
}

TEST_F(TrimActorTest, TriesAgainWhatFailed) {
  start({});
  const auto pool = parts_->io->refs()[0].get();
  parts_->io->refs()[0].set({}); // nobody takes the work
  write(runtime::DeleteOp{{"default", "a"}});
  look();
  EXPECT_EQ(removals(), 1U);
  parts_->io->refs()[0].set(pool);
  EXPECT_TRUE(eventually([&] {
    look();
    return removals() == 0;
  }));
}

} // namespace
} // namespace graphrag::chunk
