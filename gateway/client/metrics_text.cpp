#include "gateway/client/metrics_text.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>

namespace graphrag::client {
namespace {

// {a="x",b="y"}; the view moves behind the brace. False when it is malformed.
bool read_labels(std::string_view& rest, std::map<std::string, std::string>& labels) {
  rest.remove_prefix(1);
  while (!rest.empty() && rest.front() != '}') {
    auto equals = rest.find("=\"");
    if (equals == std::string_view::npos) return false;
    std::string name{rest.substr(0, equals)}, value;
    rest.remove_prefix(equals + 2);
    while (!rest.empty() && rest.front() != '"') {
      bool escaped = rest.front() == '\\' && rest.size() > 1;
      char c = escaped ? rest[1] : rest.front();
      value.push_back(escaped && c == 'n' ? '\n' : c);
      rest.remove_prefix(escaped ? 2 : 1);
    }
    if (rest.empty()) return false;
    rest.remove_prefix(1);
    if (!rest.empty() && rest.front() == ',') rest.remove_prefix(1);
    labels.emplace(std::move(name), std::move(value));
  }
  if (rest.empty()) return false;
  rest.remove_prefix(1);
  return true;
}

bool read_sample(std::string_view line, Sample& sample) {
  auto name_end = line.find_first_of("{ ");
  if (name_end == 0 || name_end == std::string_view::npos) return false;
  sample.name = line.substr(0, name_end);
  line.remove_prefix(name_end);
  if (line.front() == '{' && !read_labels(line, sample.labels)) return false;
  std::string value{line};
  char* end = nullptr;
  sample.value = std::strtod(value.c_str(), &end); // knows +Inf and NaN
  return end != value.c_str();
}

} // namespace

MetricsText MetricsText::parse(std::string_view text) {
  MetricsText out;
  while (!text.empty()) {
    auto newline = text.find('\n');
    auto line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    Sample sample;
    if (!line.empty() && line.front() != '#' && read_sample(line, sample))
      out.samples_.push_back(std::move(sample));
  }
  return out;
}

double MetricsText::sum(std::string_view name,
                        const std::map<std::string, std::string>& with) const {
  double sum = 0;
  for (const auto& sample : samples_) {
    if (sample.name != name) continue;
    bool fits = true;
    for (const auto& [label, value] : with) {
      auto found = sample.labels.find(label);
      fits = fits && found != sample.labels.end() && found->second == value;
    }
    if (fits) sum += sample.value;
  }
  return sum;
}

std::map<std::string, double> MetricsText::by(std::string_view name,
                                              const std::string& label) const {
  std::map<std::string, double> out;
  for (const auto& sample : samples_)
    if (sample.name == name)
      if (auto found = sample.labels.find(label); found != sample.labels.end())
        out[found->second] += sample.value;
  return out;
}

std::map<double, double> MetricsText::buckets(std::string_view name) const {
  std::map<double, double> out;
  for (const auto& [edge, count] : by(std::string{name} + "_bucket", "le"))
    out[edge == "+Inf" ? std::numeric_limits<double>::infinity()
                       : std::strtod(edge.c_str(), nullptr)] += count;
  return out;
}

double bucket_quantile(const std::map<double, double>& before, const std::map<double, double>& now,
                       double q) {
  auto grown = [&](double edge, double count) {
    auto old = before.find(edge);
    return old == before.end() ? count : count - old->second;
  };
  if (now.empty()) return 0;
  double wanted = q * grown(now.rbegin()->first, now.rbegin()->second);
  if (wanted <= 0) return 0;
  double lower_edge = 0, lower_count = 0;
  for (const auto& [edge, count] : now) {
    double below = grown(edge, count);
    if (below >= wanted) {
      if (std::isinf(edge)) return lower_edge;
      return lower_edge + (edge - lower_edge) * (wanted - lower_count) / (below - lower_count);
    }
    lower_edge = edge;
    lower_count = below;
  }
  return lower_edge;
}

} // namespace graphrag::client
