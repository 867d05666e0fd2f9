#pragma once
// Waiting for a condition, with the deadline of a liveness test.
#include <chrono>
#include <thread>

namespace graphrag::test {

// Asks until it holds; false when it still does not at the deadline.
template <class Condition>
bool eventually(Condition condition, std::chrono::seconds within = std::chrono::seconds(60)) {
  const auto end = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

} // namespace graphrag::test
