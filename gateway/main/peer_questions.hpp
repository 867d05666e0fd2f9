#pragma once
// Questions of this node's gateway that other nodes answer, and theirs that this node answers
// (gateway/routes/holders.hpp), over the cluster's link. A question goes to one node that holds the
// collection, and to another when that one refuses, is lost or is late (cluster/query_route.hpp);
// the first answer counts.
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>

#include <boost/asio/io_context.hpp>

#include "gateway/main/cluster_member.hpp"
#include "gateway/routes/holders.hpp"

namespace graphrag {

// The 99th percentile of the last answers' times. Thread-safe.
class LateBound {
public:
  void heard(cluster::Millis took);
  cluster::Millis p99() const { return p99_.load(std::memory_order_relaxed); }

private:
  std::mutex mutex_;
  std::array<cluster::Millis, 256> times_{};
  std::size_t heard_ = 0;
  std::atomic<cluster::Millis> p99_{100}; // until there are some
};

class PeerQuestions : public std::enable_shared_from_this<PeerQuestions> {
public:
  // Before the node starts. `member` and `io` outlive all use.
  PeerQuestions(ClusterMember& member, boost::asio::io_context& io,
                std::shared_ptr<const runtime::Clock> clock)
      : member_(member), io_(io), clock_(std::move(clock)) {}
  // What peers ask is answered by these routes, as long as their context lives.
  void serve(const gateway::Context& context);

  // A question that may write something is given to a second holder only when the first one did
  // nothing.
  void ask(gateway::PeerQuestion question, runtime::SteadyTime deadline,
           runtime::Promise<gateway::Response> answer);

private:
  class Asked;
  ClusterMember& member_;
  boost::asio::io_context& io_;
  std::shared_ptr<const runtime::Clock> clock_;
  std::atomic<std::uint64_t> last_id_{0};
  LateBound late_;
};

} // namespace graphrag
