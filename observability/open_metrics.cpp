#include "observability/open_metrics.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace graphrag::observability {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::string_view total = "_total";

std::string_view type_name(MetricType type) {
  switch (type) {
  case MetricType::Counter:
    return "counter";
  case MetricType::Gauge:
    return "gauge";
  case MetricType::Summary:
    return "summary";
  case MetricType::Histogram:
    return "histogram";
  case MetricType::Untyped:
    break;
  }
  return "unknown";
}

void append_escaped(std::string& out, std::string_view text) {
  for (char c : text) {
    if (c == '\\' || c == '"')
      out.append({'\\', c});
    else if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> buffer;
  auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

// OpenMetrics wants `le` and `quantile` as floats that show their point: "1.0", not "1".
std::string edge(double value) {
  auto text = number(value);
  if (text.find_first_of(".eEN") == std::string::npos && !std::isinf(value)) text += ".0";
  return text;
}

void append_sample(std::string& out, std::string_view name, std::string_view suffix,
                   const ClientMetric& metric, const std::string& value,
                   std::string_view extra_label = {}, const std::string& extra_value = {}) {
  out.append(name).append(suffix);
  if (!metric.label.empty() || !extra_label.empty()) {
    char separator = '{';
    auto add = [&](std::string_view key, std::string_view text) {
      out += separator;
      out.append(key).append("=\"");
      append_escaped(out, text);
      out += '"';
      separator = ',';
    };
    for (const auto& label : metric.label) add(label.name, label.value);
    if (!extra_label.empty()) add(extra_label, extra_value);
    out += '}';
  }
  out.append(" ").append(value).append("\n");
}

void append_histogram(std::string& out, std::string_view name, const ClientMetric& metric) {
  const auto& histogram = metric.histogram;
  bool has_infinity = false;
  for (const auto& bucket : histogram.bucket) {
    has_infinity = has_infinity || std::isinf(bucket.upper_bound);
    append_sample(out, name, "_bucket", metric, std::to_string(bucket.cumulative_count), "le",
                  edge(bucket.upper_bound));
  }
  if (!has_infinity)
    append_sample(out, name, "_bucket", metric, std::to_string(histogram.sample_count), "le",
                  "+Inf");
  append_sample(out, name, "_count", metric, std::to_string(histogram.sample_count));
  append_sample(out, name, "_sum", metric, number(histogram.sample_sum));
}

void append_summary(std::string& out, std::string_view name, const ClientMetric& metric) {
  for (const auto& quantile : metric.summary.quantile)
    append_sample(out, name, "", metric, number(quantile.value), "quantile",
                  edge(quantile.quantile));
  append_sample(out, name, "_count", metric, std::to_string(metric.summary.sample_count));
  append_sample(out, name, "_sum", metric, number(metric.summary.sample_sum));
}

void append_metric(std::string& out, std::string_view name, MetricType type,
                   const ClientMetric& metric) {
  switch (type) {
  case MetricType::Counter:
    return append_sample(out, name, total, metric, number(metric.counter.value));
  case MetricType::Gauge:
    return append_sample(out, name, "", metric, number(metric.gauge.value));
  case MetricType::Untyped:
    return append_sample(out, name, "", metric, number(metric.untyped.value));
  case MetricType::Histogram:
    return append_histogram(out, name, metric);
  case MetricType::Summary:
    return append_summary(out, name, metric);
  }
}

} // namespace

std::string to_open_metrics(const std::vector<MetricFamily>& families) {
  std::string out;
  for (const auto& family : families) {
    std::string_view name = family.name;
    if (family.type == MetricType::Counter && name.ends_with(total))
      name.remove_suffix(total.size());
    out.append("# TYPE ").append(name).append(" ").append(type_name(family.type)).append("\n");
    out.append("# HELP ").append(name).append(" ");
    append_escaped(out, family.help);
    out += '\n';
    for (const auto& metric : family.metric) append_metric(out, name, family.type, metric);
  }
  out += "# EOF\n";
  return out;
}

} // namespace graphrag::observability
