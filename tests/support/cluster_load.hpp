#pragma once
// Clients of a cluster under test, as a careful user of its API: they ask gateways that a load
// balancer has in rotation (those that say they are ready, looked at every 100 ms; when there is
// none they wait for one), and try a refused or reset connection once more at another. What they
// were told is kept and checked.
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/client_history.hpp"
#include "tests/support/http.hpp"

namespace graphrag::test {

class ClusterLoad {
public:
  struct Failure {
    int gateway; // that was asked last; -1: none came into rotation
    std::string why;
  };
  struct Result {
    std::size_t asked = 0, written = 0, removed = 0;
    std::size_t retried = 0;          // connections that were refused or reset
    std::vector<Failure> failed;      // questions without a complete answer in 2 s
    std::vector<std::string> wrong;   // answers that show what was removed, or lack what was there
    std::vector<double> milliseconds; // of the questions
    double quantile(double q) const;
  };

  // `documents` are put before the load begins; throws when that fails. With a history, which must
  // live longer, every answer is noted there.
  ClusterLoad(std::vector<Address> gateways, std::size_t documents,
              ClientHistory* history = nullptr);
  ~ClusterLoad();

  // A node came back at another port, or is new.
  void set_gateway(std::size_t i, Address at);
  void remove_gateway(std::size_t i); // its process ends on purpose: the balancer knows at once
  // Each client rests for `pause` after an answer.
  void begin(std::chrono::milliseconds pause = {});
  Result end();
  std::size_t asked_so_far() const { return asked_; }
  std::size_t written_so_far() const { return written_; }
  std::vector<Failure> failed_so_far() const; // questions

  // Once all is quiet: every document that was acknowledged and not removed is found by its own
  // words at this gateway, none that was removed is. What is wrong.
  std::vector<std::string> check(Address gateway);
  // Once all is quiet: removes what was written beyond the first documents. False when not all of
  // it could be.
  bool remove_written(Address gateway);

private:
  using Clock = std::chrono::steady_clock;
  enum class Fate { written, removing, removed };
  struct Gateway {
    std::optional<Address> at;
    bool in_rotation = false;
  };
  struct Sent {
    HttpAnswer answer;
    HeardAnswer note; // complete but for what was heard
  };

  void watch_gateways();
  void probe(std::size_t gateway, const std::stop_token& stop);
  void ask(int client);
  void write(int client);
  void remove();
  // Any gateway in rotation but this one if there is another; -1: none.
  int pick(std::size_t turn, int but = -1) const;
  Address address_of(int gateway) const;
  Sent send(const std::string& client, std::size_t turn, const std::string& method,
            const std::string& target, const std::string& about, const std::string& body,
            std::chrono::milliseconds deadline);
  void note(Sent& sent, std::string heard);

  mutable std::mutex mutex_;
  std::vector<Gateway> gateways_;
  ClientHistory* history_;
  std::chrono::milliseconds pause_{0};
  std::map<std::string, Fate> documents_; // by id, which is also its word
  Result result_;
  std::atomic<std::size_t> asked_{0}, written_{0};
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
  // One a gateway, so that a slow one holds up no look at the others. They go on until the last
  // client has its answer.
  std::vector<std::jthread> probes_;
};

} // namespace graphrag::test
