#include "observability/metrics.hpp"

#include <exception>
#include <iterator>
#include <mutex>
#include <sstream>
#include <utility>

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "observability/open_metrics.hpp"
#include "observability/process_metrics.hpp"

namespace graphrag::observability {

namespace {

using Collector = std::function<std::vector<prometheus::MetricFamily>()>;

struct Metrics {
  prometheus::Registry registry;
  std::mutex mutex; // guards collectors
  std::vector<Collector> collectors;
  prometheus::Counter& failed_collects =
      prometheus::BuildCounter()
          .Name("graphrag_scrape_collector_errors_total")
          .Help("Collectors that failed during a scrape; their families were missing from it.")
          .Register(registry)
          .Add({});
};

// Never destroyed: probes use their references until the very end of the process.
Metrics& metrics() {
  static auto& instance = *new Metrics;
  return instance;
}

// A name must appear once in the text, so families of one name, from several collectors, are
// joined.
std::vector<prometheus::MetricFamily> gather() {
  std::vector<Collector> collectors;
  {
    std::lock_guard lock{metrics().mutex};
    collectors = metrics().collectors;
  }
  std::map<std::string, prometheus::MetricFamily> by_name;
  auto add = [&by_name](std::vector<prometheus::MetricFamily> families) {
    for (auto& family : families) {
      if (family.metric.empty()) continue;
      auto [at, is_new] = by_name.try_emplace(family.name);
      if (is_new)
        at->second = std::move(family);
      else
        std::move(family.metric.begin(), family.metric.end(),
                  std::back_inserter(at->second.metric));
    }
  };
  for (const auto& collect : collectors) {
    try {
      add(collect());
    } catch (const std::exception&) {
      metrics().failed_collects.Increment();
    }
  }
  add(metrics().registry.Collect());
  add(collect_process_metrics());
  std::vector<prometheus::MetricFamily> result;
  result.reserve(by_name.size());
  for (auto& entry : by_name) result.push_back(std::move(entry.second));
  return result;
}

} // namespace

prometheus::Counter& counter(const std::string& name, const std::string& help,
                             const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(metrics().registry).Add(labels);
}

prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(metrics().registry).Add(labels);
}

prometheus::Histogram& histogram(const std::string& name, const std::string& help,
                                 const std::vector<double>& buckets, const Labels& labels) {
  return prometheus::BuildHistogram()
      .Name(name)
      .Help(help)
      .Register(metrics().registry)
      .Add(labels, buckets);
}

void add_collector(Collector collect) {
  std::lock_guard lock{metrics().mutex};
  metrics().collectors.push_back(std::move(collect));
}

std::string expose(bool openmetrics) {
  const auto families = gather();
  if (openmetrics) return to_open_metrics(families);
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, families);
  return std::move(out).str();
}

const std::vector<double>& duration_buckets() {
  static const std::vector<double> edges{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                         0.5,   0.75, 1,     2.5,  5,     7.5, 10};
  return edges;
}

const std::vector<double>& handling_buckets() {
  static const std::vector<double> edges{0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005,
                                         0.001,   0.0025,   0.005,   0.01,   0.025,   0.05,
                                         0.1,     0.25,     0.5,     1};
  return edges;
}

} // namespace graphrag::observability
