#include "tests/support/test_cluster.hpp"

#include <algorithm>
#include <csignal>

namespace graphrag::test {
namespace {

using nlohmann::json;

} // namespace

TestCluster::TestCluster(std::size_t nodes, std::vector<std::string> arguments,
                         TestNetwork* network, std::vector<std::string> roles, std::string binary)
    : network_(network), database_(network ? PostgresServer{network->place(0), network->address(0)}
                                           : PostgresServer{}),
      binary_(std::move(binary)), arguments_(std::move(arguments)), roles_(std::move(roles)) {
  const auto name = database_.make_database();
  url_ = network ? database_.tcp_url(name) : database_.url(name);
  for (std::size_t i = 0; i < nodes; ++i) add();
}

std::filesystem::path TestCluster::folder_of(std::size_t i) const {
  return folder_.path() / ("node-" + std::to_string(i));
}

void TestCluster::add() {
  const auto i = nodes_.size();
  authority_.issue(folder_of(i) / "certificates", "graphrag-" + std::to_string(i));
  nodes_.emplace_back();
  start(i);
}

void TestCluster::start(std::size_t i) { nodes_[i] = launch(i, "data"); }

std::unique_ptr<ServerProcess> TestCluster::twin(std::size_t i) { return launch(i, "twin"); }

std::unique_ptr<ServerProcess> TestCluster::launch(std::size_t i, const char* data) const {
  const auto certificates = folder_of(i) / "certificates";
  auto arguments = arguments_;
  const auto set = [&](const char* key, const std::string& value) {
    arguments.push_back("--set");
    arguments.push_back(std::string{key} + "=" + value);
  };
  if (i < roles_.size()) set("node.roles", roles_[i]);
  set("store.url", url_);
  set("blobs.url", "store");
  set("cluster.id", "test");
  set("cluster.ordinal", std::to_string(i));
  const auto address = network_ ? network_->address(i + 1) : "127.0.0.1";
  set("cluster.listen", address + ":0");
  set("cluster.advertise", address + ":0");
  set("cluster.certificate", (certificates / "node.pem").string());
  set("cluster.key", (certificates / "node.key").string());
  set("cluster.ca", (certificates / "ca.pem").string());
  const InNamespace there{network_of(i)};
  return std::make_unique<ServerProcess>(folder_of(i) / data, std::move(arguments), binary_);
}

void TestCluster::kill(std::size_t i) {
  nodes_[i]->kill_hard();
  nodes_[i].reset();
}

int TestCluster::stop(std::size_t i) {
  nodes_[i]->signal(SIGTERM);
  const auto code = nodes_[i]->wait_for_exit(std::chrono::seconds(60));
  nodes_[i].reset();
  return code;
}

std::vector<int> TestCluster::stop_together(const std::vector<std::size_t>& which) {
  for (const auto i : which) nodes_[i]->signal(SIGTERM);
  std::vector<int> codes;
  for (const auto i : which) {
    codes.push_back(nodes_[i]->wait_for_exit(std::chrono::seconds(90)));
    nodes_[i].reset();
  }
  return codes;
}

bool TestCluster::ready(std::size_t i) {
  HttpClient client{gateway(i), one_look};
  return client.get("/ready").status == 200;
}

json TestCluster::status(std::size_t i, std::chrono::milliseconds within) {
  HttpClient client{admin(i), within};
  const auto answer = client.get("/api/v1/admin/cluster");
  return answer.status == 200 ? answer.json() : json(nullptr);
}

Address TestCluster::link(std::size_t i) {
  const auto seen = status(i, only_look);
  if (!seen.is_object()) return {0};
  for (const auto& member : seen["members"]) {
    if (member["ordinal"] != i) continue;
    const auto address = member["address"].get<std::string>();
    return {static_cast<unsigned short>(std::stoul(address.substr(address.rfind(':') + 1))),
            network_of(i)};
  }
  return {0};
}

bool TestCluster::has_role(std::size_t i, const char* role) const {
  return i >= roles_.size() || roles_[i].find(role) != std::string::npos;
}

bool TestCluster::settled() {
  std::vector<std::size_t> running;
  std::size_t holders = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!runs(i)) continue;
    running.push_back(i);
    holders += has_role(i, "shard");
  }
  return std::ranges::all_of(running, [&](std::size_t i) {
    const auto seen = status(i);
    if (!seen.is_object() || !ready(i) || seen["members"].size() != running.size()) return false;
    for (std::size_t m = 0; m < running.size(); ++m) {
      const auto& member = seen["members"][m];
      if (member["ordinal"] != running[m] || member["state"] != "up") return false;
    }
    return std::ranges::all_of(seen["placement"], [&](const json& shard) {
      return shard["serving"].size() == std::min<std::size_t>(2, holders) &&
             shard["loading"].empty() && shard["retiring"].empty();
    });
  });
}

std::string TestCluster::logs() const {
  std::string out;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i]) out += "--- node " + std::to_string(i) + "\n" + nodes_[i]->log();
  return out;
}

void TestCluster::keep_logs(const std::filesystem::path& folder) const {
  const auto copy = [&](const std::filesystem::path& from, const std::string& name) {
    std::error_code missing;
    std::filesystem::copy_file(from, folder / name,
                               std::filesystem::copy_options::overwrite_existing, missing);
  };
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    copy(folder_of(i) / "server.log", "node-" + std::to_string(i) + ".log");
  copy(database_.folder() + "/server.log", "database.log");
}

} // namespace graphrag::test
