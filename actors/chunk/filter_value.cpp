#include "actors/chunk/filter_value.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include <nlohmann/json.hpp>

namespace graphrag::chunk::detail {
namespace {

template <class Value, class Bound>
bool within(const Value& value, const std::optional<Bound>& gt, const std::optional<Bound>& gte,
            const std::optional<Bound>& lt, const std::optional<Bound>& lte) noexcept {
  if (!gt && !gte && !lt && !lte) return false;
  return (!gt || value > *gt) && (!gte || value >= *gte) && (!lt || value < *lt) &&
         (!lte || value <= *lte);
}

// The two digits at `at`, or -1.
int two_digits(std::string_view text, std::size_t at) noexcept {
  if (at + 2 > text.size()) return -1;
  int tens = text[at] - '0', ones = text[at + 1] - '0';
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

void walk(const nlohmann::json& value, std::string& path, bool root, int depth,
          const std::function<void(std::string_view, const FilterValue*)>& each) {
  if (depth > metadata_depth) return;
  if (value.is_object()) {
    if (!root) each(path, nullptr);
    for (const auto& [key, member] : value.items()) {
      auto size = path.size();
      if (!root) path += '.';
      path += key;
      walk(member, path, false, depth + 1, each);
      path.resize(size);
    }
  } else if (value.is_array()) {
    for (const auto& element : value) walk(element, path, root, depth + 1, each);
  } else if (!value.is_null() && !root) {
    FilterValue leaf;
    if (value.is_boolean())
      leaf = value.get<bool>();
    else if (value.is_number())
      leaf = value.get<double>();
    else
      leaf = value.get_ref<const std::string&>();
    each(path, &leaf);
  }
}

} // namespace

Field field_of(std::string_view key) noexcept {
  using enum Field;
  static constexpr std::array<std::pair<std::string_view, Field>, 6> fields{
      {{"document_id", document_id},
       {"title", title},
       {"filename", filename},
       {"mime", mime},
       {"created_at", created_at},
       {"updated_at", updated_at}}};
  auto found = std::find_if(fields.begin(), fields.end(),
                            [&](const auto& field) { return field.first == key; });
  return found == fields.end() ? none : found->second;
}

std::optional<std::int64_t> parse_date(std::string_view text) noexcept {
  using namespace std::chrono;
  int century = two_digits(text, 0), years = two_digits(text, 2), month = two_digits(text, 5),
      day = two_digits(text, 8);
  if (century < 0 || years < 0 || text.size() < 10 || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  year_month_day date{std::chrono::year{century * 100 + years},
                      std::chrono::month{static_cast<unsigned>(month)},
                      std::chrono::day{static_cast<unsigned>(day)}};
  if (month < 0 || day < 0 || !date.ok()) return std::nullopt;
  std::int64_t ms = duration_cast<milliseconds>(sys_days{date}.time_since_epoch()).count();
  if (text.size() == 10) return ms;

  int hour = two_digits(text, 11), minute = two_digits(text, 14), second = two_digits(text, 17);
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') ||
      text[13] != ':' || text[16] != ':')
    return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  ms += ((hour * 60 + minute) * 60 + second) * std::int64_t{1000};
  std::size_t at = 19;
  if (text[at] == '.') {
    auto digits =
        std::find_if(text.begin() + 20, text.end(), [](char c) { return c < '0' || c > '9'; }) -
        text.begin();
    if (digits == 20) return std::nullopt;
    int unit = 100;
    for (at = 20; at < static_cast<std::size_t>(digits); ++at, unit /= 10)
      ms += (text[at] - '0') * unit;
  }
  if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) return ms;
  if (at + 6 != text.size() || (text[at] != '+' && text[at] != '-') || text[at + 3] != ':')
    return std::nullopt;
  int offset_hours = two_digits(text, at + 1), offset_minutes = two_digits(text, at + 4);
  if (offset_hours < 0 || offset_hours > 23 || offset_minutes < 0 || offset_minutes > 59)
    return std::nullopt;
  std::int64_t offset = (offset_hours * 60 + offset_minutes) * std::int64_t{60'000};
  return text[at] == '+' ? ms - offset : ms + offset;
}

bool in_range(const Condition& condition, std::string_view value) noexcept {
  return within(value, condition.sgt, condition.sgte, condition.slt, condition.slte);
}

bool holds(const Condition& condition, const FilterValue& value) noexcept {
  if (condition.kind == Condition::Kind::range) {
    if (const auto* number = std::get_if<double>(&value))
      return within(*number, condition.gt, condition.gte, condition.lt, condition.lte);
    if (const auto* text = std::get_if<std::string>(&value)) return in_range(condition, *text);
    return false;
  }
  return std::find(condition.values.begin(), condition.values.end(), value) !=
         condition.values.end();
}

bool holds_text(const Condition& condition, std::string_view value) noexcept {
  switch (condition.kind) {
  case Condition::Kind::exists:
    return value.empty() != condition.present;
  case Condition::Kind::range:
    return !value.empty() && in_range(condition, value);
  default:
    return !value.empty() && std::any_of(condition.values.begin(), condition.values.end(),
                                         [&](const FilterValue& wanted) {
                                           const auto* text = std::get_if<std::string>(&wanted);
                                           return text != nullptr && *text == value;
                                         });
  }
}

bool holds_date(const Condition& condition, std::int64_t unix_ms) noexcept {
  if (condition.kind == Condition::Kind::exists) return condition.present;
  auto ms = static_cast<double>(unix_ms);
  if (condition.kind == Condition::Kind::range) {
    bool valid = true;
    auto instant = [&](const std::optional<std::string>& text,
                       const std::optional<double>& number) {
      if (!text) return number;
      auto parsed = parse_date(*text);
      valid = valid && parsed.has_value();
      return parsed ? std::optional<double>{static_cast<double>(*parsed)} : std::nullopt;
    };
    auto gt = instant(condition.sgt, condition.gt), gte = instant(condition.sgte, condition.gte);
    auto lt = instant(condition.slt, condition.lt), lte = instant(condition.slte, condition.lte);
    return valid && within(ms, gt, gte, lt, lte);
  }
  return std::any_of(condition.values.begin(), condition.values.end(),
                     [&](const FilterValue& wanted) {
                       if (const auto* number = std::get_if<double>(&wanted)) return *number == ms;
                       const auto* text = std::get_if<std::string>(&wanted);
                       return text != nullptr && parse_date(*text) == unix_ms;
                     });
}

void each_metadata_value(const nlohmann::json& metadata,
                         const std::function<void(std::string_view, const FilterValue*)>& each) {
  if (!metadata.is_object()) return;
  std::string path;
  walk(metadata, path, true, 0, each);
}

} // namespace graphrag::chunk::detail
