#pragma once
// The process's metrics, on prometheus-cpp. A leaf: knows no other room. Components keep a probe
// object of references made here once; nothing is looked up on a hot path.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>

namespace graphrag::observability {

using Labels = std::map<std::string, std::string>;

// Same name and labels give the same object. Thread-safe; references live as long as the process.
prometheus::Counter& counter(const std::string& name, const std::string& help,
                             const Labels& labels = {});
prometheus::Gauge& gauge(const std::string& name, const std::string& help,
                         const Labels& labels = {});
prometheus::Histogram& histogram(const std::string& name, const std::string& help,
                                 const std::vector<double>& buckets, const Labels& labels = {});

// Values that are read at scrape time (mailbox depths, index sizes). Called on the scraping thread.
void add_collector(std::function<std::vector<prometheus::MetricFamily>()> collect);

// Everything, as Prometheus text or, when asked for, OpenMetrics (ends in "# EOF").
std::string expose(bool openmetrics = false);

// 5 ms .. 10 s of the HTTP conventions, with an edge at the 1 s objective.
const std::vector<double>& duration_buckets();
// 10 µs .. 1 s, for work inside the process.
const std::vector<double>& handling_buckets();

} // namespace graphrag::observability
