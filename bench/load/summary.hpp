#pragma once
// What a load run measured, and how it is shown.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace graphrag::bench {

struct Summary {
  bool open_loop = false;
  double wanted_rate = 0; // open loop only
  double seconds = 0;     // measured span
  std::uint64_t finished = 0, partial = 0, broken = 0, unfinished = 0;
  std::map<int, std::uint64_t> by_status;
  std::vector<float> latency_ms; // of every request of the span, unfinished ones included
  double generator_cpu_seconds = 0;

  std::uint64_t errors() const; // no 2xx, broken, unfinished
};

// The q-quantile by nearest rank; sorts once before: `sorted` ascending.
double percentile(const std::vector<float>& sorted, double q);

void print(Summary summary, bool json);

} // namespace graphrag::bench
