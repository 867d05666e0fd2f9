#include "tests/support/postgres_server.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "tests/support/network_namespace.hpp"

namespace graphrag::test {
namespace {

namespace fs = std::filesystem;

std::string find_binaries() {
  std::string best;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    auto bin = (version.path() / "bin").string();
    if (fs::exists(bin + "/initdb") && fs::exists(bin + "/postgres") && bin > best) best = bin;
  }
  return best;
}

struct User {
  uid_t user;
  gid_t group;
};

// Whom the server runs as: ourselves, unless we are root.
User server_user() {
  if (::geteuid() != 0) return {::geteuid(), ::getegid()};
  for (const char* name : {"postgres", "nobody"})
    if (const auto* user = ::getpwnam(name)) return {user->pw_uid, user->pw_gid};
  return {65534, 65534};
}

void give_to_server(const std::string& folder) {
  auto [user, group] = server_user();
  if (::geteuid() == 0 && ::chown(folder.c_str(), user, group) != 0)
    throw std::runtime_error("the folder cannot be given to the server's user");
}

std::string make_folder() {
  std::string name = "/tmp/graphrag-pg-XXXXXX"; // short: the path of a socket has 107 bytes
  if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
  give_to_server(name);
  return name;
}

// In a child: drops root for good.
void become_server_user() {
  if (::geteuid() != 0) return;
  auto [user, group] = server_user();
  if (::setgroups(0, nullptr) != 0 || ::setgid(group) != 0 || ::setuid(user) != 0) ::_exit(126);
}

void wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
}

bool until(std::chrono::seconds patience, const std::function<bool()>& done) {
  auto end = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(nullptr, 0, 20);
  }
  return true;
}

std::vector<pid_t> children_of(pid_t process) {
  std::ifstream list("/proc/" + std::to_string(process) + "/task/" + std::to_string(process) +
                     "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; list >> child;) children.push_back(child);
  return children;
}

pid_t postmaster_of(const std::string& folder) {
  std::ifstream file(folder + "/data/postmaster.pid");
  pid_t process = 0;
  file >> process;
  return process;
}

// A number may belong to another process by now.
bool is_of(pid_t process, const std::string& folder) {
  std::ifstream file("/proc/" + std::to_string(process) + "/cmdline");
  std::string words((std::istreambuf_iterator<char>(file)), {});
  return words.find(folder) != std::string::npos;
}

// Starts a program as the server's user, its output into a file.
pid_t start_program(const std::vector<std::string>& words, const std::string& log) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t process = ::fork();
  if (process != 0) return process;
  ::setsid();
  become_server_user();
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  int file = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, 0);
  ::dup2(file, 1);
  ::dup2(file, 2);
  for (int fd = 3; fd < 256; ++fd) ::close(fd);
  if (::chdir("/") != 0) ::_exit(126);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

// Lives until the other end of the pipe is closed, which the end of the test does in any case.
[[noreturn]] void guard(int pipe, const std::string& folder) {
  ::setsid();
  for (int fd = 0; fd < 256; ++fd)
    if (fd != pipe) ::close(fd);
  char byte = 0;
  while (::read(pipe, &byte, 1) != 0) {
  }
  auto postmaster = postmaster_of(folder);
  if (postmaster > 0 && is_of(postmaster, folder)) {
    ::kill(postmaster, SIGCONT);
    ::kill(postmaster, SIGQUIT);
    until(std::chrono::seconds(20), [&] { return !fs::exists(folder + "/data/postmaster.pid"); });
  }
  until(std::chrono::seconds(20), [&] { // initdb may still be at work
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    return !fs::exists(folder);
  });
  ::_exit(0);
}

} // namespace

std::string PostgresServer::why_not() {
  if (find_binaries().empty()) return "no PostgreSQL in /usr/lib/postgresql (package postgresql)";
  return "";
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : PostgresServer(-1, "") {}

PostgresServer::PostgresServer(int network, const std::string& address)
    : folder_(make_folder()), binaries_(find_binaries()), address_(address), network_(network) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  guardian_ = ::fork();
  if (guardian_ == 0) {
    ::close(ends[1]);
    guard(ends[0], folder_);
  }
  ::close(ends[0]);
  guardian_pipe_ = ends[1];
  auto initdb = start_program({binaries_ + "/initdb", "-D", folder_ + "/data", "-A", "trust", "-U",
                               "postgres", "-E", "UTF8", "--locale=C", "--no-instructions"},
                              folder_ + "/initdb.log");
  int status = 0;
  if (::waitpid(initdb, &status, 0) < 0 || status != 0)
    throw std::runtime_error("initdb failed: see " + folder_ + "/initdb.log");
  std::ofstream(folder_ + "/data/postgresql.conf", std::ios::app)
      << "listen_addresses = '" << address_ << "'\nunix_socket_directories = '" << folder_
      << "'\nmax_connections = 100\nfsync = on\nshared_buffers = 64MB\nlogging_collector = off\n"
         "autovacuum_naptime = 10s\nmax_wal_size = 1GB\n";
  if (!address_.empty())
    std::ofstream(folder_ + "/data/pg_hba.conf", std::ios::app) << "host all all samenet trust\n";
  start();
}

