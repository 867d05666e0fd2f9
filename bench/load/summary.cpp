#include "bench/load/summary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace graphrag::bench {

std::uint64_t Summary::errors() const {
  std::uint64_t errors = broken + unfinished;
  for (const auto& [status, count] : by_status)
    if (status < 200 || status > 299) errors += count;
  return errors;
}

double percentile(const std::vector<float>& sorted, double q) {
  if (sorted.empty()) return 0;
  auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::min(sorted.size() - 1, rank == 0 ? 0 : rank - 1)];
}

void print(Summary summary, bool json) {
  auto& ms = summary.latency_ms;
  std::sort(ms.begin(), ms.end());
  double rate = summary.seconds > 0 ? static_cast<double>(summary.finished) / summary.seconds : 0;
  double mean = 0;
  for (auto value : ms) mean += static_cast<double>(value) / static_cast<double>(ms.size());
  nlohmann::ordered_json out{
      {"loop", summary.open_loop ? "open" : "closed"},
      {"wanted_rate", summary.wanted_rate},
      {"rate", rate},
      {"seconds", summary.seconds},
      {"requests", summary.finished},
      {"errors", summary.errors()},
      {"partial", summary.partial},
      {"latency_ms",
       {{"mean", mean},
        {"p50", percentile(ms, 0.5)},
        {"p95", percentile(ms, 0.95)},
        {"p99", percentile(ms, 0.99)},
        {"p99.9", percentile(ms, 0.999)},
        {"max", ms.empty() ? 0 : ms.back()}}},
      {"generator_cpu_share",
       summary.seconds > 0 ? summary.generator_cpu_seconds / summary.seconds : 0}};
  auto& status = out["status"];
  status = nlohmann::ordered_json::object();
  for (const auto& [code, count] : summary.by_status) status[std::to_string(code)] = count;
  if (summary.broken != 0) status["broken"] = summary.broken;
  if (summary.unfinished != 0) status["unfinished"] = summary.unfinished;
  if (json) {
    std::printf("%s\n", out.dump().c_str());
    return;
  }
  std::printf("%s loop, %.1f s: %.1f requests/s", summary.open_loop ? "open" : "closed",
              summary.seconds, rate);
  if (summary.open_loop) std::printf(" of %.1f wanted", summary.wanted_rate);
  std::printf(", %llu requests, %llu errors, %llu partial\n",
              static_cast<unsigned long long>(summary.finished),
              static_cast<unsigned long long>(summary.errors()),
              static_cast<unsigned long long>(summary.partial));
  std::printf("latency ms: p50 %.2f  p95 %.2f  p99 %.2f  p99.9 %.2f  max %.2f\n",
              percentile(ms, 0.5), percentile(ms, 0.95), percentile(ms, 0.99),
              percentile(ms, 0.999), ms.empty() ? 0.0 : ms.back());
  std::printf("status: %s\ngenerator: %.0f %% of one core\n", status.dump().c_str(),
              100 * out["generator_cpu_share"].get<double>());
}

} // namespace graphrag::bench
