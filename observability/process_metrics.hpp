#pragma once
// The process_* metrics that every Prometheus client has: CPU, memory, descriptors, start time.
#include <vector>

#include <prometheus/metric_family.h>

namespace graphrag::observability {

// Read from /proc at the time of the call; what cannot be read is left out.
std::vector<prometheus::MetricFamily> collect_process_metrics();

} // namespace graphrag::observability
