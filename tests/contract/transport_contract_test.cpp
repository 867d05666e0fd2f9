// What every Transport must do, on the network in memory and on the link over loopback TLS.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "runtime/transport/memory_network.hpp"
#include "tests/support/test_node.hpp"

namespace graphrag {
namespace {

using runtime::Envelope;
using runtime::Errc;
using runtime::NodeOrdinal;
using runtime::Transport;

// Nodes 1, 2 and 3 that can reach each other.
class Net {
public:
  virtual ~Net() = default;
  virtual Transport& node(NodeOrdinal ordinal) = 0;
  virtual void start() = 0; // after the handlers were set
  // Lets messages travel until it holds.
  virtual bool until(const std::function<bool()>& holds) = 0;
  virtual std::uint64_t restart(NodeOrdinal ordinal) = 0; // a new incarnation, connected again
  virtual void hear(NodeOrdinal ordinal, Transport::Receive receive) = 0;
};

class InMemory final : public Net {
public:
  InMemory() {
    for (NodeOrdinal i = 1; i <= 3; ++i) ends_[i] = network_.join(i);
  }
  Transport& node(NodeOrdinal ordinal) override { return *ends_.at(ordinal); }
  void start() override {}
  bool until(const std::function<bool()>& holds) override {
    for (int i = 0; i < 1000 && !holds(); ++i) network_.tick();
    return holds();
  }
  std::uint64_t restart(NodeOrdinal ordinal) override {
    ends_[ordinal] = nullptr;
    ends_[ordinal] = network_.join(ordinal);
    return 2;
  }
  void hear(NodeOrdinal ordinal, Transport::Receive receive) override {
    node(ordinal).on_receive(std::move(receive));
  }

private:
  runtime::MemoryNetwork network_{1};
  std::map<NodeOrdinal, std::unique_ptr<Transport>> ends_;
};

class OverTls final : public Net {
public:
  OverTls() {
    for (NodeOrdinal i = 1; i <= 3; ++i) {
      authority_.issue(folder(i), test::name_of(i));
      make(i);
    }
  }
  ~OverTls() override {
    for (auto& [ordinal, link] : links_) link = nullptr;
  }
  Transport& node(NodeOrdinal ordinal) override { return *links_.at(ordinal); }
  void start() override {
    introduce();
    for (auto& [ordinal, link] : links_) link->start();
    ASSERT_TRUE(until([&] { return connected(); }));
  }
  bool until(const std::function<bool()>& holds) override {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, test::patience, holds);
  }
  std::uint64_t restart(NodeOrdinal ordinal) override {
    links_[ordinal] = nullptr;
    EXPECT_TRUE(until([&] { return connected_to(ordinal) == 0; }));
    make(ordinal);
    introduce();
    links_[ordinal]->start();
    EXPECT_TRUE(until([&] { return connected(); }));
    return links_[ordinal]->identity().incarnation;
  }
  void hear(NodeOrdinal ordinal, Transport::Receive receive) override {
    node(ordinal).on_receive([this, receive = std::move(receive)](const Envelope& envelope) {
      const std::lock_guard lock{mutex_};
      receive(envelope);
      changed_.notify_all();
    });
  }

private:
  std::filesystem::path folder(NodeOrdinal i) const { return scratch_.path() / std::to_string(i); }
  void make(NodeOrdinal ordinal) {
    auto wires = cluster::make_tls_wires(test::tls_files(folder(ordinal)));
    ASSERT_TRUE(wires) << wires.error().detail;
    auto link = cluster::Link::open(test::node_options(ordinal), *wires);
    ASSERT_TRUE(link) << link.error().detail;
    links_[ordinal] = std::move(*link);
    links_[ordinal]->on_peer([this, ordinal](const runtime::PeerEvent& event) {
      const std::lock_guard lock{mutex_};
      if (event.up)
        up_.insert({ordinal, event.peer});
      else
        up_.erase({ordinal, event.peer});
      changed_.notify_all();
    });
  }
  void introduce() {
    std::vector<cluster::PeerAddress> all;
    for (const auto& [ordinal, link] : links_)
      all.push_back(test::address_of(ordinal, link->port()));
    for (auto& [ordinal, link] : links_) link->set_peers(all);
  }
  bool connected() const { return up_.size() == 6; }
  std::size_t connected_to(NodeOrdinal ordinal) const {
    return static_cast<std::size_t>(std::count_if(
        up_.begin(), up_.end(), [&](const auto& pair) { return pair.second == ordinal; }));
  }

