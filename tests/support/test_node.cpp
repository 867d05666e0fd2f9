#include "tests/support/test_node.hpp"

#include <algorithm>
#include <cstdio>

#include "runtime/check.hpp"

namespace graphrag::test {

using runtime::NodeOrdinal;

TestNode::TestNode(cluster::LinkOptions options, const std::filesystem::path& certificates) {
  auto wires = cluster::make_tls_wires(tls_files(certificates));
  RUNTIME_CHECK(wires, wires.error().detail.c_str());
  auto opened = cluster::Link::open(std::move(options), std::move(*wires));
  RUNTIME_CHECK(opened, opened.error().detail.c_str());
  link = std::move(*opened);
  link->on_receive([this](const runtime::Envelope& envelope) {
    const std::lock_guard lock{mutex_};
    envelopes.push_back(envelope);
    changed_.notify_all();
  });
  link->on_peer([this](const runtime::PeerEvent& event) {
    const std::lock_guard lock{mutex_};
    events.push_back(event);
    changed_.notify_all();
  });
}

bool TestNode::wait_for(const std::function<bool()>& holds) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, patience, holds);
}

bool TestNode::connected(NodeOrdinal peer) const {
  const auto states = link->peers();
  return std::any_of(states.begin(), states.end(), [&](const auto& state) {
    return state.address.ordinal == peer && state.connected;
  });
}

bool TestNode::wait_up(NodeOrdinal peer) {
  return wait_for([&] {
    const auto last = std::find_if(events.rbegin(), events.rend(),
                                   [&](const auto& event) { return event.peer == peer; });
    return last != events.rend() && last->up;
  });
}

bool TestNode::wait_lost(NodeOrdinal peer) {
  return wait_for([&] {
    return std::any_of(events.begin(), events.end(),
                       [&](const auto& event) { return event.peer == peer && !event.up; });
  });
}

std::vector<std::string> TestNode::got() {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> bodies;
  for (const auto& envelope : envelopes) bodies.push_back(envelope.body);
  return bodies;
}

void introduce(const std::vector<TestNode*>& nodes) {
  std::vector<cluster::PeerAddress> all;
  for (const auto* node : nodes) all.push_back(address_of(node->link->self(), node->link->port()));
  for (auto* node : nodes) node->link->set_peers(all);
}

} // namespace graphrag::test
