#include "runtime/models/retry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace graphrag::runtime::models {
namespace {

using std::chrono::milliseconds;

std::optional<int> number(std::string_view digits) noexcept {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value < 0)
    return std::nullopt;
  return value;
}

// "Sun, 06 Nov 1994 08:49:37 GMT" as Unix milliseconds.
std::optional<std::int64_t> parse_date(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(25) != " GMT") return std::nullopt;
  if (text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
      text[19] != ':' || text[22] != ':')
    return std::nullopt;
  const auto day = number(text.substr(5, 2)), year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2));
  const auto second = number(text.substr(23, 2));
  const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (!day || !year || !hour || !minute || !second || month == months.end()) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year{*year},
      std::chrono::month{static_cast<unsigned>(month - months.begin()) + 1},
      std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  return ((days * 24LL + *hour) * 60 + *minute) * 60'000 + *second * 1000LL;
}

} // namespace

bool is_transient(int status) noexcept {
  return status == 408 || status == 429 || (status >= 500 && status <= 599);
}

std::optional<milliseconds> parse_retry_after(std::string_view value,
                                              std::int64_t wall_ms) noexcept {
  if (const auto seconds = number(value)) return milliseconds{*seconds * 1000LL};
  if (const auto date = parse_date(value))
    return milliseconds{std::max<std::int64_t>(0, *date - wall_ms)};
  return std::nullopt;
}

milliseconds retry_delay(const RetryOptions& options, unsigned retry,
                         std::optional<milliseconds> asked, double jitter) noexcept {
  auto wait = options.first;
  for (unsigned i = 1; i < retry && wait < options.longest; ++i) wait *= 2;
  wait = std::min(wait, options.longest);
  const auto spread = static_cast<double>(wait.count()) * (0.5 + jitter / 2);
  wait = milliseconds{static_cast<milliseconds::rep>(spread)};
  return asked ? std::max(wait, *asked) : wait;
}

} // namespace graphrag::runtime::models
