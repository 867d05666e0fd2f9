#include "observability/process_metrics.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include <sys/resource.h>
#include <unistd.h>

namespace graphrag::observability {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

// When the library was loaded: the process had only just begun.
const double start_time =
    std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();

MetricFamily family(const char* name, const char* help, MetricType type, double value) {
  prometheus::ClientMetric metric;
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return {name, help, type, {metric}};
}

// Resident and virtual memory, and threads, from /proc/self/stat.
void add_memory(std::vector<MetricFamily>& out) {
  std::ifstream file{"/proc/self/stat"};
  std::string line;
  if (!std::getline(file, line)) return;
  // The second field, the name, may hold spaces; it ends at the last parenthesis.
  const auto after_name = line.rfind(')');
  if (after_name == std::string::npos) return;
  std::istringstream fields{line.substr(after_name + 1)};
  std::string skipped;
  double threads = 0, virtual_bytes = 0, resident_pages = 0;
  for (int field = 3; field < 20; ++field) fields >> skipped;
  fields >> threads >> skipped >> skipped >> virtual_bytes >> resident_pages;
  if (!fields) return;
  const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  out.push_back(family("process_resident_memory_bytes", "Resident memory size in bytes.",
                       MetricType::Gauge, resident_pages * page));
  out.push_back(family("process_virtual_memory_bytes", "Virtual memory size in bytes.",
                       MetricType::Gauge, virtual_bytes));
  out.push_back(family("process_threads", "Threads of the process.", MetricType::Gauge, threads));
}

void add_descriptors(std::vector<MetricFamily>& out) {
  std::error_code failed;
  double open = -1; // the listing itself holds one
  for (auto at = std::filesystem::directory_iterator{"/proc/self/fd", failed};
       !failed && at != std::filesystem::directory_iterator{}; at.increment(failed))
    ++open;
  if (!failed && open >= 0)
    out.push_back(family("process_open_fds", "Open file descriptors.", MetricType::Gauge, open));
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    out.push_back(family("process_max_fds", "Most file descriptors that may be open.",
                         MetricType::Gauge, static_cast<double>(limit.rlim_cur)));
}

void add_cpu(std::vector<MetricFamily>& out) {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return;
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  out.push_back(family("process_cpu_seconds_total", "User and system CPU time spent, in seconds.",
                       MetricType::Counter, seconds(usage.ru_utime) + seconds(usage.ru_stime)));
}

} // namespace

std::vector<MetricFamily> collect_process_metrics() {
  std::vector<MetricFamily> out;
  add_cpu(out);
  add_memory(out);
  add_descriptors(out);
  out.push_back(family("process_start_time_seconds", "Start of the process, Unix time in seconds.",
                       MetricType::Gauge, start_time));
  return out;
}

} // namespace graphrag::observability