  test::TestAuthority authority_;
  test::ScratchFolder scratch_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::pair<NodeOrdinal, NodeOrdinal>> up_;
  std::map<NodeOrdinal, std::unique_ptr<cluster::Link>> links_;
};

class TransportContract : public testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    if (std::string_view{GetParam()} == "memory")
      net_ = std::make_unique<InMemory>();
    else
      net_ = std::make_unique<OverTls>();
    for (NodeOrdinal i = 1; i <= 3; ++i) heard_[i]; // while no thread of a link walks the map
    for (NodeOrdinal i = 1; i <= 3; ++i)
      net_->hear(i, [this, i](const Envelope& envelope) {
        heard_[i].push_back(envelope);
        if (envelope.kind == "ping")
          (void)net_->node(i).send({0, envelope.from, 0, 0, "pong", envelope.body});
      });
    net_->start();
  }
  void TearDown() override { net_ = nullptr; } // its threads use heard_
  bool arrive(NodeOrdinal at, std::size_t count) {
    return net_->until([&] { return heard_[at].size() >= count; });
  }

  std::map<NodeOrdinal, std::vector<Envelope>> heard_;
  std::unique_ptr<Net> net_;
};

TEST_P(TransportContract, WhatIsSentArrivesAsItWas) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  ASSERT_TRUE(net_->node(1).send({9, 2, 9, 42, "kind", bytes}));
  ASSERT_TRUE(arrive(2, 1));
  const auto& envelope = heard_[2][0];
  EXPECT_EQ(envelope.from, 1U); // whatever the sender wrote there
  EXPECT_EQ(envelope.to, 2U);
  EXPECT_NE(envelope.incarnation, 9U);
  EXPECT_EQ(envelope.epoch, 42U);
  EXPECT_EQ(envelope.kind, "kind");
  EXPECT_EQ(envelope.body, bytes);
}

TEST_P(TransportContract, EveryPairCanTalkBothWays) {
  for (NodeOrdinal from = 1; from <= 3; ++from)
    for (NodeOrdinal to = 1; to <= 3; ++to)
      if (from != to) {
        ASSERT_TRUE(net_->node(from).send({0, to, 0, 0, "k", std::to_string(from)}));
      }
  for (NodeOrdinal to = 1; to <= 3; ++to) {
    ASSERT_TRUE(arrive(to, 2));
    for (const auto& envelope : heard_[to]) EXPECT_EQ(envelope.body, std::to_string(envelope.from));
  }
}

TEST_P(TransportContract, OrderIsKeptOnAHealthyNetwork) {
  for (int i = 0; i < 1000; ++i)
    ASSERT_TRUE(net_->node(3).send({0, 1, 0, static_cast<std::uint64_t>(i), "k", ""}));
  ASSERT_TRUE(arrive(1, 1000));
  for (std::size_t i = 0; i < 1000; ++i) ASSERT_EQ(heard_[1][i].epoch, i);
}

TEST_P(TransportContract, EmptyAndLargestPass) {
  const std::string largest(runtime::max_envelope_bytes, 'x');
  const std::string kind(runtime::max_kind_bytes, 'k');
  ASSERT_TRUE(net_->node(1).send({0, 2, 0, 0, "", ""}));
  ASSERT_TRUE(net_->node(1).send({0, 2, 0, 0, kind, largest}));
  ASSERT_TRUE(arrive(2, 2));
  EXPECT_EQ(heard_[2][0].kind + heard_[2][0].body, "");
  EXPECT_EQ(heard_[2][1].kind, kind);
  EXPECT_EQ(heard_[2][1].body, largest);
}

TEST_P(TransportContract, TooLargeAndUnknownAreRefused) {
  auto& one = net_->node(1);
  EXPECT_EQ(
      one.send({0, 2, 0, 0, "k", std::string(runtime::max_envelope_bytes + 1, 'x')}).error().code,
      Errc::invalid_argument);
  EXPECT_EQ(one.send({0, 2, 0, 0, std::string(runtime::max_kind_bytes + 1, 'k'), ""}).error().code,
            Errc::invalid_argument);
  EXPECT_EQ(one.send({0, 9, 0, 0, "k", ""}).error().code, Errc::not_found);
}

TEST_P(TransportContract, ARestartedNodeHasAnotherIncarnation) {
  ASSERT_TRUE(net_->node(2).send({0, 1, 0, 0, "k", "before"}));
  ASSERT_TRUE(arrive(1, 1));
  const auto incarnation = net_->restart(2);
  ASSERT_TRUE(net_->node(2).send({0, 1, 0, 0, "k", "after"}));
  ASSERT_TRUE(arrive(1, 2));
  EXPECT_EQ(heard_[1][1].incarnation, incarnation);
  EXPECT_NE(heard_[1][0].incarnation, incarnation);
}

TEST_P(TransportContract, AHandlerMayAnswerAtOnce) {
  ASSERT_TRUE(net_->node(1).send({0, 2, 0, 0, "ping", "x"}));
  ASSERT_TRUE(arrive(1, 1));
  EXPECT_EQ(heard_[1][0].kind, "pong");
  EXPECT_EQ(heard_[1][0].body, "x");
}

INSTANTIATE_TEST_SUITE_P(All, TransportContract, testing::Values("memory", "link"),
                         [](const auto& info) { return std::string{info.param}; });

} // namespace
} // namespace graphrag
