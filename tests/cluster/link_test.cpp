// Nodes in one process that meet, part, change their certificates and are in each other's way.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "raw_client.hpp"
#include "tests/support/test_node.hpp"

namespace graphrag {
namespace {

using namespace std::chrono_literals;
using runtime::Errc;
using test::TestNode;

class LinkTest : public testing::Test {
protected:
  std::string folder(runtime::NodeOrdinal i) const { return scratch_.path() / std::to_string(i); }
  void issue(runtime::NodeOrdinal i) { authority_.issue(folder(i), test::name_of(i)); }
  std::unique_ptr<TestNode> make(runtime::NodeOrdinal i) {
    issue(i);
    return std::make_unique<TestNode>(test::node_options(i), folder(i));
  }
  void start_two() {
    one_ = make(1);
    two_ = make(2);
    test::introduce({one_.get(), two_.get()});
    one_->start();
    two_->start();
    ASSERT_TRUE(one_->wait_up(2));
    ASSERT_TRUE(two_->wait_up(1));
  }
  static std::size_t ups(TestNode& node) {
    return static_cast<std::size_t>(std::count_if(node.events.begin(), node.events.end(),
                                                  [](const auto& event) { return event.up; }));
  }
  // Cuts, and waits until the session after it is up on both sides.
  void cut_and_meet_again() {
    std::size_t before_1 = 0, before_2 = 0;
    one_->wait_for([&] { return (before_1 = ups(*one_), true); });
    two_->wait_for([&] { return (before_2 = ups(*two_), true); });
    one_->link->cut(2);
    ASSERT_TRUE(one_->wait_for([&] { return ups(*one_) > before_1; }));
    ASSERT_TRUE(two_->wait_for([&] { return ups(*two_) > before_2; }));
  }

