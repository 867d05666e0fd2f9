#pragma once
// A real PostgreSQL of Debian for tests: in a temporary folder, on a unix socket only, as a user
// without rights (it refuses root), with fsync on. Everything is gone at the end, also when the
// test is killed: a guardian process waits for the end of the test, ends the server and removes the
// folder. If the machine has none, `why_not()` says so, and tests skip loudly.
#include <memory>
#include <string>
#include <sys/types.h>

namespace graphrag::test {

class PostgresServer {
public:
  // Empty when a server can be started here, else the reason.
  static std::string why_not();

  PostgresServer(); // starts it; throws when it does not come up
  // In another network (network_namespace.hpp), where it also listens on TCP at this address.
  PostgresServer(int network, const std::string& address);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // One for the whole test program, started at the first use.
  static PostgresServer& shared();

  std::string url(const std::string& database = "postgres") const;
  std::string tcp_url(const std::string& database) const;
  const std::string& folder() const { return folder_; }
  std::string make_database(); // an empty one; its name
  // Runs SQL by psql as the superuser; throws when that fails. Gives what it printed.
  std::string sql(const std::string& statement, const std::string& database = "postgres") const;

  void kill();          // SIGKILL to every process of the server at once, as a power cut would
  void stop();          // SIGQUIT, and waits
  void start();         // after kill() or stop(); waits until it answers
  void freeze(bool on); // SIGSTOP or SIGCONT to every process: it is there, but says nothing

private:
  std::string run(const std::string& arguments) const;
  void each_process(int signal) const;

  std::string folder_, binaries_, address_;
  int network_ = -1;
  pid_t guardian_ = -1, postmaster_ = -1;
  int guardian_pipe_ = -1;
  int databases_ = 0;
};

// A PgBouncer of Debian in front of a server, in transaction mode.
class PgBouncer {
public:
  static std::string why_not();
  explicit PgBouncer(const PostgresServer& server);
  ~PgBouncer();
  PgBouncer(const PgBouncer&) = delete;
  PgBouncer& operator=(const PgBouncer&) = delete;
  std::string url(const std::string& database) const;

private:
  std::string folder_;
  pid_t process_ = -1;
};

} // namespace graphrag::test
