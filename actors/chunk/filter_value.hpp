#pragma once
// How a filter's condition meets one value: shared by the reference and the compiled form.
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "actors/chunk/filter.hpp"

namespace graphrag::chunk::detail {

// Keys that mean the document itself, also when its metadata holds the same key.
enum class Field : std::uint8_t {
  none,
  document_id,
  title,
  filename,
  mime,
  created_at,
  updated_at
};
Field field_of(std::string_view key) noexcept;

// RFC 3339 date-time ("2024-05-01T10:00:00.5+02:00") or date ("2024-05-01", midnight UTC) as Unix
// milliseconds; finer fractions are cut off.
std::optional<std::int64_t> parse_date(std::string_view text) noexcept;

// Whether the condition (match, any or range) holds for this value alone.
bool holds(const Condition& condition, const FilterValue& value) noexcept;
bool in_range(const Condition& condition, std::string_view value) noexcept;
bool holds_text(const Condition& condition,
                std::string_view value) noexcept; // text fields, exists too
bool holds_date(const Condition& condition,
                std::int64_t unix_ms) noexcept; // created_at, updated_at

// Metadata nested deeper than this is not seen by filters.
inline constexpr int metadata_depth = 32;

// Everything in a metadata object as (path, value), paths with dots, elements of arrays one by one
// under the array's path. `value` is null for an object, which is present but has no value itself.
// Nulls and empty arrays are as if they were not there.
void each_metadata_value(
    const nlohmann::json& metadata,
    const std::function<void(std::string_view path, const FilterValue* value)>& each);

} // namespace graphrag::chunk::detail
