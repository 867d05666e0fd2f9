#include "runtime/models/strict_json.hpp"

#include <limits>

#include <nlohmann/json.hpp>

#include "runtime/json/strict_json.hpp"

namespace graphrag::runtime::models {

using nlohmann::json;

Result<json> parse_strict(std::string_view text, std::size_t max_depth) {
  auto value = parse_strict_json(text, max_depth);
  // The fault may repeat some of the text, which belongs into no log.
  if (!value) return fail(Errc::corrupt, "it is not acceptable JSON");
  return std::move(*value);
}

std::string to_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

const json* member(const json& value, const char* name) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(name);
  return found == value.end() || found->is_null() ? nullptr : &*found;
}

const std::string* text_member(const json& value, const char* name) {
  const auto* found = member(value, name);
  return found && found->is_string() ? found->get_ptr<const std::string*>() : nullptr;
}

std::optional<std::int64_t> count_member(const json& value, const char* name) {
  const auto* found = member(value, name);
  if (!found || !found->is_number_unsigned()) return std::nullopt;
  const auto count = found->get<std::uint64_t>();
  if (count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::nullopt;
  return static_cast<std::int64_t>(count);
}

} // namespace graphrag::runtime::models
