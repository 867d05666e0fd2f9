// Two sessions that talk to each other through strings, under a clock moved by hand.
#include <gtest/gtest.h>

#include <cstring>

#include "cluster/link/outbox.hpp"
#include "cluster/link/session.hpp"

namespace graphrag::cluster {
namespace {

using namespace std::chrono_literals;
using runtime::Errc;

SessionRules rules_of(NodeOrdinal ordinal, std::string cluster = "library") {
  return {{ordinal, 1000 + ordinal}, std::move(cluster), 200ms, 1000ms, 4000};
}

struct Side {
  explicit Side(Session s) : session(std::move(s)) { reader.set_limit(max_data_frame); }

  // Hears bytes; the error that ended the session, if one did.
  runtime::Status hear(std::string bytes, runtime::SteadyTime now) {
    if (!bytes.empty()) session.on_bytes(now);
    const auto room = reader.room();
    std::memcpy(room.data(), bytes.data(), bytes.size());
    reader.filled(bytes.size());
    for (;;) {
      const auto frame = reader.next();
      if (!frame) return tl::unexpected(frame.error());
      if (!*frame) return {};
      auto heard = session.on_frame(**frame, now);
      if (!heard) return tl::unexpected(heard.error());
      if (heard->came_up) ++ups;
      if (!heard->envelope) continue;
      got.push_back(*heard->envelope);
      session.consumed((*frame)->bytes);
    }
  }
  std::string says() { return std::exchange(session.output(), {}); }

  Session session;
  FrameReader reader;
  int ups = 0;
  std::vector<runtime::Envelope> got;
};

class SessionTest : public testing::Test {
protected:
  runtime::Status greet() {
    if (auto heard = acceptor.hear(dialer.says(), now()); !heard) {
      (void)dialer.hear(acceptor.says(), now());
      return heard;
    }
    return dialer.hear(acceptor.says(), now());
  }
  runtime::SteadyTime now() const { return clock.now(); }
  static std::string data(std::size_t bytes) {
    std::string frame;
    append_data(frame, {0, 0, 0, 7, "note", std::string(bytes, 'x')});
    return frame;
  }

