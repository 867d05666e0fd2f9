#include "runtime/actor/metered_actor.hpp"

#include <future>
#include <stdexcept>

#include <gmock/gmock.h>

#include "observability/metrics.hpp"
#include "runtime/actor/end_reason.hpp"
#include "tests/unit/runtime/actor_test_kit.hpp"

namespace {
struct Work {
  int number;
};
struct Gate { // holds the actor inside its handler
  std::shared_future<void> open;
};
struct Crash {};
struct Wait {};
struct Leave {};
struct Stranger {};
} // namespace
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Work)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Gate)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Crash)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Wait)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Leave)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Stranger)

namespace graphrag::runtime {
namespace {

using ::testing::HasSubstr;

class Worker : public MeteredActor {
public:
  Worker(caf::actor_config& config, std::string kind)
      : MeteredActor(config, {kind, "", "/test/" + kind}) {}
  caf::behavior make_behavior() override {
    return {[](const Work&) {},
            [](const Gate& gate) { gate.open.wait(); },
            [](const Crash&) { throw std::runtime_error("no more"); },
            [this](const Wait&) { pause_on_dependency("the database"); },
            [this](const Leave&) { quit(); },
            [](const std::string& text) { return text; }};
  }
};

// Remembers how a watched actor ended.
struct Ends {
  std::promise<caf::error> reason;
  std::future<caf::error> heard = reason.get_future();