  test::TestAuthority authority_;
  test::ScratchFolder scratch_;
  std::unique_ptr<TestNode> one_, two_;
};

TEST_F(LinkTest, BothSidesKnowWhoIsThere) {
  start_two();
  ASSERT_EQ(one_->link->peers().size(), 1U);
  EXPECT_TRUE(one_->connected(2));
  EXPECT_EQ(one_->link->peers()[0].incarnation, two_->link->identity().incarnation);
  EXPECT_EQ(two_->link->peers()[0].incarnation, one_->link->identity().incarnation);
}

TEST_F(LinkTest, NothingIsTakenForAPeerThatIsNotThere) {
  issue(1);
  auto options = test::node_options(1);
  options.peers = {test::address_of(2, 1)}; // a port where nobody is
  one_ = std::make_unique<TestNode>(std::move(options), folder(1));
  one_->start();
  EXPECT_EQ(one_->send(2, "x").error().code, Errc::unavailable);
  EXPECT_EQ(one_->send(1, "x").error().code, Errc::not_found);
  EXPECT_EQ(one_->send(3, "x").error().code, Errc::not_found);
}

TEST_F(LinkTest, ACutIsHeardOnBothSidesAndHeals) {
  start_two();
  for (int i = 0; i < 10; ++i) cut_and_meet_again();
  ASSERT_TRUE(one_->send(2, "after"));
  EXPECT_TRUE(two_->wait_for([&] { return !two_->envelopes.empty(); }));
  // Each up but the last was followed by a loss.
  for (auto* node : {one_.get(), two_.get()})
    for (std::size_t i = 0; i < node->events.size(); ++i)
      EXPECT_EQ(node->events[i].up, i % 2 == 0) << i;
}

TEST_F(LinkTest, PeersComeAndGo) {
  start_two();
  auto three = make(3);
  three->start();
  test::introduce({one_.get(), two_.get(), three.get()});
  EXPECT_TRUE(three->wait_up(1));
  EXPECT_TRUE(three->wait_up(2));
  test::introduce({one_.get(), two_.get()});
  EXPECT_TRUE(three->wait_lost(1));
  EXPECT_TRUE(three->wait_lost(2));
  EXPECT_EQ(one_->send(3, "x").error().code, Errc::not_found);
  EXPECT_TRUE(one_->send(2, "unharmed"));
  EXPECT_TRUE(two_->wait_for([&] { return !two_->envelopes.empty(); }));
}

TEST_F(LinkTest, NewCertificatesAreUsedFromTheNextConnectionOn) {
  start_two();
  // Another authority altogether: nobody of the old one could connect any more.
  authority_ = test::TestAuthority{"next ca"};
  issue(1);
  issue(2);
  ASSERT_TRUE(one_->send(2, "on the old one"));
  ASSERT_TRUE(two_->wait_for([&] { return two_->envelopes.size() == 1; }));
  cut_and_meet_again();
  test::RawClient known{two_->link->port()};
  EXPECT_TRUE(known.shake_hands({folder(1)}));
  ASSERT_TRUE(one_->send(2, "on the new one"));
  EXPECT_TRUE(two_->wait_for([&] { return two_->envelopes.size() == 2; }));
}

TEST_F(LinkTest, CertificatesThatCannotBeUsedChangeNothing) {
  start_two();
  std::ofstream{folder(1) + "/node.pem"} << "half a certifi";
  cut_and_meet_again();
  std::filesystem::remove(folder(2) + "/node.key");
  cut_and_meet_again();
  issue(1); // whole again
  issue(2);
  cut_and_meet_again();
}

TEST_F(LinkTest, AServerOfAnotherNameIsNotSpokenTo) {
  one_ = make(1);
  authority_.issue(folder(2), "node-3.cluster.test"); // a good certificate, of somebody else
  two_ = std::make_unique<TestNode>(test::node_options(2), folder(2));
  test::introduce({one_.get(), two_.get()});
  one_->start();
  two_->start();
  auto three = make(3);
  one_->link->set_peers(
      {test::address_of(2, two_->link->port()), test::address_of(3, three->link->port())});
  three->link->set_peers({test::address_of(1, 1)});
  three->start();
  ASSERT_TRUE(one_->wait_up(3)); // by then it has tried the other too
  EXPECT_FALSE(one_->connected(2));
  EXPECT_TRUE(two_->events.empty());
}

TEST_F(LinkTest, ABlackHoleDelaysNobodyElse) {
  one_ = make(1);
  two_ = make(2);
  auto hole = make(3); // its port is open and nobody accepts
  two_->link->set_peers({test::address_of(1, 1)});
  one_->link->set_peers({test::address_of(2, two_->link->port()),
                         test::address_of(3, hole->link->port()),
                         {4, "192.0.2.1", 9, test::name_of(4)},
                         {5, "no-such-host.invalid", 9, test::name_of(5)}});
  one_->start();
  two_->start();
  EXPECT_TRUE(one_->wait_up(2));
  cut_and_meet_again();
  EXPECT_FALSE(one_->connected(3));
}

TEST_F(LinkTest, OptionsThatContradictEachOtherAreRefused) {
  issue(1);
  const auto open_with = [&](auto change) {
    auto options = test::node_options(1);
    change(options);
    return cluster::Link::open(options, *cluster::make_tls_wires(test::tls_files(folder(1))));
  };
  using Options = cluster::LinkOptions;
  EXPECT_TRUE(open_with([](Options&) {}));
  const auto code = [&](auto change) { return open_with(change).error().code; };
  EXPECT_EQ(code([](Options& o) { o.times.fence = o.times.timeout - o.times.heartbeat; }),
            Errc::invalid_argument);
  EXPECT_EQ(code([](Options& o) { o.cluster = ""; }), Errc::invalid_argument);
  EXPECT_EQ(code([](Options& o) { o.self.incarnation = 0; }), Errc::invalid_argument);
  EXPECT_EQ(code([](Options& o) { o.window = 1000; }), Errc::invalid_argument);
  EXPECT_EQ(code([](Options& o) { o.listen_address = "nowhere"; }), Errc::invalid_argument);
  const auto taken = open_with([](Options&) {});
  EXPECT_EQ(code([&](Options& o) { o.listen_port = (*taken)->port(); }), Errc::unavailable);
}

TEST_F(LinkTest, FilesThatCannotBeUsedAreNamed) {
  issue(1);
  issue(2);
  auto files = test::tls_files(folder(1));
  files.ca = folder(1) + "/none.pem";
  const auto missing = cluster::make_tls_wires(files);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().detail.find("none.pem"), std::string::npos);
  files = test::tls_files(folder(1));
  files.key = folder(2) + "/node.key"; // of another certificate
  const auto other = cluster::make_tls_wires(files);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::invalid_argument);
}

} // namespace
} // namespace graphrag