PostgresServer::~PostgresServer() {
  ::close(guardian_pipe_);
  if (postmaster_ > 0) wait_for(postmaster_);
  wait_for(guardian_);
}

void PostgresServer::start() {
  const InNamespace there{network_};
  postmaster_ =
      start_program({binaries_ + "/postgres", "-D", folder_ + "/data"}, folder_ + "/server.log");
  bool up = until(std::chrono::seconds(60), [&] {
    auto ask = binaries_ + "/pg_isready -q -h " + folder_ + " -d postgres -U postgres";
    return std::system(ask.c_str()) == 0;
  });
  if (!up) throw std::runtime_error("the server did not come up: see " + folder_ + "/server.log");
}

void PostgresServer::each_process(int signal) const {
  auto children = children_of(postmaster_);
  for (auto child : children) ::kill(child, signal);
}

void PostgresServer::kill() {
  ::kill(postmaster_, SIGSTOP); // so that it starts no other
  each_process(SIGKILL);
  ::kill(postmaster_, SIGKILL);
  wait_for(postmaster_);
  postmaster_ = -1;
}

void PostgresServer::stop() {
  ::kill(postmaster_, SIGQUIT);
  wait_for(postmaster_);
  postmaster_ = -1;
}

void PostgresServer::freeze(bool on) {
  if (on) ::kill(postmaster_, SIGSTOP);
  each_process(on ? SIGSTOP : SIGCONT);
  if (!on) ::kill(postmaster_, SIGCONT);
}

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql:///" + database + "?host=" + folder_ + "&user=postgres";
}

std::string PostgresServer::tcp_url(const std::string& database) const {
  return "postgresql://postgres@" + address_ + "/" + database;
}

std::string PostgresServer::run(const std::string& arguments) const {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen((binaries_ + "/" + arguments).c_str(), "r"),
                                             ::pclose);
  if (!pipe) throw std::runtime_error("cannot run " + arguments);
  std::string out;
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = std::fread(part.data(), 1, part.size(), pipe.get())) > 0;)
    out.append(part.data(), n);
  if (::pclose(pipe.release()) != 0) throw std::runtime_error("failed: " + arguments);
  return out;
}

std::string PostgresServer::sql(const std::string& statement, const std::string& database) const {
  return run("psql -X -q -A -t -v ON_ERROR_STOP=1 -d '" + url(database) + "' -c \"" + statement +
             "\" 2>&1");
}

std::string PostgresServer::make_database() {
  auto name = "test" + std::to_string(++databases_);
  sql("CREATE DATABASE " + name + " TEMPLATE template0");
  return name;
}

std::string PgBouncer::why_not() {
  return fs::exists("/usr/sbin/pgbouncer") ? "" : "no /usr/sbin/pgbouncer (package pgbouncer)";
}

PgBouncer::PgBouncer(const PostgresServer& server) : folder_(server.folder() + "/bouncer") {
  fs::create_directory(folder_);
  give_to_server(folder_);
  std::ofstream(folder_ + "/pgbouncer.ini")
      << "[databases]\n* = host=" << server.folder()
      << " user=postgres\n[pgbouncer]\nlisten_addr =\n"
      << "unix_socket_dir = " << folder_ << "\nauth_type = any\npool_mode = transaction\n"
      << "default_pool_size = 3\nmax_client_conn = 100\nlogfile = " << folder_ << "/log\n"
      << "pidfile =\n";
  process_ = start_program({"/usr/sbin/pgbouncer", folder_ + "/pgbouncer.ini"}, folder_ + "/out");
  auto socket = folder_ + "/.s.PGSQL.6432";
  if (!until(std::chrono::seconds(20), [&] { return fs::exists(socket); }))
    throw std::runtime_error("pgbouncer did not come up: see " + folder_);
}

PgBouncer::~PgBouncer() {
  ::kill(process_, SIGKILL);
  wait_for(process_);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string PgBouncer::url(const std::string& database) const {
  return "postgresql:///" + database + "?host=" + folder_ + "&port=6432&user=postgres";
}

} // namespace graphrag::test
