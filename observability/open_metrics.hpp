#pragma once
// The OpenMetrics 1.0 text form of metric families; prometheus-cpp only writes the classic one.
#include <string>
#include <vector>

#include <prometheus/metric_family.h>

namespace graphrag::observability {

// Ends in "# EOF". A counter's family is named without "_total", its sample with it.
std::string to_open_metrics(const std::vector<prometheus::MetricFamily>& families);

} // namespace graphrag::observability
