#include "bench/store/measured_server.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <unistd.h>

namespace graphrag::bench {
namespace {

// Of a process, in seconds; with what its ended children took. 0 when it is gone.
double cpu_of(pid_t process, bool with_ended_children) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return 0;
  std::istringstream fields(line.substr(end_of_name + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped; // state to majflt of children
  double user = 0, system = 0, ended_user = 0, ended_system = 0;
  fields >> user >> system >> ended_user >> ended_system;
  auto ticks = user + system + (with_ended_children ? ended_user + ended_system : 0);
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double cpu_of_postgres(const std::string& folder) {
  std::ifstream file(folder + "/data/postmaster.pid");
  pid_t postmaster = 0;
  file >> postmaster;
  auto process = std::to_string(postmaster);
  std::ifstream children("/proc/" + process + "/task/" + process + "/children");
  double sum = cpu_of(postmaster, true);
  for (pid_t child = 0; children >> child;) sum += cpu_of(child, true);
  return sum;
}

double metric(const std::string& text, const std::string& name) {
  auto at = text.find("\n" + name);
  if (at == std::string::npos) return 0;
  auto end = text.find('\n', at + 1);
  auto line = text.substr(at + 1, end - at - 1);
  return std::strtod(line.substr(line.rfind(' ') + 1).c_str(), nullptr);
}

void wait_until_ready(unsigned short port) {
  auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  test::HttpClient client(port);
  while (client.get("/ready").status != 200) {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("never ready");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void start_counting(test::PostgresServer& database) {
  database.stop();
  std::ofstream(database.folder() + "/data/postgresql.conf", std::ios::app)
      << "shared_preload_libraries = 'pg_stat_statements'\n"
         "pg_stat_statements.track_planning = on\n";
  database.start();
  database.sql("CREATE EXTENSION pg_stat_statements");
}

} // namespace

MeasuredServer::MeasuredServer(Kind kind) : counting_(kind == Kind::postgres_counting) {
  if (kind != Kind::sqlite) {
    cluster_ = std::make_unique<test::TestCluster>(0);
    if (counting_) start_counting(cluster_->database());
    cluster_->add();
  } else {
    folder_ = std::make_unique<test::TempDir>();
    single_ = std::make_unique<test::ServerProcess>(folder_->path() / "data");
  }
  wait_until_ready(server().port());
}

const test::ServerProcess& MeasuredServer::server() const {
  return cluster_ ? cluster_->node(0) : *single_;
}

std::string MeasuredServer::url() const {
  return "http://127.0.0.1:" + std::to_string(server().port());
}

CpuTime MeasuredServer::cpu() const {
  return {cpu_of(server().pid(), false),
          cluster_ ? cpu_of_postgres(cluster_->database().folder()) : 0};
}

Commits MeasuredServer::commits() const {
  auto text = test::HttpClient(server().admin_port()).get("/metrics").body;
  return {metric(text, "graphrag_store_commit_seconds_count"),
          metric(text, "graphrag_store_commit_seconds_sum"),
          metric(text, "graphrag_store_commit_operations_sum")};
}

std::string MeasuredServer::statements() {
  if (!counting_) return "";
  return cluster_->database().sql(
      "SELECT '   calls   plans  exec ms  plan ms     total' UNION ALL (SELECT "
      "to_char(calls, '9999999') || to_char(plans, '9999999') || "
      "to_char(total_exec_time / calls, '9990.999') || "
      "to_char(total_plan_time / greatest(plans, 1), '9990.999') || "
      "to_char(total_exec_time + total_plan_time, '9999990') || '  ' || "
      "left(regexp_replace(query, '[[:space:]]+', ' ', 'g'), 90) FROM pg_stat_statements "
      "WHERE calls > 0 ORDER BY total_exec_time + total_plan_time DESC LIMIT 25)");
}

void MeasuredServer::forget_statements() {
  if (counting_) cluster_->database().sql("SELECT pg_stat_statements_reset()");
}

} // namespace graphrag::bench