  void watch(const caf::actor& actor) {
    actor->attach_functor([this](const caf::error& why) { reason.set_value(why); });
  }
  caf::error get() {
    if (heard.wait_for(std::chrono::seconds{10}) != std::future_status::ready)
      throw std::runtime_error("the actor did not end");
    return heard.get();
  }
};

TEST(MeteredActor, DepthIsExactWhileAliveFromAnyThread) {
  TestSystem test;
  auto actor = test.system.spawn<Worker>("depth_alive");
  std::promise<void> open;
  caf::anon_send(actor, Gate{open.get_future().share()});
  for (int i = 0; i < 3000; ++i) caf::anon_send(actor, Work{i});
  EXPECT_EQ(reading_of("depth_alive").depth, 3001);
  EXPECT_EQ(reading_of("depth_alive").alive, 1);
  open.set_value();
  EXPECT_TRUE(eventually([] { return reading_of("depth_alive").handled == 3001; }));
  EXPECT_EQ(reading_of("depth_alive").depth, 0);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST(MeteredActor, TheOldestMessageAges) {
  TestSystem test;
  auto actor = test.system.spawn<Worker>("ages");
  std::promise<void> open;
  caf::anon_send(actor, Gate{open.get_future().share()});
  EXPECT_TRUE(eventually([] { return reading_of("ages").oldest_seconds > 0.05; }));
  open.set_value();
  EXPECT_TRUE(eventually([] { return reading_of("ages").depth == 0; }));
  EXPECT_EQ(reading_of("ages").oldest_seconds, 0);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST(MeteredActor, AThrowIsCountedOutAndWhatWasLeftIsDeadLetters) {
  TestSystem test;
  auto actor = test.system.spawn<Worker>("throws");
  Ends ends;
  ends.watch(actor);
  std::promise<void> open;
  caf::anon_send(actor, Gate{open.get_future().share()});
  caf::anon_send(actor, Crash{});
  for (int i = 0; i < 1491; ++i) caf::anon_send(actor, Work{i});
  open.set_value();
  const auto reason = ends.get();
  EXPECT_EQ(kind_of_end(reason), EndKind::abnormal);
  EXPECT_THAT(describe_end(reason), HasSubstr("std::runtime_error: no more"));
  const auto after = reading_of("throws");
  EXPECT_EQ(after.depth, 0);
  EXPECT_EQ(after.handled, 2u);
  EXPECT_EQ(after.dead_letters, 1491u);
  EXPECT_EQ(after.alive, 0);
}

TEST(MeteredActor, MessagesToAnEndedActorAreDeadLetters) {
  TestSystem test;
  auto actor = test.system.spawn<Worker>("ended");
  Ends ends;
  ends.watch(actor);
  caf::anon_send(actor, Leave{});
  EXPECT_EQ(kind_of_end(ends.get()), EndKind::normal);
  for (int i = 0; i < 5; ++i) caf::anon_send(actor, Work{i});
  caf::anon_send_exit(actor, caf::exit_reason::kill); // CAF's own: not counted
  EXPECT_EQ(reading_of("ended").dead_letters, 5u);
  EXPECT_EQ(reading_of("ended").depth, 0);
}

TEST(MeteredActor, AMessageWithoutAHandlerIsADeadLetterAndTheActorLives) {
  TestSystem test;
  auto actor = test.system.spawn<Worker>("stranger");
  caf::anon_send(actor, Stranger{});
  EXPECT_TRUE(eventually([] { return reading_of("stranger").dead_letters == 1; }));
  caf::scoped_actor self{test.system};
  std::string answer;
  self->request(actor, std::chrono::seconds{10}, std::string{"still here"})
      .receive([&](std::string& text) { answer = std::move(text); },
               [](const caf::error& error) { FAIL() << describe_end(error); });
  EXPECT_EQ(answer, "still here");
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST(MeteredActor, ARequestToAnEndedActorFailsAtOnce) {
  TestSystem test;
  auto actor = test.system.spawn<Worker>("bounces");
  Ends ends;
  ends.watch(actor);
  caf::anon_send(actor, Leave{});
  ends.get();
  caf::scoped_actor self{test.system};
  bool failed = false;
  self->request(actor, std::chrono::seconds{10}, std::string{"hello"})
      .receive([](std::string&) { FAIL() << "a dead actor answered"; },
               [&](const caf::error& error) { failed = error == caf::sec::request_receiver_down; });
  EXPECT_TRUE(failed);
}

TEST(MeteredActor, RequestsLeftInTheMailboxAreAnsweredWithAnError) {
  TestSystem test;
  auto actor = test.system.spawn<Worker>("left_requests");
  std::promise<void> open;
  caf::anon_send(actor, Gate{open.get_future().share()});
  caf::anon_send(actor, Leave{});
  caf::scoped_actor self{test.system};
  auto request = self->request(actor, std::chrono::seconds{10}, std::string{"hello"});
  open.set_value();
  bool failed = false;
  request.receive(
      [](std::string&) { FAIL() << "a dead actor answered"; },
      [&](const caf::error& error) { failed = error == caf::sec::request_receiver_down; });
  EXPECT_TRUE(failed);
}

// An actor that skips what comes while it waits for one answer.
class Skipper : public MeteredActor {
public:
  Skipper(caf::actor_config& config, caf::actor peer)
      : MeteredActor(config, {"skipper", "", "/test/skipper"}), peer_(std::move(peer)) {}
  caf::behavior make_behavior() override {
    return {
        [this](const Leave&) {
          request(peer_, std::chrono::seconds{10}, std::string{"x"}).await([](const std::string&) {
          });
        },
        [](const Work&) {}};
  }

private:
  caf::actor peer_;
};

TEST(MeteredActor, SkippedMessagesStayCounted) {
  TestSystem test;
  auto peer = test.system.spawn<Worker>("skip_peer");
  std::promise<void> open;
  caf::anon_send(peer, Gate{open.get_future().share()});
  auto actor = test.system.spawn<Skipper>(peer);
  caf::anon_send(actor, Leave{});
  EXPECT_TRUE(eventually([] { return reading_of("skipper").handled == 1; }));
  for (int i = 0; i < 100; ++i) caf::anon_send(actor, Work{i});
  EXPECT_EQ(reading_of("skipper").depth, 100);
  open.set_value();
  EXPECT_TRUE(eventually([] { return reading_of("skipper").handled == 102; }));
  EXPECT_EQ(reading_of("skipper").depth, 0);
  for (const auto& each : {actor, peer}) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
}

TEST(MeteredActor, PauseOnDependencyIsToldApartFromACrash) {
  TestSystem test;
  auto actor = test.system.spawn<Worker>("pauses");
  Ends ends;
  ends.watch(actor);
  caf::anon_send(actor, Wait{});
  const auto reason = ends.get();
  EXPECT_EQ(kind_of_end(reason), EndKind::dependency);
  EXPECT_EQ(describe_end(reason), "waits for the database");
}

TEST(MeteredActor, UnhandledErrorDownAndExitEndItAbnormally) {
  TestSystem test;
  for (const auto* kind : {"by_error", "by_down", "by_exit"}) {
    auto actor = test.system.spawn<Worker>(kind);
    Ends ends;
    ends.watch(actor);
    if (std::string{kind} == "by_error")
      caf::anon_send(actor, caf::error{caf::sec::request_timeout});
    else if (std::string{kind} == "by_down")
      caf::anon_send(actor, caf::down_msg{actor.address(), caf::exit_reason::kill});
    else
      caf::anon_send_exit(actor, caf::exit_reason::out_of_workers);
    EXPECT_EQ(kind_of_end(ends.get()), EndKind::abnormal) << kind;
  }
  auto actor = test.system.spawn<Worker>("by_shutdown");
  Ends ends;
  ends.watch(actor);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  EXPECT_EQ(kind_of_end(ends.get()), EndKind::shutdown);
}

TEST(MeteredActor, DetachedActorsAreCountedToo) {
  TestSystem test;
  auto actor = test.system.spawn<Worker, caf::detached>("own_thread");
  std::promise<void> open;
  caf::anon_send(actor, Gate{open.get_future().share()});
  for (int i = 0; i < 10; ++i) caf::anon_send(actor, Work{i});
  EXPECT_EQ(reading_of("own_thread").depth, 11);
  open.set_value();
  EXPECT_TRUE(eventually([] { return reading_of("own_thread").depth == 0; }));
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST(MeteredActor, TemporaryActorsShareAMeterAndLeaveNothingBehind) {
  TestSystem test;
  for (int i = 0; i < 2000; ++i) {
    auto actor = test.system.spawn<Worker>("temporary");
    caf::anon_send(actor, Work{i});
    caf::anon_send(actor, Leave{});
  }
  EXPECT_TRUE(eventually([] { return reading_of("temporary").alive == 0; }));
  const auto after = reading_of("temporary");
  EXPECT_EQ(after.handled, 4000u);
  EXPECT_EQ(after.depth, 0);
  EXPECT_EQ(after.dead_letters, 0u);
}

TEST(MeteredActor, TheFamiliesAreExported) {
  TestSystem test;
  export_actor_metrics();
  export_actor_metrics();
  auto actor = test.system.spawn<Worker>("exported");
  for (int i = 0; i < 64; ++i) caf::anon_send(actor, Work{i});
  EXPECT_TRUE(eventually([] { return reading_of("exported").handled == 64; }));
  const auto text = observability::expose();
  EXPECT_THAT(text, HasSubstr("graphrag_actor_mailbox_depth{kind=\"exported\",instance=\"\"} 0\n"));
  EXPECT_THAT(text,
              HasSubstr("graphrag_actor_handled_total{kind=\"exported\",instance=\"\"} 64\n"));
  EXPECT_THAT(text, HasSubstr("graphrag_actor_alive{kind=\"exported\",instance=\"\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("graphrag_actor_handling_seconds_count{kind=\"exported\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE graphrag_actor_handling_seconds histogram\n"));
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

} // namespace
} // namespace graphrag::runtime
