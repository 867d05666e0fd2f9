// What the link costs: two processes on this machine, node 1 asks and sends, node 2 echoes and
// counts. Usage: link_bench CERTIFICATES|--plain [--actors] [--rounds N] [--bytes N]
//
//   back to back     one request at a time: round trip
//   64 outstanding   the same, 64 at a time
//   one way          envelopes in batches of 64 a turn, as fast as the link takes them
//   bulk             the largest envelopes
//
// --actors puts a CAF actor on either end (the asker is one, the echo is one), as in the server;
// without it the handlers run on the link's thread. Medians over the rounds; CPU is of both
// processes.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <caf/all.hpp>

#include "bench/link/plain_wires.hpp"
#include "cluster/link/link.hpp"
#include "cluster/link/tls.hpp"
#include "cluster/request/peer_requests.hpp"
#include "runtime/actor/task.hpp"

namespace graphrag::bench {
namespace {

using namespace std::chrono;
using runtime::SteadyTime;

struct Options {
  std::string certificates; // a folder by make_certificates.sh; empty: no TLS
  bool actors = false;
  int rounds = 5;
  std::size_t bytes = 100;
};

double cpu_seconds(int who) {
  rusage use{};
  ::getrusage(who, &use);
  const auto seconds_of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds_of(use.ru_utime) + seconds_of(use.ru_stime);
}

caf::behavior runs_tasks() {
  return {[](const runtime::Task& task) { (*task)(); }};
}

// An actor to run things in, or nothing: then they run where they are.
class Where {
public:
  explicit Where(bool actors) {
    if (!actors) return;
    config_.set("scheduler.max-threads", std::size_t{2});
    config_.set("scheduler.policy", caf::atom("sharing"));
    system_ = std::make_unique<caf::actor_system>(config_);
    actor_ = system_->spawn(runs_tasks);
  }
  ~Where() {
    if (actor_) caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
    actor_ = nullptr;
  }
  template <class F>
  void run(F task) {
    if (!actor_) return task();
    caf::anon_send(actor_, std::make_shared<std::function<void()>>(std::move(task)));
  }

private:
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::actor actor_;
};

struct Node {
  Node(runtime::NodeOrdinal ordinal, const Options& options) : where(options.actors) {
    cluster::LinkOptions link_options;
    link_options.self = cluster::new_identity(ordinal);
    link_options.cluster = "bench";
    link_options.listen_address = "127.0.0.1";
    const auto folder = options.certificates + "/" + std::to_string(ordinal);
    auto wires = options.certificates.empty()
                     ? make_plain_wires()
                     : *cluster::make_tls_wires(
                           {folder + "/ca.pem", folder + "/node.pem", folder + "/node.key"});
    link = std::move(*cluster::Link::open(std::move(link_options), std::move(wires)));
    requests = std::make_unique<cluster::PeerRequests>(*link, clock);
    link->on_tick([this] { requests->expire(); });
  }
  ~Node() {
    link = nullptr;
    requests = nullptr;
  }
  runtime::SystemClock clock;
  Where where;
  std::unique_ptr<cluster::Link> link;
  std::unique_ptr<cluster::PeerRequests> requests;
};

// Node 2: echoes, counts one-way envelopes, and says its processor time when asked.
int serve(const Options& options, int port_out, int port_in) {
  Node node{2, options};
  std::atomic<std::uint64_t> counted{0};
  node.requests->on_message([&](const runtime::Envelope&) { ++counted; });
  node.requests->on_request([&](cluster::Incoming in, cluster::Answer answer) {
    if (in.kind == "count") return (void)answer.fulfil(std::to_string(counted.load()));
    if (in.kind == "cpu") return (void)answer.fulfil(std::to_string(cpu_seconds(RUSAGE_SELF)));
    node.where.run([answer = std::move(answer), body = std::move(in.body)]() mutable {
      answer.fulfil(std::move(body));
    });
  });
  std::uint16_t port = node.link->port(), other = 0;
  if (::write(port_out, &port, sizeof port) != sizeof port ||
      ::read(port_in, &other, sizeof other) != sizeof other)
    return 1;
  node.link->set_peers({{1, "127.0.0.1", other, "node-1.bench"}});
  node.link->start();
  ::pause(); // until the other kills it
  return 0;
}

class Asker {
public:
  explicit Asker(Node& node) : node_(node) {}

  std::string ask(const std::string& kind) { // blocks
    std::mutex mutex;
    std::condition_variable changed;
    std::string answer;
    bool done = false;
    node_.requests->request(2, kind, "", node_.clock.now() + 10s,
                            cluster::Answer{[&](runtime::Result<std::string> result) {
                              const std::lock_guard lock{mutex};
                              answer = result ? *result : "0";
                              done = true;
                              changed.notify_all();
                            }});
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return done; });
    return answer;
  }
  double cpu() { return cpu_seconds(RUSAGE_SELF) + std::stod(ask("cpu")); }

