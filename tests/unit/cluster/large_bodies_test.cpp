#include <gtest/gtest.h>

#include <algorithm>

#include "cluster/request/body_shelf.hpp"
#include "cluster/request/large_bodies.hpp"
#include "cluster/request/peer_requests.hpp"
#include "runtime/transport/memory_network.hpp"

namespace graphrag::cluster {
namespace {

using namespace std::chrono_literals;
using runtime::Errc;
using runtime::Result;

constexpr BodyLimits small{10, 100, 250, 3};

std::string text_of(std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>('a' + i % 23);
  return out;
}

// Answers "N" with a text of N bytes, and anything else with its kind and body.
class LargeBodiesTest : public testing::Test {
protected:
  struct End {
    End(LargeBodiesTest& t, runtime::NodeOrdinal ordinal)
        : transport(t.network.join(ordinal)), requests(*transport, t.clock),
          bodies(
              [this](const NodeId& peer, std::string kind, std::string body,
                     runtime::SteadyTime deadline, Answer answer) {
                ++asked;
                EXPECT_LE(body.size(), small.part + 32);
                requests.request(peer.ordinal, std::move(kind), std::move(body), deadline,
                                 std::move(answer));
              },
              [this](LargeBodies::Question question, Answer answer) {
                served.push_back(question.body);
                if (question.kind == "size")
                  answer.fulfil(text_of(std::stoul(question.body)));
                else
                  answer.fulfil(question.kind + question.body);
              },
              small) {
      requests.on_request([this](Incoming in, Answer answer) {
        bodies.on_question({{in.from, in.incarnation}, in.kind, in.body, in.deadline},
                           std::move(answer));
      });
    }
    std::unique_ptr<runtime::Transport> transport;
    PeerRequests requests;
    LargeBodies bodies;
    std::vector<std::string> served;
    int asked = 0;
  };
  Answer promise(std::vector<std::string>& into) {
    return Answer{[&into](Result<std::string> result) {
      into.push_back(result ? *result : std::string{to_string(result.error().code)});
    }};
  }
  std::vector<std::string> ask(const std::string& kind, const std::string& body) {
    std::vector<std::string> out;
    a.bodies.request({2, 1}, kind, body, clock.now() + 100ms, promise(out));
    network.settle();
    return out;
  }
  std::size_t held() const { return a.bodies.held() + b.bodies.held(); }

