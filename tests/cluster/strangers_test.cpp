// Whoever knocks at the link's port and is no peer is turned away and harms nobody.
#include <gtest/gtest.h>

#include <csignal>

#include "cluster/link/frame.hpp"
#include "raw_client.hpp"
#include "tests/support/test_node.hpp"

namespace graphrag {
namespace {

using test::RawClient;
using test::TestNode;

class StrangersTest : public testing::Test {
protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to closed sockets
    authority_.issue(folder("1"), test::name_of(1));
    authority_.issue(folder("2"), test::name_of(2));
    authority_.issue(folder("foreign"), "app.other.test");
    test::TestAuthority{}.issue(folder("wrong"), test::name_of(1)); // the same name, another CA
  }
  std::string folder(const std::string& name) const { return scratch_.path() / name; }
  void make(cluster::LinkOptions options_of_2) {
    one_ = std::make_unique<TestNode>(test::node_options(1), folder("1"));
    two_ = std::make_unique<TestNode>(std::move(options_of_2), folder("2"));
    test::introduce({one_.get(), two_.get()});
  }
  void start(cluster::LinkOptions options_of_2 = test::node_options(2)) {
    make(std::move(options_of_2));
    one_->start();
    two_->start();
    ASSERT_TRUE(one_->wait_up(2));
    ASSERT_TRUE(two_->wait_up(1));
  }
  std::uint16_t port() const { return two_->link->port(); }
  std::string hello(cluster::NodeId from, runtime::NodeOrdinal to = 2) const {
    std::string bytes;
    append_hello(bytes, cluster::FrameType::hello,
                 {cluster::link_version, from, to, 5, 1 << 20, "test cluster"});
    return bytes;
  }
  // The good link carries a message and was never lost.
  void expect_unharmed() {
    ASSERT_TRUE(one_->send(2, "still here"));
    EXPECT_TRUE(two_->wait_for([&] { return !two_->envelopes.empty(); }));
    EXPECT_EQ(one_->got().size(), 0U);
    EXPECT_EQ(two_->got(), std::vector<std::string>{"still here"});
    EXPECT_TRUE(two_->wait_for([&] { return two_->events.size() == 1; }));
  }
  // What the link says to a hello, as the reason of its refusal.
  cluster::Refusal refusal_of(RawClient& client) {
    const auto bytes = client.read();
    if (bytes.size() != 6 || bytes[4] != static_cast<char>(cluster::FrameType::refuse))
      return cluster::Refusal::none;
    return cluster::read_refusal(std::string_view{bytes}.substr(5));
  }

