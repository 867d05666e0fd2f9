#include "runtime/http/lookup.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

namespace graphrag::runtime::http {
namespace {

std::atomic<int> running{0};

// Shared by the caller and the thread; whoever leaves last frees it.
struct Answer {
  std::mutex mutex;
  std::condition_variable_any ready;
  std::optional<std::vector<std::string>> addresses;
};

bool is_literal(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

} // namespace

std::vector<std::string> system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  std::vector<std::string> out;
  for (const auto* at = found; at; at = at->ai_next) {
    std::array<char, NI_MAXHOST> text;
    if (::getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0)
      out.emplace_back(text.data());
  }
  ::freeaddrinfo(found);
  return out;
}

Result<std::vector<std::string>> find_addresses(const std::string& host, const Lookup& lookup,
                                                const Until& until, const std::string& where) {
  if (is_literal(host)) return std::vector{host};
  if (running.fetch_add(1) >= max_lookups) {
    --running;
    return fail(Errc::overloaded, where + ": too many name look-ups hang");
  }
  auto answer = std::make_shared<Answer>();
  try {
    std::thread{[answer, host, lookup] {
      auto addresses = lookup(host);
      --running;
      std::lock_guard lock{answer->mutex};
      answer->addresses = std::move(addresses);
      answer->ready.notify_all();
    }}.detach();
  } catch (const std::system_error&) {
    --running;
    return fail(Errc::unavailable, where + ": no thread for the name look-up");
  }
  std::unique_lock lock{answer->mutex};
  const bool done = answer->ready.wait_until(lock, until.cancel, until.deadline,
                                             [&] { return answer->addresses.has_value(); });
  if (!done && until.cancel.stop_requested())
    return fail(Errc::canceled, where + ": canceled while looking up the name");
  if (!done) return fail(Errc::timeout, where + ": no answer in time while looking up the name");
  if (answer->addresses->empty()) return fail(Errc::unavailable, where + ": no such name");
  return std::move(*answer->addresses);
}

} // namespace graphrag::runtime::http
