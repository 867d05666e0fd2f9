#pragma once
// What the sessions of one listener share. Outlives the server object while a session lives.
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "gateway/http/client_address.hpp"
#include "gateway/http/probe.hpp"
#include "gateway/http/router.hpp"
#include "gateway/http/server.hpp"
#include "gateway/http/session_registry.hpp"
#include "gateway/http/strict_head.hpp"

namespace graphrag::gateway {

struct ServerCore {
  ServerCore(ServerOptions o, std::vector<Route> r, TrustedProxies trusted)
      : options(std::move(o)), routes(std::move(r)), proxies(std::move(trusted)), router(routes),
        probe(options.name, routes) {
    head_limits.max_bytes = options.max_header_bytes;
    head_limits.max_headers = options.max_header_count;
  }

  const ServerOptions options;
  const std::vector<Route> routes;
  const TrustedProxies proxies;
  const Router router;
  HeadLimits head_limits;
  ServerProbe probe;
  SessionRegistry sessions;
  std::atomic<bool> draining{false};
  std::atomic<std::size_t> open_requests{0};
  std::atomic<std::uint64_t> buffered_body{0};
};

} // namespace graphrag::gateway