  runtime::ManualClock clock;
  runtime::MemoryNetwork network{1};
  End a{*this, 1}, b{*this, 2};
};

using Texts = std::vector<std::string>;

TEST_F(LargeBodiesTest, EverySizeCrossesBothWays) {
  for (std::size_t size : {0, 1, 9, 10, 11, 17, 20, 25, 99, 96}) {
    EXPECT_EQ(ask("k", text_of(size)), Texts{"k" + text_of(size)}) << size;
    EXPECT_EQ(ask("size", std::to_string(size)), Texts{text_of(size)}) << size;
    EXPECT_EQ(held(), 0U);
  }
}

TEST_F(LargeBodiesTest, ASmallBodyNeedsNoSecondMessage) {
  ask("k", "small");
  EXPECT_EQ(a.asked + b.asked, 1);
  ask("k", text_of(25)); // three parts there, and three of the answer
  EXPECT_EQ(a.asked + b.asked, 1 + 1 + 3 + 3);
}

TEST_F(LargeBodiesTest, WhatIsTooLargeIsNotSent) {
  EXPECT_EQ(ask("k", text_of(101)), Texts{"invalid_argument"});
  EXPECT_EQ(a.asked, 0);
  EXPECT_EQ(ask("size", "101"), Texts{"invalid_argument"});
}

TEST_F(LargeBodiesTest, WhatIsKeptForAPeerIsBounded) {
  Texts out;
  for (int i = 0; i < 3; ++i)
    a.bodies.request({2, 1}, "k", text_of(90), clock.now() + 100ms, promise(out));
  EXPECT_EQ(out, Texts{"overloaded"});
  a.bodies.request({3, 1}, "k", text_of(90), clock.now() + 100ms, promise(out));
  EXPECT_EQ(out.back(), "not_found"); // there is none; its bytes would have been its own
  network.settle();
  EXPECT_EQ(out.size(), 4U);
  EXPECT_EQ(held(), 0U);
  EXPECT_EQ(ask("k", text_of(90)), Texts{"k" + text_of(90)});
}

TEST_F(LargeBodiesTest, WhatIsFetchedFromAPeerIsBounded) {
  Texts out;
  for (int i = 0; i < 4; ++i)
    a.bodies.request({2, 1}, "size", "80", clock.now() + 100ms, promise(out));
  network.settle();
  std::ranges::sort(out);
  const auto text = text_of(80);
  EXPECT_EQ(out, (Texts{text, text, text, "overloaded"}));
}

TEST_F(LargeBodiesTest, TheEndOfTheAskerOrADeadlineGivesAllUp) {
  Texts out;
  a.bodies.request({2, 1}, "k", text_of(90), clock.now() + 100ms, promise(out));
  network.tick(); // the note has arrived, the parts are on their way
  network.cut(1, 2);
  network.settle();
  clock.advance(100ms);
  for (auto* end : {&a, &b}) end->requests.expire(), end->bodies.expire(clock.now());
  EXPECT_EQ(out, Texts{"timeout"});
  EXPECT_TRUE(b.served.empty());
  EXPECT_EQ(held(), 0U);
}

TEST_F(LargeBodiesTest, ALostSessionGivesBodiesUp) {
  Texts out;
  a.bodies.request({2, 1}, "k", text_of(90), clock.now() + 100ms, promise(out));
  EXPECT_EQ(held(), 1U);
  a.bodies.on_lost(3);
  EXPECT_EQ(held(), 1U);
  a.bodies.on_lost(2);
  EXPECT_EQ(held(), 0U);
  network.settle(); // the peer asks for parts that are there no more
  EXPECT_EQ(out, Texts{"lost"});
}

TEST_F(LargeBodiesTest, NobodyElseGetsAPart) {
  BodyShelf shelf{7, 10, 100};
  const auto id = shelf.put(2, text_of(15), clock.now() + 1s);
  ASSERT_TRUE(id);
  EXPECT_FALSE(shelf.part(3, *id, 0));
  EXPECT_FALSE(shelf.part(2, *id + 1, 0));
  EXPECT_FALSE(shelf.part(2, *id, 5));
  EXPECT_FALSE(shelf.part(2, *id, 20));
  EXPECT_EQ(shelf.part(2, *id, 10).value(), text_of(15).substr(10));
  EXPECT_EQ(shelf.part(2, *id, 10).value(), text_of(15).substr(10)); // a doubled message
  EXPECT_EQ(shelf.size(), 1U);
  EXPECT_EQ(shelf.part(2, *id, 0).value(), text_of(10));
  EXPECT_EQ(shelf.size(), 0U);
}

TEST_F(LargeBodiesTest, NonsenseIsRefused) {
  for (const std::string body : {"", "x", "n", "n12345678"}) {
    Texts out;
    b.bodies.on_question({{1, 1}, "k", body, clock.now() + 1s}, promise(out));
    EXPECT_EQ(out, Texts{"corrupt"}) << body;
  }
  Texts out;
  b.bodies.on_question({{1, 1}, "k", "n" + std::string(16, '\xff'), clock.now() + 1s},
                       promise(out));
  b.bodies.on_question({{1, 1}, "$part", "w", clock.now() + 1s}, promise(out));
  EXPECT_EQ(out, (Texts{"corrupt", "corrupt"}));
  EXPECT_TRUE(b.served.empty());
}

TEST_F(LargeBodiesTest, ANetworkThatDoublesAndOvertakesHarmsNothing) {
  network.set_faults({0, 0.3, 1, 9, 100'000});
  for (int i = 0; i < 50; ++i) {
    const auto answers = ask("size", "95");
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_TRUE(answers[0] == text_of(95) || answers[0] == "lost") << answers[0];
    clock.advance(100ms); // a question that came twice was answered twice
    for (auto* end : {&a, &b}) end->requests.expire(), end->bodies.expire(clock.now());
    ASSERT_EQ(held(), 0U);
  }
}

} // namespace
} // namespace graphrag::cluster
