#pragma once
// The metrics of one listener. Resolved per route when the server starts, so that counting a
// request touches atomics and one uncontended lock (the histogram's) and never a map.
#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "observability/metrics.hpp"

namespace graphrag::gateway {

struct Route;

// http_requests_total{method,status,route} and http_request_duration_seconds{method,route} of one
// (method, route).
class RouteProbe {
public:
  RouteProbe(std::string method, std::string route);
  void answered(int status, double seconds);

private:
  static constexpr int first_status = 100, last_status = 599;
  std::string method_, route_;
  prometheus::Histogram& duration_;
  std::array<std::atomic<prometheus::Counter*>, last_status - first_status + 1> by_status_{};
};

class ServerProbe {
public:
  ServerProbe(const std::string& listener, const std::vector<Route>& routes);

  RouteProbe& of(std::size_t route, bool head_of_get);
  // Requests that no route answered; an unknown method counts as _OTHER.
  RouteProbe& unmatched(std::string_view method);
  // Connections or requests refused before a route saw them. `reason` from our own code only.
  void rejected(std::string_view reason);
  void connections(std::size_t open) { connections_.Set(static_cast<double>(open)); }

private:
  std::vector<std::unique_ptr<RouteProbe>> routes_, heads_;
  std::map<std::string, std::unique_ptr<RouteProbe>, std::less<>> unmatched_;
  prometheus::Gauge& connections_;
};

} // namespace graphrag::gateway
