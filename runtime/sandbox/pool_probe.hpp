#pragma once
// Metrics of the parser pool.
#include <chrono>
#include <string>

#include "observability/metrics.hpp"
#include "runtime/sandbox/parser_pool.hpp"

namespace graphrag::runtime::sandbox {

enum class ChildState : std::uint8_t { starting, idle, busy, ending };

class PoolProbe {
public:
  PoolProbe();
  void entered(ChildState state) { children_[static_cast<std::size_t>(state)]->Increment(); }
  void left(ChildState state) { children_[static_cast<std::size_t>(state)]->Decrement(); }
  void queued(int by) { queued_.Increment(by); }
  void refused() { refused_.Increment(); }
  void failed_start() { failed_starts_.Increment(); }
  void finished(const ParserOutcome& outcome, const std::string& format);

private:
  prometheus::Gauge* children_[4];
  prometheus::Gauge& queued_;
  prometheus::Counter& refused_;
  prometheus::Counter& failed_starts_;
  prometheus::Histogram& seconds_;
};

} // namespace graphrag::runtime::sandbox
