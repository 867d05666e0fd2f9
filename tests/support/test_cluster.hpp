#pragma once
// A cluster of real processes on one machine, with a real PostgreSQL, certificates of its own and
// every port a free one. In a network of its own each node has a place there: the database is place
// 0, node i place i + 1.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/http.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/test_certificates.hpp"
#include "tests/support/test_network.hpp"

namespace graphrag::test {

class TestCluster {
public:
  // The network must live longer. `roles`: of the first nodes; the others have all. `binary`: of
  // another build.
  explicit TestCluster(std::size_t nodes, std::vector<std::string> arguments = {},
                       TestNetwork* network = nullptr, std::vector<std::string> roles = {},
                       std::string binary = {});

  std::size_t size() const { return nodes_.size(); }
  PostgresServer& database() { return database_; }
  const std::string& url() const { return url_; } // of the nodes' store
  ServerProcess& node(std::size_t i) { return *nodes_[i]; }
  Address gateway(std::size_t i) const { return {nodes_[i]->port(), network_of(i)}; }
  Address admin(std::size_t i) const { return {nodes_[i]->admin_port(), network_of(i)}; }
  Address link(std::size_t i); // as the node itself reaches it; port 0: it does not say
  bool runs(std::size_t i) const { return nodes_[i] != nullptr; }
  bool serves(std::size_t i) const { return has_role(i, "gateway"); } // clients
  void start(std::size_t i); // that does not run; in the folder that it had
  void kill(std::size_t i);  // SIGKILL
  int stop(std::size_t i);   // SIGTERM; its exit code
  // SIGTERM to all of them within the same second; their exit codes.
  std::vector<int> stop_together(const std::vector<std::size_t>& which);
  void add(); // one more, and starts it
  void use_binary(std::string binary) {
    binary_ = std::move(binary);
  }                                                   // of nodes started from now on
  std::unique_ptr<ServerProcess> twin(std::size_t i); // another process of the same ordinal

  // One look is over soon, so that it can be repeated. One that is not repeated takes its time.
  static constexpr std::chrono::milliseconds one_look{1000}, only_look{10'000};
  bool ready(std::size_t i); // answers /ready with 200
  // null: no answer
  nlohmann::json status(std::size_t i, std::chrono::milliseconds within = one_look);
  // All that run are ready and see exactly each other, every shard on two of those that hold
  // any.
  bool settled();
  // Every one's log, for a failed test.
  std::string logs() const;
  // Copies every log, the database's too, of all lives of every node.
  void keep_logs(const std::filesystem::path& folder) const;
  std::filesystem::path folder_of(std::size_t i) const; // its data is in data/

private:
  bool has_role(std::size_t i, const char* role) const;
  int network_of(std::size_t i) const { return network_ ? network_->place(i + 1) : -1; }
  std::unique_ptr<ServerProcess> launch(std::size_t i, const char* data) const;
  TestNetwork* network_;
  TempDir folder_;
  PostgresServer database_;
  std::string url_, binary_;
  TestAuthority authority_;
  std::vector<std::string> arguments_, roles_;
  std::vector<std::unique_ptr<ServerProcess>> nodes_;
};

} // namespace graphrag::test
