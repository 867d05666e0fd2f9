#pragma once
// The composition root: makes ports, views, actors and listeners of one node, in order, and stops
// them in reverse.
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/all.hpp>

#include "actors/chunk/trim_actor.hpp"
#include "actors/document/job_actor.hpp"
#include "gateway/gateway_actor.hpp"
#include "gateway/http/server.hpp"
#include "gateway/main/cluster_member.hpp"
#include "gateway/routes/routes.hpp"
#include "runtime/config/config.hpp"
#include "runtime/data_dir.hpp"

namespace graphrag {

class Node {
public:
  // Starts everything. On an error nothing is left running.
  static runtime::Result<std::unique_ptr<Node>> start(const runtime::Config& config);
  ~Node();

  std::uint16_t port() const;
  std::uint16_t admin_port() const;

  // The orderly stop: readiness off, no new connections, open requests end, actors stop in reverse.
  // Returns whether all ended by themselves before the deadline.
  bool stop(std::chrono::milliseconds deadline);
  // Set when the root supervisor gave up: the process should end with an error.
  bool gave_up() const { return gave_up_; }
  void on_give_up(std::function<void()> callback) { on_give_up_ = std::move(callback); }

private:
  explicit Node(const runtime::Config& config) : config_(config) {}
  runtime::Status open_ports();
  runtime::Status open_alone();
  runtime::Status open_member();
  runtime::Status start_actors();
  runtime::Status start_listeners();
  document::IngestLine ingest_line();
  chunk::Forgetting forgetting();
  nlohmann::json readiness() const;

  runtime::Config config_;
  std::unique_ptr<runtime::DataDir> data_dir_;
  std::shared_ptr<NodeParts> parts_;
  std::shared_ptr<ClusterMember> member_; // null: alone
  gateway::GatewayLimits limits_;
  std::unique_ptr<caf::actor_system_config> actor_config_;
  std::unique_ptr<caf::actor_system> actors_;
  std::shared_ptr<runtime::SupervisionTree> tree_;
  gateway::Context context_;
  boost::asio::io_context io_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::vector<std::thread> io_threads_;
  std::unique_ptr<gateway::HttpServer> public_server_, admin_server_;
  std::atomic<bool> ready_{false}, draining_{false}, gave_up_{false}, stopped_{false};
  std::function<void()> on_give_up_;
};

} // namespace graphrag