  test::TestAuthority authority_;
  test::ScratchFolder scratch_;
  std::unique_ptr<TestNode> one_, two_;
};

TEST_F(StrangersTest, OpenAndClose) {
  start();
  for (int i = 0; i < 50; ++i) RawClient{port()};
  expect_unharmed();
}

TEST_F(StrangersTest, GarbageAndHttpAreClosed) {
  start();
  for (int i = 0; i < 20; ++i) {
    RawClient http{port()}, garbage{port()};
    http.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    garbage.send(std::string(1000, static_cast<char>(i * 13)));
    while (!http.closed()) {
    } // an alert may come first
    while (!garbage.closed()) {
    }
  }
  expect_unharmed();
}

TEST_F(StrangersTest, NoCertificateWrongAuthorityAndOldTlsAreClosed) {
  start();
  for (int i = 0; i < 5; ++i) {
    RawClient none{port()}, wrong{port()}, old{port()};
    (void)none.shake_hands({});
    none.send(hello({1, 9}));
    EXPECT_TRUE(none.closed());
    (void)wrong.shake_hands({folder("wrong")});
    wrong.send(hello({1, 9}));
    EXPECT_TRUE(wrong.closed());
    EXPECT_FALSE(old.shake_hands({folder("1"), TLS1_2_VERSION}));
  }
  expect_unharmed();
}

TEST_F(StrangersTest, ANameIsBoundToItsOrdinal) {
  start();
  RawClient foreign{port()}, other{port()}, unknown{port()}, higher{port()};
  ASSERT_TRUE(foreign.shake_hands({folder("foreign")}));
  foreign.send(hello({1, 9}));
  EXPECT_EQ(refusal_of(foreign), cluster::Refusal::name);
  EXPECT_TRUE(foreign.closed());
  ASSERT_TRUE(other.shake_hands({folder("2")})); // a good certificate, of another node
  other.send(hello({1, 9}));
  EXPECT_EQ(refusal_of(other), cluster::Refusal::name);
  ASSERT_TRUE(unknown.shake_hands({folder("1")}));
  unknown.send(hello({0, 9}));
  EXPECT_EQ(refusal_of(unknown), cluster::Refusal::unknown);
  ASSERT_TRUE(higher.shake_hands({folder("2")})); // nobody of its own ordinal may dial it
  higher.send(hello({2, 9}));
  EXPECT_EQ(refusal_of(higher), cluster::Refusal::unknown);
  expect_unharmed();
}

TEST_F(StrangersTest, ATwinIsRefusedWhileTheFirstIsAlive) {
  start();
  {
    TestNode twin{test::node_options(1), folder("1")};
    twin.link->set_peers({test::address_of(2, port())});
    RawClient told{port()};
    ASSERT_TRUE(told.shake_hands({folder("1")}));
    told.send(hello({1, 9}));
    EXPECT_EQ(refusal_of(told), cluster::Refusal::twin);
    twin.start();
    expect_unharmed();
    EXPECT_FALSE(twin.connected(2));
    one_ = nullptr; // the first one goes, the twin may come
    EXPECT_TRUE(twin.wait_up(2));
    ASSERT_TRUE(twin.send(2, "the twin"));
    EXPECT_TRUE(two_->wait_for([&] { return two_->envelopes.size() == 2; }));
  }
}

TEST_F(StrangersTest, TheSameProcessMayDialAgain) {
  start();
  RawClient again{port()};
  ASSERT_TRUE(again.shake_hands({folder("1")}));
  again.send(hello(one_->link->identity()));
  EXPECT_EQ(again.read().at(4), static_cast<char>(cluster::FrameType::ack));
  EXPECT_TRUE(one_->wait_lost(2)); // its old connection was given up for the new one
}

TEST_F(StrangersTest, APeerThatBreaksTheProtocolIsCutOff) {
  make(test::node_options(2));
  two_->start(); // node 1 is played by hand
  const std::string broken[] = {
      std::string{"\x40\0\0\0\x04", 5},  // a frame of a gigabyte
      std::string{"\0\0\0\x01\x63", 5},  // of unknown type
      std::string{"\0\0\0\x02\x04x", 6}, // an envelope that is cut short
      hello({1, 9}),                     // a second greeting
  };
  for (const auto& bytes : broken) {
    RawClient peer{port()};
    ASSERT_TRUE(peer.shake_hands({folder("1")}));
    peer.send(hello({1, 9}));
    ASSERT_EQ(peer.read().at(4), static_cast<char>(cluster::FrameType::ack));
    peer.send(bytes);
    while (!peer.closed()) {
    } // heartbeats may come first
  }
  one_->start();
  EXPECT_TRUE(two_->wait_for([&] { return two_->events.size() >= 9 && two_->events.back().up; }));
  EXPECT_TRUE(two_->got().empty());
}

TEST_F(StrangersTest, IdleClientsAreEndedAtTheDeadline) {
  auto options = test::node_options(2);
  options.times.handshake = std::chrono::seconds{2};
  start(std::move(options));
  RawClient silent{port()}, quiet{port()};
  ASSERT_TRUE(quiet.shake_hands({folder("1")})); // and never says hello
  EXPECT_TRUE(silent.closed());
  EXPECT_TRUE(quiet.closed());
  expect_unharmed();
}

TEST_F(StrangersTest, AFloodOfIdleClientsKeepsNobodyOut) {
  auto options = test::node_options(2);
  options.max_handshakes = 4;
  options.times.handshake = std::chrono::minutes{5}; // so that only eviction makes room
  make(std::move(options));
  two_->start();
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 20; ++i) idle.push_back(std::make_unique<RawClient>(port()));
  EXPECT_TRUE(idle[0]->closed()); // the oldest went
  one_->start();
  EXPECT_TRUE(one_->wait_up(2));
  EXPECT_TRUE(two_->wait_up(1));
  expect_unharmed();
}

} // namespace
} // namespace graphrag
