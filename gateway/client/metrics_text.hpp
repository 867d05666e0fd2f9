#pragma once
// Reads the Prometheus text format and computes what `top` shows from two readings. Pure.
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace graphrag::client {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

class MetricsText {
public:
  // Lines that are no samples are skipped.
  static MetricsText parse(std::string_view text);

  const std::vector<Sample>& samples() const { return samples_; }
  // Sum over the samples of a name whose labels contain all of `with`.
  double sum(std::string_view name, const std::map<std::string, std::string>& with = {}) const;
  // Label value -> sum, such as the requests by status.
  std::map<std::string, double> by(std::string_view name, const std::string& label) const;
  // Cumulative histogram counts: upper edge -> count, summed over series.
  std::map<double, double> buckets(std::string_view name) const;

private:
  std::vector<Sample> samples_;
};

// The q-quantile of what was observed between two readings of cumulative buckets, interpolated
// within a bucket as Prometheus does; 0 when nothing was observed.
double bucket_quantile(const std::map<double, double>& before, const std::map<double, double>& now,
                       double q);

} // namespace graphrag::client
