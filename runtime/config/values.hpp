#pragma once
// The kinds of values in a configuration: their written form, both ways. A parse function gives
// the value or a sentence about what is wrong.
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "runtime/config/config.hpp"

namespace graphrag::runtime {

template <class T>
using Parsed = tl::expected<T, std::string>;

// "42"
Parsed<std::uint64_t> parse_integer(std::string_view text, std::uint64_t least, std::uint64_t most);
// "1048576", "64KiB", "256MiB", "2GiB", "1TiB"; also kB, MB, GB, TB by thousands.
Parsed<std::uint64_t> parse_size(std::string_view text, std::uint64_t least, std::uint64_t most);
// "500ms", "30s", "5m", "2h"; a number without a unit is refused.
Parsed<Milliseconds> parse_duration(std::string_view text, Milliseconds least, Milliseconds most);
Parsed<bool> parse_bool(std::string_view text); // true, false, yes, no, on, off
// "127.0.0.1:8000", "[::1]:8000", "localhost:8000" (which becomes 127.0.0.1).
Parsed<ListenAddress> parse_address(std::string_view text);
bool is_loopback(const ListenAddress& address);

std::string format_size(std::uint64_t bytes);       // largest binary unit that keeps it whole
std::string format_duration(Milliseconds duration); // largest unit that keeps it whole

} // namespace graphrag::runtime
