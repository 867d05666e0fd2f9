#pragma once
// Places with a network each, and one router between them, which is a thread of the test: whatever
// goes from one place to another can be cut, delayed and lost, each direction by itself, and is
// counted. So a test knows that its fault happened. Needs neither tc nor nft, nor any module of the
// kernel but tun; touches nothing outside the namespaces that it made.
//
// Any thread may call anything.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <queue>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/network_namespace.hpp"

namespace graphrag::test {

class TestNetwork {
public:
  // One direction between two places.
  struct Line {
    bool cut = false;                    // nothing passes, and nobody is told
    std::chrono::milliseconds delay{0};  // of each packet,
    std::chrono::milliseconds jitter{0}; // more or less by this; packets keep their order
    double loss = 0;                     // share of packets that do not arrive
  };
  struct Counted {
    std::uint64_t passed = 0, cut = 0, lost = 0, delayed = 0;
  };

  static std::string why_not() { return NetworkNamespace::why_not(); }
  explicit TestNetwork(std::size_t places, std::uint32_t seed = 1); // throws; 200 places at most
  ~TestNetwork();
  TestNetwork(const TestNetwork&) = delete;
  TestNetwork& operator=(const TestNetwork&) = delete;

  int place(std::size_t i) const { return places_[i].space.fd(); } // for InNamespace
  static std::string address(std::size_t i);
  void set(std::size_t from, std::size_t to, Line line);
  void set_both(std::size_t a, std::size_t b, Line line);
  void heal(); // all lines as they were at first
  // Since the start.
  Counted counted(std::size_t from, std::size_t to) const;

private:
  using Clock = std::chrono::steady_clock;
  struct Place {
    NetworkNamespace space;
    runtime::UniqueFd tunnel;
  };
  struct Way {
    Line line;
    Counted counted;
    Clock::time_point last; // when its last packet is due
  };
  struct Packet {
    Clock::time_point due;
    std::uint64_t number;
    std::size_t to;
    std::vector<char> bytes;
    bool operator<(const Packet& other) const { // the first due is the greatest
      return due != other.due ? due > other.due : number > other.number;
    }
  };
  void run();
  void take(std::size_t from);
  void route(std::size_t from, const char* bytes, std::size_t size);
  void deliver(std::size_t to, const char* bytes, std::size_t size);
  int deliver_due(); // milliseconds until the next one is; -1: none

  std::vector<Place> places_;
  runtime::UniqueFd wake_;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_; // of ways_
  std::map<std::pair<std::size_t, std::size_t>, Way> ways_;
  std::priority_queue<Packet> waiting_; // as all below, of the router's thread
  std::uint64_t packets_ = 0;
  std::mt19937 random_;
  std::array<char, 65536> buffer_{};
  std::thread router_;
};

} // namespace graphrag::test
