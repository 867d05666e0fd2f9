#include "runtime/config/values.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>

namespace graphrag::runtime {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr Unit size_units[] = {{"", 1},
                               {"B", 1},
                               {"KiB", 1ULL << 10},
                               {"MiB", 1ULL << 20},
                               {"GiB", 1ULL << 30},
                               {"TiB", 1ULL << 40},
                               {"kB", 1'000},
                               {"MB", 1'000'000},
                               {"GB", 1'000'000'000},
                               {"TB", 1'000'000'000'000}};
constexpr Unit time_units[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}};

tl::unexpected<std::string> wrong(std::string message) {
  return tl::unexpected(std::move(message));
}

// A whole number and what follows it. False when it does not begin with one or it is too large.
bool split_number(std::string_view text, std::uint64_t& number, std::string_view& rest) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  rest = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  return true;
}

template <std::size_t N>
Parsed<std::uint64_t> with_unit(std::string_view text, const Unit (&units)[N], const char* form) {
  std::uint64_t number = 0;
  std::string_view rest;
  if (split_number(text, number, rest))
    for (const Unit& unit : units)
      if (unit.name == rest) {
        if (number > std::numeric_limits<std::uint64_t>::max() / unit.factor) break;
        return number * unit.factor;
      }
  return wrong("'" + std::string(text) + "' is not " + form);
}

std::string range(const std::string& least, const std::string& most) {
  return "must be between " + least + " and " + most;
}

} // namespace

Parsed<std::uint64_t> parse_integer(std::string_view text, std::uint64_t least,
                                    std::uint64_t most) {
  std::uint64_t number = 0;
  std::string_view rest;
  if (!split_number(text, number, rest) || !rest.empty())
    return wrong("'" + std::string(text) + "' is not a whole number");
  if (number < least || number > most)
    return wrong(range(std::to_string(least), std::to_string(most)));
  return number;
}

Parsed<std::uint64_t> parse_size(std::string_view text, std::uint64_t least, std::uint64_t most) {
  const auto size = with_unit(text, size_units, "a size such as 64KiB, 256MiB or 2GiB");
  if (size && (*size < least || *size > most))
    return wrong(range(format_size(least), format_size(most)));
  return size;
}

Parsed<Milliseconds> parse_duration(std::string_view text, Milliseconds least, Milliseconds most) {
  const auto number = with_unit(text, time_units, "a duration such as 500ms, 30s or 5m");
  if (!number) return wrong(number.error());
  if (*number < static_cast<std::uint64_t>(least.count()) ||
      *number > static_cast<std::uint64_t>(most.count()))
    return wrong(range(format_duration(least), format_duration(most)));
  return Milliseconds(static_cast<std::int64_t>(*number));
}

Parsed<bool> parse_bool(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return wrong("'" + std::string(text) + "' is neither true nor false");
}

Parsed<ListenAddress> parse_address(std::string_view text) {
  const auto failed = [&] {
    return wrong("'" + std::string(text) +
                 "' is not an address such as 127.0.0.1:8000 or [::1]:8000");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return failed();
  std::string host(text.substr(0, colon));
  const auto port = parse_integer(text.substr(colon + 1), 0, 65'535);
  if (!port) return failed();
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  in6_addr six{};
  in_addr four{};
  if (::inet_pton(bracketed ? AF_INET6 : AF_INET, host.c_str(),
                  bracketed ? static_cast<void*>(&six) : static_cast<void*>(&four)) != 1)
    return failed();
  return ListenAddress{host, static_cast<std::uint16_t>(*port)};
}

bool is_loopback(const ListenAddress& address) {
  in_addr four{};
  if (::inet_pton(AF_INET, address.host.c_str(), &four) == 1)
    return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  return ::inet_pton(AF_INET6, address.host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

std::string to_string(const ListenAddress& address) {
  const bool six = address.host.find(':') != std::string::npos;
  return (six ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::string format_size(std::uint64_t bytes) {
  for (const char* name : {"TiB", "GiB", "MiB", "KiB"})
    for (const Unit& unit : size_units)
      if (unit.name == name && bytes >= unit.factor && bytes % unit.factor == 0)
        return std::to_string(bytes / unit.factor) + name;
  return std::to_string(bytes);
}

std::string format_duration(Milliseconds duration) {
  const auto count = static_cast<std::uint64_t>(duration.count());
  for (const char* name : {"h", "m", "s"})
    for (const Unit& unit : time_units)
      if (unit.name == name && count >= unit.factor && count % unit.factor == 0)
        return std::to_string(count / unit.factor) + name;
  return std::to_string(count) + "ms";
}

} // namespace graphrag::runtime