  runtime::ManualClock clock;
  Refusal verdict = Refusal::none;
  Side dialer{Session::dial(rules_of(1), 2, 55, clock.now())};
  Side acceptor{Session::accept(
      rules_of(2), [this](const Hello&) { return verdict; }, clock.now())};
};

TEST_F(SessionTest, BothAreUpAfterOneExchange) {
  EXPECT_FALSE(dialer.session.up());
  ASSERT_TRUE(greet());
  EXPECT_EQ(dialer.ups, 1);
  EXPECT_EQ(acceptor.ups, 1);
  EXPECT_EQ(dialer.session.peer(), (NodeId{2, 1002}));
  EXPECT_EQ(acceptor.session.peer(), (NodeId{1, 1001}));
  EXPECT_EQ(acceptor.session.id(), 55U);
}

TEST_F(SessionTest, EnvelopesCarryWhoTheSessionSaysTheyAreFrom) {
  ASSERT_TRUE(greet());
  ASSERT_TRUE(acceptor.hear(data(10), now()));
  ASSERT_EQ(acceptor.got.size(), 1U);
  const auto& envelope = acceptor.got[0];
  EXPECT_EQ(envelope.from, 1U);
  EXPECT_EQ(envelope.to, 2U);
  EXPECT_EQ(envelope.incarnation, 1001U);
  EXPECT_EQ(envelope.epoch, 7U);
  EXPECT_EQ(envelope.kind, "note");
}

TEST_F(SessionTest, ARefusedDialerHearsWhy) {
  verdict = Refusal::twin;
  EXPECT_EQ(acceptor.hear(dialer.says(), now()).error().code, Errc::conflict);
  const auto heard = dialer.hear(acceptor.says(), now());
  ASSERT_FALSE(heard);
  EXPECT_EQ(heard.error().code, Errc::conflict);
  EXPECT_NE(heard.error().detail.find("twin"), std::string::npos);
  EXPECT_FALSE(acceptor.session.up() || dialer.session.up());
}

TEST_F(SessionTest, AnotherClusterTargetOrVersionIsRefused) {
  const auto refusal_of = [this](Session stranger) {
    Side other{std::move(stranger)};
    Side here{Session::accept(
        rules_of(2), [](const Hello&) { return Refusal::none; }, now())};
    EXPECT_FALSE(here.hear(other.says(), now()));
    return other.hear(here.says(), now()).error().detail;
  };
  EXPECT_NE(refusal_of(Session::dial(rules_of(1, "museum"), 2, 5, now())).find("cluster"),
            std::string::npos);
  EXPECT_NE(refusal_of(Session::dial(rules_of(1), 3, 5, now())).find("target"), std::string::npos);
  std::string newer;
  append_hello(newer, FrameType::hello, {link_version + 1, {1, 9}, 2, 5, 100, "library"});
  EXPECT_NE(acceptor.hear(newer, now()).error().detail.find("version"), std::string::npos);
}

TEST_F(SessionTest, DataBeforeTheGreetingIsCorrupt) {
  EXPECT_EQ(acceptor.hear(data(1), now()).error().code, Errc::corrupt);
  EXPECT_EQ(dialer.hear(data(1), now()).error().code, Errc::corrupt);
}

TEST_F(SessionTest, ASecondGreetingIsCorrupt) {
  const auto hello = dialer.session.output();
  ASSERT_TRUE(greet());
  EXPECT_EQ(acceptor.hear(hello, now()).error().code, Errc::corrupt);
}

TEST_F(SessionTest, AnAcknowledgementOfAnotherSessionIsNotTaken) {
  std::string ack;
  append_hello(ack, FrameType::ack, {link_version, {2, 8}, 1, 56, 100, "library"});
  EXPECT_EQ(dialer.hear(ack, now()).error().code, Errc::conflict);
}

TEST_F(SessionTest, HeartbeatsKeepAnIdleSessionAlive) {
  ASSERT_TRUE(greet());
  for (int i = 0; i < 100; ++i) {
    clock.advance(100ms);
    ASSERT_TRUE(dialer.session.on_tick(now()));
    ASSERT_TRUE(acceptor.session.on_tick(now()));
    if (!dialer.session.output().empty()) dialer.session.on_sent(0, now());
    if (!acceptor.session.output().empty()) acceptor.session.on_sent(0, now());
    ASSERT_TRUE(acceptor.hear(dialer.says(), now()));
    ASSERT_TRUE(dialer.hear(acceptor.says(), now()));
  }
}

TEST_F(SessionTest, SilenceEndsIt) {
  ASSERT_TRUE(greet());
  clock.advance(1000ms);
  EXPECT_TRUE(dialer.session.on_tick(now()));
  clock.advance(1ms);
  EXPECT_EQ(dialer.session.on_tick(now()).error().code, Errc::timeout);
}

TEST_F(SessionTest, HalfAFrameIsASignOfLife) {
  ASSERT_TRUE(greet());
  const auto frame = data(3000);
  for (std::size_t at = 0; at < frame.size(); at += 500) {
    clock.advance(900ms);
    ASSERT_TRUE(acceptor.session.on_tick(now()));
    ASSERT_TRUE(acceptor.hear(frame.substr(at, 500), now()));
  }
  EXPECT_EQ(acceptor.got.size(), 1U);
}

TEST_F(SessionTest, TheWindowStopsASenderUntilCreditComes) {
  ASSERT_TRUE(greet());
  const auto frame = data(900);
  std::string sent;
  while (dialer.session.allowance() > 0) {
    sent += frame;
    dialer.session.on_sent(frame.size(), now());
  }
  EXPECT_EQ(sent.size(), 5 * frame.size()); // the window is 4000, the last one may go over it
  ASSERT_TRUE(acceptor.hear(sent, now()));
  ASSERT_TRUE(dialer.hear(acceptor.says(), now()));
  EXPECT_GT(dialer.session.allowance(), 2000U);
}

TEST_F(SessionTest, CreditForWhatWasNeverSentIsCorrupt) {
  ASSERT_TRUE(greet());
  std::string credit;
  append_credit(credit, 1);
  EXPECT_EQ(dialer.hear(credit, now()).error().code, Errc::corrupt);
}

TEST(Outbox, WakesOncePerTurnAndKeepsOrder) {
  Outbox box{1000};
  EXPECT_EQ(box.put({0, 0, 0, 1, "a", "x"}).error().code, Errc::unavailable);
  box.open();
  EXPECT_TRUE(*box.put({0, 0, 0, 1, "a", "x"}));
  EXPECT_FALSE(*box.put({0, 0, 0, 2, "b", "y"}));
  std::string out;
  const auto taken = box.take(out, 1000);
  EXPECT_EQ(taken, out.size());
  std::string expected;
  append_data(expected, {0, 0, 0, 1, "a", "x"});
  append_data(expected, {0, 0, 0, 2, "b", "y"});
  EXPECT_EQ(out, expected);
  EXPECT_TRUE(*box.put({0, 0, 0, 3, "c", "z"}));
}

TEST(Outbox, TheBoundRefusesAndClosingEmpties) {
  Outbox box{1000};
  box.open();
  ASSERT_TRUE(box.put({0, 0, 0, 1, "a", std::string(800, 'x')}));
  EXPECT_EQ(box.put({0, 0, 0, 1, "a", std::string(800, 'x')}).error().code, Errc::overloaded);
  box.close();
  EXPECT_EQ(box.bytes(), 0U);
  box.open();
  std::string out;
  EXPECT_EQ(box.take(out, 1000), 0U);
  EXPECT_TRUE(*box.put({0, 0, 0, 1, "a", std::string(5000, 'x')})); // one alone may be larger
}

} // namespace
} // namespace graphrag::cluster
