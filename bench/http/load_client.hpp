#pragma once
// A closed-loop client: each connection sends its next request when the last answer is whole. One
// thread, epoll, no allocation while it runs.
#include <chrono>
#include <cstdint>
#include <string>

namespace graphrag::bench {

// Requests answered per second by 127.0.0.1:port. Every answer must be as long as the first one;
// exits the process when one is not, or when a connection breaks.
double requests_per_second(std::uint16_t port, const std::string& request, int connections,
                           std::chrono::milliseconds duration);

} // namespace graphrag::bench
