// What goes wrong in a simulated cluster.
#include "tests/sim/cluster_world.hpp"

namespace graphrag::cluster::sim {

void World::fault() {
  ++tally_.faults;
  const auto length = static_cast<Millis>(300 + below(12'000));
  const auto roll = below(100);
  const auto count = [&](const char* name) {
    ++tally_.by_fault[name];
    note(std::string("fault ") + name + " for " + std::to_string(length) + " ms");
  };
  const auto victim = pick();
  if (!victim) return;
  const auto id = processes_.at(*victim).id;
  if (roll < 16) {
    count("crash");
    stop(*victim);
    if (*victim < twin_address) at(now_ + length / 2, [this, a = *victim] { start(a); });
  } else if (roll < 20) {
    count("crash of all");
    std::vector<Address> all;
    for (const auto& [address, process] : processes_) all.push_back(address);
    for (auto address : all) {
      stop(address);
      if (address >= twin_address) continue;
      at(now_ + static_cast<Millis>(below(3000)), [this, address] { start(address); });
    }
  } else if (roll < 38) {
    count("pause");
    note("pause " + to_string(id));
    pause(*victim, length);
  } else if (roll < 58) {
    count("network");
    fault_in_network(length);
  } else if (roll < 80) {
    count("database");
    fault_in_database(length);
  } else if (roll < 86) {
    count("twin");
    const auto address = static_cast<Address>(id.ordinal + twin_address);
    start(address);
    at(now_ + 2 * length, [this, address] { stop(address); });
  } else if (roll < 93) {
    if (ordinals_ >= 7) return;
    count("join");
    start(static_cast<Address>(ordinals_++));
  } else {
    count("leave");
    for (int i = 0; i < 2 && ordinals_ - gone_for_good_.size() > 3; ++i) {
      const auto leaver = pick();
      if (!leaver || *leaver >= twin_address || !gone_for_good_.insert(*leaver).second) continue;
      if (processes_.at(*leaver).paused) resume(*leaver);
      processes_.at(*leaver).node->leave();
    }
  }
}

void World::fault_in_network(Millis length) {
  const auto roll = below(10);
  const auto victim = *pick();
  if (roll < 3) { // lossy everywhere
    network_.set_faults({0.2, 0.1, 1, 12, 4096});
    const auto number = ++loss_faults_;
    at(now_ + length, [this, number] {
      if (number == loss_faults_) network_.set_faults({0, 0, 1, 2, 4096});
    });
    return;
  }
  for (const auto& [other, process] : processes_) {
    if (other == victim || (roll >= 7 && below(2) == 0)) continue;
    const auto a = victim, b = other;
    if (roll < 5) {
      network_.cut(a, b); // one way
    } else if (roll < 9) {
      network_.cut(a, b);
      network_.cut(b, a);
    } else {
      network_.slow(a, b, 20 + below(60));
    }
    at(now_ + length, [this, a, b] {
      network_.heal(a, b);
      network_.heal(b, a);
    });
  }
}

void World::fault_in_database(Millis length) {
  const auto roll = below(10);
  if (roll < 3) {
    database_away_ = true;
    at(now_ + length * 2, [this] { database_away_ = false; });
  } else if (roll < 5) {
    database_delay_ = 700;
    at(now_ + length, [this] { database_delay_ = 30; });
  } else { // some are cut from it, and perhaps from those that are not
    const bool network_too = roll >= 8;
    std::vector<Address> cut, rest;
    for (auto& [address, process] : processes_) {
      const bool hit = below(roll < 7 ? 4 : 2) == 0;
      (hit ? cut : rest).push_back(address);
      if (!hit) continue;
      process.cut_from_database = true;
      at(now_ + length, [this, id = process.id] {
        if (auto* healed = find(id)) healed->cut_from_database = false;
      });
    }
    if (!network_too) return;
    for (auto a : cut)
      for (auto b : rest) {
        network_.cut(a, b);
        network_.cut(b, a);
        at(now_ + length, [this, a, b] {
          network_.heal(a, b);
          network_.heal(b, a);
        });
      }
  }
}

} // namespace graphrag::cluster::sim
