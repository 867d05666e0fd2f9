#include "gateway/http/probe.hpp"

#include <algorithm>

#include "gateway/http/server.hpp"

namespace graphrag::gateway {

RouteProbe::RouteProbe(std::string method, std::string route)
    : method_(std::move(method)), route_(std::move(route)),
      duration_(observability::histogram(
          "http_request_duration_seconds", "Time from the first byte of a request to its answer",
          observability::duration_buckets(), {{"method", method_}, {"route", route_}})) {}

void RouteProbe::answered(int status, double seconds) {
  status = std::clamp(status, first_status, last_status);
  auto& slot = by_status_[static_cast<std::size_t>(status - first_status)];
  auto* counter = slot.load(std::memory_order_acquire);
  if (!counter) {
    counter = &observability::counter(
        "http_requests_total", "Requests answered",
        {{"method", method_}, {"status", std::to_string(status)}, {"route", route_}});
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment();
  duration_.Observe(seconds);
}

ServerProbe::ServerProbe(const std::string& listener, const std::vector<Route>& routes)
    : connections_(observability::gauge("graphrag_http_connections", "Open connections",
                                        {{"listener", listener}})) {
  for (const auto& route : routes) {
    routes_.push_back(std::make_unique<RouteProbe>(route.method, route.pattern));
    heads_.push_back(route.method == "GET" ? std::make_unique<RouteProbe>("HEAD", route.pattern)
                                           : nullptr);
  }
  for (const char* method :
       {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE", "CONNECT", "_OTHER"}) {
    unmatched_[method] = std::make_unique<RouteProbe>(method, "_unmatched");
  }
}

RouteProbe& ServerProbe::of(std::size_t route, bool head_of_get) {
  return head_of_get ? *heads_[route] : *routes_[route];
}

RouteProbe& ServerProbe::unmatched(std::string_view method) {
  const auto at = unmatched_.find(method);
  return at == unmatched_.end() ? *unmatched_.find("_OTHER")->second : *at->second;
}

void ServerProbe::rejected(std::string_view reason) {
  observability::counter("graphrag_http_rejected_total",
                         "Connections and requests refused before a route saw them",
                         {{"reason", std::string(reason)}})
      .Increment();
}

} // namespace graphrag::gateway
