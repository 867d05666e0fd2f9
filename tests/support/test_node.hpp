#pragma once
// Nodes for tests of the link: certificates in a scratch folder, ports that the system picks, and
// one object per node that remembers what it heard.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "cluster/link/link.hpp"
#include "cluster/link/tls.hpp"
#include "cluster/request/peer_requests.hpp"
#include "tests/support/test_certificates.hpp"

namespace graphrag::test {

inline constexpr std::chrono::seconds patience{20}; // for what must happen

inline std::string name_of(runtime::NodeOrdinal ordinal) {
  return "node-" + std::to_string(ordinal) + ".cluster.test";
}
inline cluster::PeerAddress address_of(runtime::NodeOrdinal ordinal, std::uint16_t port) {
  return {ordinal, "127.0.0.1", port, name_of(ordinal)};
}
inline cluster::TlsFiles tls_files(const std::filesystem::path& folder) {
  return {folder / "ca.pem", folder / "node.pem", folder / "node.key"};
}

// Calm times, for tests of anything but time: a busy machine fences nobody.
inline cluster::LinkTimes calm_times() {
  cluster::LinkTimes times;
  times.timeout = std::chrono::seconds{15};
  times.fence = std::chrono::seconds{10};
  times.connect = std::chrono::seconds{5};
  times.handshake = std::chrono::seconds{10};
  times.backoff = {std::chrono::milliseconds{20}, std::chrono::milliseconds{100}, 0.2,
                   std::chrono::seconds{5}};
  return times;
}

// Times for tests of faults: a node that stands still is soon given up, a busy one is not. The
// fence leaves room for a heartbeat: who is given up has always been still for longer.
inline cluster::LinkTimes fault_times() {
  auto times = calm_times();
  times.timeout = std::chrono::milliseconds{3000};
  times.fence = std::chrono::milliseconds{2500};
  return times;
}

inline cluster::LinkOptions node_options(runtime::NodeOrdinal ordinal) {
  cluster::LinkOptions options;
  options.self = cluster::new_identity(ordinal);
  options.cluster = "test cluster";
  options.listen_address = "127.0.0.1";
  options.times = calm_times();
  return options;
}

// A link that remembers. Made closed; start() lets it run.
class TestNode {
public:
  // `certificates`: a folder that TestAuthority::issue() has filled.
  TestNode(cluster::LinkOptions options, const std::filesystem::path& certificates);
  ~TestNode() { link = nullptr; } // while what it tells is still there
  void start() { link->start(); }

  // Waits, at most `patience`, until it holds; under the lock of what was heard.
  bool wait_for(const std::function<bool()>& holds);
  bool wait_up(runtime::NodeOrdinal peer);
  bool wait_lost(runtime::NodeOrdinal peer);
  std::vector<std::string> got(); // bodies, in order
  bool connected(runtime::NodeOrdinal peer) const;

  runtime::Status send(runtime::NodeOrdinal to, std::string body) {
    return link->send({0, to, 0, 0, "note", std::move(body)});
  }

  std::unique_ptr<cluster::Link> link;
  // Heard so far; read inside wait_for() or after the link is gone.
  std::vector<runtime::Envelope> envelopes;
  std::vector<runtime::PeerEvent> events;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

// Opens the ports of all nodes, then tells each of the others.
void introduce(const std::vector<TestNode*>& nodes);

} // namespace graphrag::test
