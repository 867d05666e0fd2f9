#include "actors/chunk/filter.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "actors/chunk/filter_value.hpp"

namespace graphrag::chunk {
namespace {

// `rest` is what of the key's path is still to be followed; null at its end.
bool found(const nlohmann::json& value, const std::string_view* rest, const Condition& condition,
           int depth) {
  if (depth > detail::metadata_depth) return false;
  if (value.is_array())
    return std::any_of(value.begin(), value.end(), [&](const auto& element) {
      return found(element, rest, condition, depth + 1);
    });
  if (rest != nullptr) {
    if (!value.is_object()) return false;
    for (const auto& [key, member] : value.items()) {
      if (*rest == key && found(member, nullptr, condition, depth + 1)) return true;
      if (rest->size() > key.size() && rest->starts_with(key) && (*rest)[key.size()] == '.') {
        auto deeper = rest->substr(key.size() + 1);
        if (found(member, &deeper, condition, depth + 1)) return true;
      }
    }
    return false;
  }
  if (value.is_null()) return false;
  if (condition.kind == Condition::Kind::exists) return true;
  if (value.is_boolean()) return detail::holds(condition, value.get<bool>());
  if (value.is_number()) return detail::holds(condition, value.get<double>());
  if (value.is_string()) return detail::holds(condition, value.get_ref<const std::string&>());
  return false;
}

bool satisfied(const Condition& condition, const FilterSubject& subject,
               const nlohmann::json& metadata) {
  using detail::Field;
  switch (detail::field_of(condition.key)) {
  case Field::document_id:
    return detail::holds_text(condition, subject.document_id);
  case Field::title:
    return detail::holds_text(condition, subject.title);
  case Field::filename:
    return detail::holds_text(condition, subject.filename);
  case Field::mime:
    return detail::holds_text(condition, subject.mime);
  case Field::created_at:
    return detail::holds_date(condition, subject.created_ms);
  case Field::updated_at:
    return detail::holds_date(condition, subject.updated_ms);
  case Field::none:
    break;
  }
  std::string_view key = condition.key;
  bool yes = metadata.is_object() && found(metadata, &key, condition, 0);
  return condition.kind == Condition::Kind::exists ? yes == condition.present : yes;
}

} // namespace

bool matches(const Filter& filter, const FilterSubject& subject) {
  auto metadata = nlohmann::json::parse(subject.metadata, nullptr, false);
  auto holds = [&](const Condition& condition) { return satisfied(condition, subject, metadata); };
  return std::all_of(filter.must.begin(), filter.must.end(), holds) &&
         std::none_of(filter.must_not.begin(), filter.must_not.end(), holds) &&
         (filter.should.empty() || std::any_of(filter.should.begin(), filter.should.end(), holds));
}

} // namespace graphrag::chunk
