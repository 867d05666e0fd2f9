#pragma once
// What the tests of actors share: a small actor system and waiting with a deadline.
#include <chrono>
#include <string>
#include <thread>

#include <caf/all.hpp>

#include "runtime/actor/metered_actor.hpp"

namespace graphrag::runtime {

struct TestSystem {
  struct Config : caf::actor_system_config {
    Config() {
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-threads", std::size_t{2});
      set("scheduler.max-throughput", std::size_t{50});
    }
  } config;
  caf::actor_system system{config};
};

// True as soon as the condition holds; false when it still does not after ten seconds.
template <class Condition>
bool eventually(Condition&& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

inline ActorMeterReading reading_of(const std::string& kind, const std::string& instance = "") {
  for (auto& reading : read_meters())
    if (reading.kind == kind && reading.instance == instance) return reading;
  return {};
}

} // namespace graphrag::runtime
