#include <csignal>
#include <cstdio>
#include <filesystem>
#include <vector>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cluster/link/authority.hpp"
#include "gateway/client/server_process.hpp"
#include "gateway/main/cluster_commands.hpp"
#include "gateway/main/local_postgres.hpp"
#include "runtime/unique_fd.hpp"

namespace graphrag {
namespace {

namespace fs = std::filesystem;

constexpr unsigned ports_per_node = 10;
constexpr auto valid = std::chrono::hours{24 * 365};

int report(const runtime::Error& error) {
  std::fprintf(stderr, "graphrag: %s\n", error.detail.c_str());
  return client::exit_findings;
}

std::string local(unsigned port) { return "127.0.0.1:" + std::to_string(port); }

client::ServerProcessOptions node_options(const ClusterUpOptions& options, unsigned ordinal,
                                          const std::string& store) {
  const auto port = options.port + ports_per_node * ordinal;
  const auto folder = fs::path{options.folder} / ("node-" + std::to_string(ordinal));
  const auto certificates = folder / "certificates";
  client::ServerProcessOptions out;
  out.data_dir = (folder / "data").string();
  out.log_file = (folder / "server.log").string();
  out.listen = local(port);
  out.admin_listen = local(port + 1);
  const auto set = [&](const char* key, const std::string& value) {
    out.arguments.push_back("--set");
    out.arguments.push_back(std::string{key} + "=" + value);
  };
  set("store.url", store);
  set("blobs.url", "store");
  set("cluster.id", "local");
  set("cluster.ordinal", std::to_string(ordinal));
  if (options.nodes == 1) set("cluster.replicas", "1"); // there is nobody for a second
  set("cluster.listen", local(port + 2));
  set("cluster.advertise", local(port + 2));
  set("cluster.certificate", (certificates / "node.pem").string());
  set("cluster.key", (certificates / "node.key").string());
  set("cluster.ca", (certificates / "ca.pem").string());
  return out;
}

// Waits until it is interrupted, or until no node is left.
void watch(std::vector<client::ServerProcess>& nodes, int signals) {
  std::size_t running = nodes.size();
  while (running > 0) {
    ::pollfd wait{signals, POLLIN, 0};
    if (::poll(&wait, 1, 500) > 0) return;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto code = nodes[i].ended();
      if (!code) continue;
      std::printf("node %zu has ended with code %d\n", i, *code);
      std::fflush(stdout);
      --running;
    }
  }
}

} // namespace

int cluster_up(const ClusterUpOptions& options) {
  if (options.port + ports_per_node * options.nodes > 65535) {
    std::fprintf(stderr, "graphrag: not so many ports after %u\n", unsigned{options.port});
    return client::exit_usage;
  }
  if (options.folder.empty()) {
    std::fprintf(stderr, "graphrag: --data must name a folder\n");
    return client::exit_usage;
  }
  ::sigset_t stop;
  ::sigemptyset(&stop);
  ::sigaddset(&stop, SIGINT);
  ::sigaddset(&stop, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &stop, nullptr);
  runtime::UniqueFd signals{::signalfd(-1, &stop, SFD_CLOEXEC)};

  auto database = LocalPostgres::start(fs::path{options.folder} / "postgres");
  if (!database) return report(database.error());
  auto authority = cluster::Authority::make("graphrag development", valid);
  if (!authority) return report(authority.error());

  std::vector<client::ServerProcess> nodes;
  for (unsigned i = 0; i < options.nodes; ++i) {
    const auto folder = fs::path{options.folder} / ("node-" + std::to_string(i));
    if (auto issued =
            authority->issue(folder / "certificates", "graphrag-" + std::to_string(i), valid);
        !issued)
      return report(issued.error());
    auto node = client::ServerProcess::start(node_options(options, i, database->url()));
    if (!node) {
      std::fprintf(stderr, "node %u: %s; its log is %s\n", i, node.error().detail.c_str(),
                   (folder / "server.log").c_str());
      return client::exit_findings;
    }
    std::printf("node %u  %s  admin %s  process %d\n", i, node->url().c_str(),
                node->admin_url().c_str(), static_cast<int>(node->pid()));
    std::fflush(stdout);
    nodes.push_back(std::move(*node));
  }
  std::printf("all are started; any of them answers. Members: graphrag cluster status --admin-url "
              "%s\nEnd them with Ctrl-C.\n",
              nodes.front().admin_url().c_str());
  std::fflush(stdout);
  watch(nodes, signals.get());
  std::printf("stopping\n");
  std::fflush(stdout);
  for (auto& node : nodes)
    if (node.pid() > 0) ::kill(node.pid(), SIGTERM); // all at once
  for (auto& node : nodes) (void)node.stop(std::chrono::seconds(40));
  return client::exit_ok;
}

} // namespace graphrag
