// What metering and supervision cost: supervised MeteredActors beside raw CAF actors, with empty
// handlers, in ping-pong (2 actors) and in 8-to-1 fan-in. Raw and metered runs alternate; medians.
//   actor_bench [--json] [--rounds N] [--messages N]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <future>
#include <string>
#include <vector>

#include <caf/all.hpp>
#include <nlohmann/json.hpp>

#include "runtime/actor/metered_actor.hpp"

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
using Done = std::promise<void>;

class Raw : public caf::event_based_actor {
public:
  Raw(caf::actor_config& config, const char*) : caf::event_based_actor(config) {}
};

class Metered : public MeteredActor {
public:
  Metered(caf::actor_config& config, const char* kind)
      : MeteredActor(config, {kind, "", std::string{"/bench/"} + kind}) {}
};

template <class Base>
class Player : public Base {
public:
  Player(caf::actor_config& config, Done* done) : Base(config, "player"), done_(done) {}
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
  Done* done_;
};

constexpr std::uint64_t burst = 64;
constexpr int senders = 8;

template <class Base>
class Sink : public Base {
public:
  Sink(caf::actor_config& config, std::uint64_t expected, Done* done)
      : Base(config, "sink"), left_(expected), done_(done) {}
  caf::behavior make_behavior() override {
    return {[this](const Item& item) {
      if (item.last_of_burst)
        this->send(caf::actor_cast<caf::actor>(this->current_sender()), Credit{});
      if (--left_ == 0) done_->set_value();
    }};
  }

private:
  std::uint64_t left_;
  Done* done_;
};

template <class Base>
class Sender : public Base {
public:
  Sender(caf::actor_config& config, caf::actor sink, std::uint64_t messages)
      : Base(config, "sender"), sink_(std::move(sink)), left_(messages) {}
  caf::behavior make_behavior() override {
    return {[this](const Credit&) {
      for (std::uint64_t i = 1; i <= burst && left_ > 0; ++i, --left_)
        this->send(sink_, Item{i == burst});
    }};
  }

private:
  caf::actor sink_;
  std::uint64_t left_;
};

void end(std::initializer_list<caf::actor> actors) {
  for (const auto& actor : actors) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

template <class Base>
void ping_pong(caf::actor_system& system, std::uint64_t messages) {
  Done done;
  auto finished = done.get_future();
  auto one = system.spawn<Player<Base>>(&done);
  auto two = system.spawn<Player<Base>>(&done);
  caf::anon_send(one, two);
  caf::anon_send(two, one);
  caf::anon_send(one, Ball{messages});
  finished.wait();
  end({one, two});
}

template <class Base>
void fan_in(caf::actor_system& system, std::uint64_t messages) {
  Done done;
  auto finished = done.get_future();
  const auto each = messages / senders / burst * burst;
  auto sink = system.spawn<Sink<Base>>(each * senders, &done);
  std::vector<caf::actor> all;
  for (int i = 0; i < senders; ++i) all.push_back(system.spawn<Sender<Base>>(sink, each));
  for (const auto& sender : all) {
    caf::anon_send(sender, Credit{});
    caf::anon_send(sender, Credit{}); // two bursts in flight, so that the sink need not wait
  }
  finished.wait();
  end({sink});
  for (const auto& sender : all) end({sender});
}

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

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

nlohmann::json compare(int rounds, std::uint64_t messages,
                       const std::function<void(std::uint64_t)>& raw,
                       const std::function<void(std::uint64_t)>& metered) {
  raw(messages / 10); // warm
  metered(messages / 10);
  std::vector<double> raw_rate, metered_rate, raw_cpu, metered_cpu, ratios;
  for (int i = 0; i < rounds; ++i) {
    const auto r = measure(messages, [&] { raw(messages); });
    const auto m = measure(messages, [&] { metered(messages); });
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
  result["ping_pong"] = compare(
      rounds, messages, [&](std::uint64_t n) { ping_pong<Raw>(system, n); },
      [&](std::uint64_t n) { ping_pong<Metered>(system, n); });
  result["fan_in_8_to_1"] = compare(
      rounds, messages, [&](std::uint64_t n) { fan_in<Raw>(system, n); },
      [&](std::uint64_t n) { fan_in<Metered>(system, n); });
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
