// What metering and supervision cost: supervised MeteredActors beside raw CAF actors, with empty
// handlers, in ping-pong (2 actors) and in 8-to-1 fan-in. Raw and metered runs alternate; medians.
//   actor_bench [--json] [--rounds N] [--messages N]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <caf/all.hpp>
#include <nlohmann/json.hpp>

#include "runtime/actor/metered_actor.hpp"
#include "runtime/actor/supervisor.hpp"

struct Ball {
  std::uint64_t left;
};
struct Item {
  bool last_of_burst;
};
struct Credit {};
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Ball)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Item)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Credit)

namespace {

using namespace graphrag::runtime;
using Done = std::shared_ptr<std::promise<void>>; // its setter may outlive the run

class Raw : public caf::event_based_actor {
public:
  Raw(caf::actor_config& config, const std::string&) : caf::event_based_actor(config) {}
};

class Metered : public MeteredActor {
public:
  Metered(caf::actor_config& config, const std::string& path)
      : MeteredActor(config, {"bench", path, path}) {}
};

// Where the actors of one run live: raw ones on their own, metered ones in a supervision tree.
using Start = std::function<caf::actor(caf::actor_system&, const std::string& path)>;

class RawHouse {
public:
  using Base = Raw;
  explicit RawHouse(caf::actor_system& system) : system_(system) {}
  ~RawHouse() {
    for (const auto& actor : all_) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }
  std::vector<caf::actor> start(const std::vector<Start>& starts) {
    for (const auto& start : starts) all_.push_back(start(system_, ""));
    return all_;
  }

private:
  caf::actor_system& system_;
  std::vector<caf::actor> all_;
};

class SupervisedHouse {
public:
  using Base = Metered;
  explicit SupervisedHouse(caf::actor_system& system) : system_(system) {}
  std::vector<caf::actor> start(const std::vector<Start>& starts) {
    SupervisorSpec spec;
    for (std::size_t i = 0; i < starts.size(); ++i) {
      ChildSpec child;
      child.name = std::to_string(i);
      child.kind = "bench";
      child.start = starts[i];
      spec.children.push_back(std::move(child));
    }
    std::vector<ActorRef> refs;
    for (const auto& child : spec.children) refs.push_back(child.ref);
    tree_ = std::make_unique<SupervisionTree>(system_, "bench", std::move(spec),
                                              [](const std::string&) { std::abort(); });
    std::vector<caf::actor> all;
    for (const auto& ref : refs) all.push_back(ref.get());
    return all;
  }

private:
  caf::actor_system& system_;
  std::unique_ptr<SupervisionTree> tree_;
};

template <class Base>
class Player : public Base {
public:
  Player(caf::actor_config& config, const std::string& path, Done done)
      : Base(config, path), done_(std::move(done)) {}
  void on_exit() override { other_ = nullptr; } // the two hold each other
  caf::behavior make_behavior() override {
    return {[this](caf::actor other) { other_ = std::move(other); },
            [this](const Ball& ball) {
              if (ball.left > 0) {
                this->send(other_, Ball{ball.left - 1});
                return;
              }
              done_->set_value();
            }};
  }

private:
  caf::actor other_;
  Done done_;
};

constexpr std::uint64_t burst = 64;
constexpr int senders = 8;

template <class Base>
class Sink : public Base {
public:
  Sink(caf::actor_config& config, const std::string& path, std::uint64_t expected, Done done)
      : Base(config, path), left_(expected), done_(std::move(done)) {}
  caf::behavior make_behavior() override {
    return {[this](const Item& item) {
      if (item.last_of_burst)
        this->send(caf::actor_cast<caf::actor>(this->current_sender()), Credit{});
      if (--left_ == 0) done_->set_value();
    }};
  }

private:
  std::uint64_t left_;
  Done done_;
};

template <class Base>
class Sender : public Base {
public:
  Sender(caf::actor_config& config, const std::string& path, std::uint64_t messages)
      : Base(config, path), left_(messages) {}
  caf::behavior make_behavior() override {
    return {[this](caf::actor sink) { sink_ = std::move(sink); },
            [this](const Credit&) {
              for (std::uint64_t i = 1; i <= burst && left_ > 0; ++i, --left_)
                this->send(sink_, Item{i == burst});
            }};
  }

private:
  caf::actor sink_;
  std::uint64_t left_;
};

struct Sample {
  double per_second, cpu_nanoseconds;
};

template <class Run>
Sample measure(std::uint64_t messages, Run&& run) {
  const auto cpu = std::clock();
  const auto start = std::chrono::steady_clock::now();
  run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  const auto count = static_cast<double>(messages);
  return {count / took.count(), cpu_seconds * 1e9 / count};
}

template <class House>
Sample ping_pong(caf::actor_system& system, std::uint64_t messages) {
  const auto done = std::make_shared<std::promise<void>>();
  auto finished = done->get_future();
  const Start start = [done](caf::actor_system& where, const std::string& path) {
    return where.spawn<Player<typename House::Base>>(path, done);
  };
  House house{system};
  const auto players = house.start({start, start});
  caf::anon_send(players[0], players[1]);
  caf::anon_send(players[1], players[0]);
  return measure(messages, [&] {
    caf::anon_send(players[0], Ball{messages});
    finished.wait();
  });
}

template <class House>
Sample fan_in(caf::actor_system& system, std::uint64_t messages) {
  const auto done = std::make_shared<std::promise<void>>();
  auto finished = done->get_future();
  const auto each = messages / senders / burst * burst;
  std::vector<Start> starts{[each, done](caf::actor_system& where, const std::string& path) {
    return where.spawn<Sink<typename House::Base>>(path, each * senders, done);
  }};
  for (int i = 0; i < senders; ++i)
    starts.push_back([each](caf::actor_system& where, const std::string& path) {
      return where.spawn<Sender<typename House::Base>>(path, each);
    });
  House house{system};
  const auto all = house.start(starts);
  for (std::size_t i = 1; i < all.size(); ++i) caf::anon_send(all[i], all[0]);
  return measure(each * senders, [&] {
    for (std::size_t i = 1; i < all.size(); ++i) {
      caf::anon_send(all[i], Credit{});
      caf::anon_send(all[i], Credit{}); // two bursts in flight, so that the sink need not wait
    }
    finished.wait();
  });
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

using Bench = Sample (*)(caf::actor_system&, std::uint64_t);

nlohmann::json compare(caf::actor_system& system, int rounds, std::uint64_t messages, Bench raw,
                       Bench metered) {
  raw(system, messages / 10); // warm
  metered(system, messages / 10);
  std::vector<double> raw_rate, metered_rate, raw_cpu, metered_cpu, ratios;
  for (int i = 0; i < rounds; ++i) {
    const auto r = raw(system, messages);
    const auto m = metered(system, messages);
    raw_rate.push_back(r.per_second);
    metered_rate.push_back(m.per_second);
    raw_cpu.push_back(r.cpu_nanoseconds);
    metered_cpu.push_back(m.cpu_nanoseconds);
    ratios.push_back(m.per_second / r.per_second);
  }
  return {{"raw_per_second", median(raw_rate)},
          {"metered_per_second", median(metered_rate)},
          {"ratio", median(metered_rate) / median(raw_rate)},
          {"median_of_paired_ratios", median(ratios)},
          {"raw_cpu_ns_per_message", median(raw_cpu)},
          {"metered_cpu_ns_per_message", median(metered_cpu)},
          {"cpu_ratio", median(raw_cpu) / median(metered_cpu)}};
}

} // namespace

int main(int argc, char** argv) {
  bool json = false;
  int rounds = 11;
  std::uint64_t messages = 1'000'000;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0) json = true;
    if (std::strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) rounds = std::stoi(argv[++i]);
    if (std::strcmp(argv[i], "--messages") == 0 && i + 1 < argc) messages = std::stoull(argv[++i]);
  }
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", std::size_t{2});
  config.set("scheduler.max-throughput", std::size_t{50});
  caf::actor_system system{config};
  nlohmann::json result;
  result["ping_pong"] =
      compare(system, rounds, messages, ping_pong<RawHouse>, ping_pong<SupervisedHouse>);
  result["fan_in_8_to_1"] =
      compare(system, rounds, messages, fan_in<RawHouse>, fan_in<SupervisedHouse>);
  if (json) {
    std::puts(result.dump(2).c_str());
    return 0;
  }
  for (const auto& [name, figures] : result.items())
    std::printf("%-14s raw %.0f/s  metered %.0f/s  ratio %.3f  (cpu ns/message %.0f -> %.0f)\n",
                name.c_str(), figures["raw_per_second"].get<double>(),
                figures["metered_per_second"].get<double>(), figures["ratio"].get<double>(),
                figures["raw_cpu_ns_per_message"].get<double>(),
                figures["metered_cpu_ns_per_message"].get<double>());
}