  // Round trips in microseconds, sorted; each answer sends the next request.
  std::vector<double> echo(std::size_t count, std::size_t outstanding, std::size_t bytes) {
    times_.clear();
    left_ = count;
    body_.assign(bytes, 'x');
    finished_ = false;
    node_.where.run([this, outstanding] {
      for (std::size_t i = 0; i < outstanding; ++i) one();
    });
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return finished_; });
    std::sort(times_.begin(), times_.end());
    return times_;
  }

  // Envelopes a second, counted where they arrive.
  double stream(std::size_t count, std::size_t bytes) {
    const auto before = std::stoull(ask("count"));
    const auto began = steady_clock::now();
    const std::string body(bytes, 'y');
    for (std::size_t sent = 0; sent < count;) {
      if (node_.link->send({0, 2, 0, 0, "note", body}))
        ++sent;
      else
        std::this_thread::sleep_for(microseconds{100});
    }
    while (std::stoull(ask("count")) - before < count) {
    }
    return static_cast<double>(count) / duration<double>(steady_clock::now() - began).count();
  }

private:
  void one() {
    if (left_ == 0) return;
    --left_;
    const auto began = steady_clock::now();
    node_.requests->request(
        2, "echo", body_, node_.clock.now() + 10s,
        cluster::Answer{[this, began](runtime::Result<std::string>) {
          node_.where.run([this, began] {
            times_.push_back(duration<double, std::micro>(steady_clock::now() - began).count());
            if (left_ > 0) return one();
            const std::lock_guard lock{mutex_};
            finished_ = true;
            changed_.notify_all();
          });
        }});
  }

  Node& node_;
  std::vector<double> times_; // only in the asker's actor, or on the link's thread
  std::size_t left_ = 0;
  std::string body_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void measure(Node& node, const Options& options) {
  Asker asker{node};
  struct Row {
    std::vector<double> p50, p99, rate, cpu;
  };
  Row single, many, one_way, bulk;
  const auto round_trips = [&](Row& row, std::size_t count, std::size_t outstanding) {
    const auto cpu = asker.cpu();
    const auto began = steady_clock::now();
    const auto times = asker.echo(count, outstanding, options.bytes);
    const auto took = duration<double>(steady_clock::now() - began).count();
    row.p50.push_back(times[times.size() / 2]);
    row.p99.push_back(times[times.size() * 99 / 100]);
    row.rate.push_back(static_cast<double>(times.size()) / took);
    row.cpu.push_back((asker.cpu() - cpu) * 1e6 / static_cast<double>(times.size()));
  };
  const auto streams = [&](Row& row, std::size_t count, std::size_t bytes) {
    const auto cpu = asker.cpu();
    row.rate.push_back(asker.stream(count, bytes));
    row.cpu.push_back((asker.cpu() - cpu) * 1e6 / static_cast<double>(count));
  };
  asker.echo(500, 1, options.bytes); // warm
  for (int round = 0; round < options.rounds; ++round) {
    round_trips(single, 4000, 1);
    round_trips(many, 60'000, 64);
    streams(one_way, 300'000, options.bytes);
    streams(bulk, 1500, runtime::max_envelope_bytes);
  }
  std::printf("%s%s, %zu bytes, medians of %d rounds\n",
              options.certificates.empty() ? "plain TCP" : "mutual TLS",
              options.actors ? ", actors on either end" : "", options.bytes, options.rounds);
  std::printf("back to back    p50 %6.0f us  p99 %6.0f us  %7.1f us cpu each\n", median(single.p50),
              median(single.p99), median(single.cpu));
  std::printf("64 outstanding  p50 %6.0f us  p99 %6.0f us  %7.1f us cpu each  %8.0f /s\n",
              median(many.p50), median(many.p99), median(many.cpu), median(many.rate));
  std::printf("one way         %8.0f /s  %7.2f us cpu each\n", median(one_way.rate),
              median(one_way.cpu));
  std::printf("bulk            %8.1f MB/s %7.2f us cpu per MB\n",
              median(bulk.rate) * runtime::max_envelope_bytes / 1e6,
              median(bulk.cpu) * 1e6 / runtime::max_envelope_bytes);
}

int run(const Options& options) {
  int up[2], down[2];
  if (::pipe(up) != 0 || ::pipe(down) != 0) return 1;
  const auto child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::_exit(serve(options, up[1], down[0]));
  }
  {
    Node node{1, options};
    std::uint16_t port = node.link->port(), other = 0;
    std::mutex mutex;
    std::condition_variable changed;
    bool met = false;
    node.requests->on_peer([&](const runtime::PeerEvent& event) {
      const std::lock_guard lock{mutex};
      met = event.up;
      changed.notify_all();
    });
    if (::read(up[0], &other, sizeof other) != sizeof other ||
        ::write(down[1], &port, sizeof port) != sizeof port)
      return 1;
    node.link->set_peers({{2, "127.0.0.1", other, "node-2.bench"}});
    node.link->start();
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return met; });
    lock.unlock();
    measure(node, options);
    node.link = nullptr;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return 0;
}

} // namespace
} // namespace graphrag::bench

int main(int argc, char** argv) {
  graphrag::bench::Options options;
  bool plain = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    const bool more = i + 1 < argc;
    if (flag == "--plain")
      plain = true;
    else if (!flag.starts_with("--"))
      options.certificates = flag;
    else if (flag == "--actors")
      options.actors = true;
    else if (flag == "--rounds" && more)
      options.rounds = std::max(1, std::atoi(argv[++i]));
    else if (flag == "--bytes" && more)
      options.bytes = static_cast<std::size_t>(std::max(0, std::atoi(argv[++i])));
    else
      options.rounds = 0;
  }
  if (options.rounds == 0 || plain != options.certificates.empty()) {
    std::fprintf(stderr, "usage: link_bench CERTIFICATES|--plain [--actors] [--rounds N] "
                         "[--bytes N]\n");
    return 2;
  }
  return graphrag::bench::run(options);
}
