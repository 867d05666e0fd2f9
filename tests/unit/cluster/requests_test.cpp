#include <gtest/gtest.h>

#include <random>

#include "cluster/request/peer_requests.hpp"
#include "cluster/request/request_body.hpp"
#include "runtime/transport/memory_network.hpp"

namespace graphrag::cluster {
namespace {

using namespace std::chrono_literals;
using runtime::Errc;
using runtime::Result;

// An answer that remembers what it heard, and how often.
struct Heard {
  Answer promise() {
    return Answer{[this](Result<std::string> result) {
      ++times;
      value = std::move(result);
    }};
  }
  std::string text() const { return value ? *value : std::string{to_string(value.error().code)}; }
  int times = 0;
  Result<std::string> value = "nothing yet";
};

class RequestsTest : public testing::Test {
protected:
  void serve_echo() {
    b.on_request([](Incoming in, Answer answer) { answer.fulfil(in.kind + ":" + in.body); });
  }
  void ask(Heard& heard, std::chrono::milliseconds within = 100ms) {
    a.request(2, "echo", "x", clock.now() + within, heard.promise());
  }

  runtime::ManualClock clock;
  runtime::MemoryNetwork network{1};
  std::unique_ptr<runtime::Transport> end_a = network.join(1), end_b = network.join(2);
  PeerRequests a{*end_a, clock, {4, 2}}, b{*end_b, clock, {4, 2}};
};

TEST_F(RequestsTest, AnAnswerComesBack) {
  serve_echo();
  Heard heard;
  ask(heard);
  EXPECT_EQ(a.pending(), 1U);
  network.settle();
  EXPECT_EQ(heard.text(), "echo:x");
  EXPECT_EQ(heard.times, 1);
  EXPECT_EQ(a.pending(), 0U);
}

TEST_F(RequestsTest, TheServerKnowsWhoAsksAndHowLongItHas) {
  Incoming seen;
  b.on_request([&](Incoming in, Answer answer) {
    seen = std::move(in);
    answer.fulfil("");
  });
  Heard heard;
  a.request(2, "echo", "x", clock.now() + 70ms, heard.promise(), 9);
  network.settle();
  EXPECT_EQ(seen.from, 1U);
  EXPECT_EQ(seen.incarnation, 1U);
  EXPECT_EQ(seen.epoch, 9U);
  EXPECT_EQ(seen.deadline, clock.now() + 70ms);
}

TEST_F(RequestsTest, ADeadlineEndsItOnceAndALateAnswerIsNobodys) {
  Answer held;
  b.on_request([&](Incoming, Answer answer) { held = std::move(answer); });
  Heard heard;
  ask(heard);
  network.settle();
  clock.advance(99ms);
  a.expire();
  EXPECT_EQ(heard.times, 0);
  clock.advance(1ms);
  a.expire();
  EXPECT_EQ(heard.text(), "timeout");
  held.fulfil("late");
  network.settle();
  EXPECT_EQ(heard.times, 1);
}

TEST_F(RequestsTest, ErrorsTravelWithTheirNames) {
  b.on_request([](Incoming, Answer answer) {
    answer.fulfil(runtime::fail(Errc::stale_epoch, "an older claim"));
  });
  Heard heard;
  ask(heard);
  network.settle();
  EXPECT_EQ(heard.text(), "stale_epoch");
  EXPECT_EQ(heard.value.error().detail, "an older claim");
}

TEST_F(RequestsTest, ADroppedPromiseAnswersLost) {
  b.on_request([](Incoming, Answer) {});
  Heard heard;
  ask(heard);
  network.settle();
  EXPECT_EQ(heard.text(), "lost");
}

TEST_F(RequestsTest, NobodyServesYet) {
  Heard heard;
  ask(heard);
  network.settle();
  EXPECT_EQ(heard.text(), "unavailable");
}

TEST_F(RequestsTest, BoundsOnBothSides) {
  std::vector<Answer> held;
  b.on_request([&](Incoming, Answer answer) { held.push_back(std::move(answer)); });
  std::vector<Heard> heard(6);
  for (auto& one : heard) ask(one);
  EXPECT_EQ(heard[4].text(), "overloaded"); // four of ours may wait
  EXPECT_EQ(heard[5].text(), "overloaded");
  network.settle();
  EXPECT_EQ(held.size(), 2U); // two are served at a time
  EXPECT_EQ(heard[2].text(), "overloaded");
  EXPECT_EQ(heard[3].text(), "overloaded");
  for (const auto& one : held) one.fulfil("done");
  network.settle();
  EXPECT_EQ(heard[0].text(), "done");
  Heard again;
  ask(again);
  network.settle();
  EXPECT_EQ(held.size(), 3U);
  held.clear();
  network.settle();
}

TEST_F(RequestsTest, WhatCannotBeSentFailsAtOnce) {
  Heard stranger, large, late, long_kind;
  a.request(9, "echo", "x", clock.now() + 1s, stranger.promise());
  EXPECT_EQ(stranger.text(), "not_found");
  a.request(2, "echo", std::string(max_request_body_bytes + 1, 'x'), clock.now() + 1s,
            large.promise());
  EXPECT_EQ(large.text(), "invalid_argument");
  a.request(2, std::string(65, 'k'), "x", clock.now() + 1s, long_kind.promise());
  EXPECT_EQ(long_kind.text(), "invalid_argument");
  a.request(2, "echo", "x", clock.now(), late.promise());
  EXPECT_EQ(late.text(), "timeout");
  EXPECT_EQ(a.pending(), 0U);
}

TEST_F(RequestsTest, TheLargestBodyGoesBothWays) {
  b.on_request([](Incoming in, Answer answer) { answer.fulfil(std::move(in.body)); });
  Heard heard;
  const std::string large(max_request_body_bytes, 'x');
  a.request(2, std::string(runtime::max_kind_bytes, 'k'), large, clock.now() + 1s, heard.promise());
  network.settle();
  EXPECT_EQ(heard.text(), large);
}

TEST_F(RequestsTest, AnAnswerThatIsTooLargeIsAnError) {
  b.on_request(
      [](Incoming, Answer answer) { answer.fulfil(std::string(max_request_body_bytes + 1, 'x')); });
  Heard heard;
  ask(heard);
  network.settle();
  EXPECT_EQ(heard.text(), "invalid_argument");
}

TEST_F(RequestsTest, OtherMessagesPassThrough) {
  std::string got;
  b.on_message([&](const runtime::Envelope& envelope) { got = envelope.kind + envelope.body; });
  ASSERT_TRUE(end_a->send({0, 2, 0, 0, "hint", "!"}));
  network.settle();
  EXPECT_EQ(got, "hint!");
}

TEST_F(RequestsTest, GarbageInRequestsAndAnswersIsNobodys) {
  serve_echo();
  Heard heard;
  ask(heard);
  std::mt19937 random{3};
  for (int i = 0; i < 500; ++i) {
    std::string bytes(random() % 40, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    if (i % 3 == 0) bytes = "\x94" + bytes;
    if (i % 3 == 1) bytes = "\x93" + bytes;
    ASSERT_TRUE(end_a->send({0, 2, 0, 0, "request", bytes}));
    ASSERT_TRUE(end_b->send({0, 1, 0, 0, "answer", bytes}));
  }
  network.settle();
  EXPECT_EQ(heard.text(), "echo:x");
}

TEST(Requests, StoppingEndsWhatIsPendingAndAnswersGoNowhere) {
  runtime::ManualClock clock;
  runtime::MemoryNetwork network{1};
  auto end_a = network.join(1), end_b = network.join(2);
  Heard heard;
  Answer held;
  {
    PeerRequests a{*end_a, clock}, b{*end_b, clock};
    b.on_request([&](Incoming, Answer answer) { held = std::move(answer); });
    a.request(2, "echo", "x", clock.now() + 1s, heard.promise());
    network.settle();
  }
  EXPECT_EQ(heard.text(), "canceled");
  held.fulfil("too late");
  network.settle();
  EXPECT_EQ(heard.times, 1);
}

// A transport whose peers come and go by hand.
struct HandTransport final : runtime::Transport {
  runtime::NodeOrdinal self() const override { return 1; }
  runtime::Status send(runtime::Envelope) override { return {}; }
  void on_receive(Receive) override {}
  void on_peer(HearPeer hear) override { tell = std::move(hear); }
  HearPeer tell;
};

TEST(Requests, ALostPeerFailsItsRequestsAtOnceAndNoOthers) {
  runtime::ManualClock clock;
  HandTransport transport;
  PeerRequests requests{transport, clock};
  std::size_t pending_when_told = 9;
  requests.on_peer([&](const runtime::PeerEvent&) { pending_when_told = requests.pending(); });
  Heard to_2, also_to_2, to_3;
  requests.request(2, "k", "", clock.now() + 1s, to_2.promise());
  requests.request(2, "k", "", clock.now() + 2s, also_to_2.promise());
  requests.request(3, "k", "", clock.now() + 1s, to_3.promise());
  transport.tell({2, 77, true});
  EXPECT_EQ(requests.pending(), 3U);
  transport.tell({2, 77, false});
  EXPECT_EQ(to_2.text(), "lost");
  EXPECT_EQ(also_to_2.text(), "lost");
  EXPECT_EQ(to_3.times, 0);
  EXPECT_EQ(pending_when_told, 1U);
}

TEST(Requests, OverABadNetworkEveryRequestEndsOnce) {
  std::size_t answered = 0, timed_out = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    runtime::ManualClock clock;
    runtime::MemoryNetwork network{seed, {0.2, 0.2, 1, 8, 64}};
    auto end_a = network.join(1), end_b = network.join(2);
    PeerRequests a{*end_a, clock};
    auto b = std::make_unique<PeerRequests>(*end_b, clock);
    const auto serve = [&] {
      b->on_request([](Incoming in, Answer answer) { answer.fulfil(std::move(in.body)); });
    };
    serve();
    std::vector<Heard> heard(50);
    for (std::size_t i = 0; i < heard.size(); ++i) {
      a.request(2, "echo", std::to_string(i), clock.now() + 10ms, heard[i].promise());
      if (i == 25) { // the peer restarts
        b = nullptr;
        end_b = network.join(2);
        b = std::make_unique<PeerRequests>(*end_b, clock);
        serve();
      }
      network.tick();
      clock.advance(1ms);
      a.expire();
    }
    network.settle();
    clock.advance(10ms);
    a.expire();
    network.settle();
    EXPECT_EQ(a.pending(), 0U);
    for (std::size_t i = 0; i < heard.size(); ++i) {
      ASSERT_EQ(heard[i].times, 1);
      const bool echoed = heard[i].text() == std::to_string(i);
      ASSERT_TRUE(echoed || heard[i].text() == "timeout") << heard[i].text();
      ++(echoed ? answered : timed_out);
    }
  }
  EXPECT_GT(answered, 1000U);
  EXPECT_GT(timed_out, 500U);
}

} // namespace
} // namespace graphrag::cluster
