#include "gateway/http/json_body.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace graphrag::gateway {
namespace {

using json = nlohmann::json;

constexpr std::size_t max_errors = 32;

std::string range(auto least, auto most) {
  return "must be from " + json(least).dump() + " to " + json(most).dump();
}

} // namespace

Fields::Fields(const json& object)
    : Fields(&object, "", std::make_shared<std::vector<ProblemItem>>()) {}

Fields::Fields(const json* object, std::string pointer,
               std::shared_ptr<std::vector<ProblemItem>> errors)
    : object_(object), pointer_(std::move(pointer)), errors_(std::move(errors)) {
  if (object_ && !object_->is_object()) {
    error("", "must be an object");
    object_ = nullptr;
  }
}

std::string Fields::pointer_to(std::string_view name) const {
  if (name.empty()) return pointer_;
  std::string out = pointer_ + "/";
  for (char c : name) { // RFC 6901
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

void Fields::error(std::string_view name, std::string detail) {
  if (errors_->size() < max_errors) errors_->push_back({pointer_to(name), std::move(detail)});
}

// The member, marked as known; null when absent or null.
const json* Fields::take(std::string_view name) {
  known_.emplace_back(name);
  if (!object_) return nullptr;
  const auto at = object_->find(name);
  return at == object_->end() || at->is_null() ? nullptr : &*at;
}

bool Fields::has(std::string_view name) { return take(name) != nullptr; }

void Fields::require(std::string_view name) {
  if (!take(name)) error(name, "is required");
}

std::optional<std::string> Fields::text(std::string_view name, std::size_t least,
                                        std::size_t most) {
  const auto* value = take(name);
  if (!value) return std::nullopt;
  if (!value->is_string()) {
    error(name, "must be a string");
    return std::nullopt;
  }
  const auto& out = value->get_ref<const std::string&>();
  if (out.size() < least || out.size() > most) {
    error(name, out.size() < least ? "is too short: at least " + std::to_string(least) + " bytes"
                                   : "is too long: at most " + std::to_string(most) + " bytes");
    return std::nullopt;
  }
  if (out.find('\0') != std::string::npos) {
    error(name, "must not hold the character U+0000");
    return std::nullopt;
  }
  return out;
}

std::string Fields::required_text(std::string_view name, std::size_t least, std::size_t most) {
  require(name);
  return text(name, least, most).value_or("");
}

std::optional<std::string> Fields::choice(std::string_view name,
                                          std::initializer_list<std::string_view> allowed) {
  auto value = text(name);
  if (!value || std::find(allowed.begin(), allowed.end(), *value) != allowed.end()) return value;
  std::string list;
  for (auto a : allowed) list += (list.empty() ? "" : ", ") + std::string(a);
  error(name, "must be one of " + list);
  return std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view name, std::int64_t least,
                                            std::int64_t most) {
  const auto* value = take(name);
  if (!value) return std::nullopt;
  if (!value->is_number_integer()) {
    error(name, "must be an integer");
    return std::nullopt;
  }
  const bool huge = value->is_number_unsigned() &&
                    value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  const auto out = huge ? INT64_MAX : value->get<std::int64_t>();
  if (huge || out < least || out > most) {
    error(name, range(least, most));
    return std::nullopt;
  }
  return out;
}

std::optional<double> Fields::number(std::string_view name, double least, double most) {
  const auto* value = take(name);
  if (!value) return std::nullopt;
  const double out = value->is_number() ? value->get<double>() : 0;
  if (!value->is_number() || !(out >= least && out <= most)) {
    error(name, value->is_number() ? range(least, most) : "must be a number");
    return std::nullopt;
  }
  return out;
}

std::optional<bool> Fields::boolean(std::string_view name) {
  const auto* value = take(name);
  if (!value) return std::nullopt;
  if (!value->is_boolean()) {
    error(name, "must be true or false");
    return std::nullopt;
  }
  return value->get<bool>();
}

const json* Fields::object(std::string_view name) {
  const auto* value = take(name);
  if (!value || value->is_object()) return value;
  error(name, "must be an object");
  return nullptr;
}

const json* Fields::array(std::string_view name, std::size_t most_items) {
  const auto* value = take(name);
  if (!value) return nullptr;
  if (!value->is_array()) {
    error(name, "must be an array");
    return nullptr;
  }
  if (value->size() > most_items) {
    error(name, "may have at most " + std::to_string(most_items) + " items");
    return nullptr;
  }
  return value;
}

const json* Fields::any(std::string_view name) { return take(name); }

std::optional<std::vector<std::string>> Fields::texts(std::string_view name, std::size_t most_items,
                                                      std::size_t most_bytes) {
  const auto* list = array(name, most_items);
  if (!list) return std::nullopt;
  std::vector<std::string> out;
  for (const auto& item : *list) {
    if (!item.is_string() || item.get_ref<const std::string&>().size() > most_bytes) {
      error(std::string(name),
            "must hold strings of at most " + std::to_string(most_bytes) + " bytes");
      return std::nullopt;
    }
    out.push_back(item.get<std::string>());
  }
  return out;
}

std::optional<std::vector<float>> Fields::numbers(std::string_view name, std::size_t most_items) {
  const auto* list = array(name, most_items);
  if (!list) return std::nullopt;
  std::vector<float> out;
  out.reserve(list->size());
  for (const auto& item : *list) {
    const auto value = item.is_number() ? item.get<float>() : NAN;
    if (!std::isfinite(value)) {
      error(name, "must hold numbers");
      return std::nullopt;
    }
    out.push_back(value);
  }
  return out;
}

Fields Fields::nested(std::string_view name) {
  return Fields{object(name), pointer_to(name), errors_};
}

Fields Fields::element(std::string_view array_name, std::size_t index, const json& value) {
  return Fields{&value, pointer_to(array_name) + "/" + std::to_string(index), errors_};
}

void Fields::error_at(const std::string& pointer, std::string detail) {
  errors_->push_back({pointer_ + pointer, std::move(detail)});
}

void Fields::check_unknown() {
  if (!object_) return;
  for (const auto& [name, value] : object_->items()) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      error(name, "is not a known field");
    }
  }
}

std::optional<Response> Fields::finish(const std::string& trace_id, int status) {
  check_unknown();
  if (errors_->empty()) return std::nullopt;
  const auto& first = errors_->front();
  return problem(status, "invalid_request",
                 (first.pointer.empty() ? "the body" : first.pointer) + " " + first.detail,
                 trace_id, *errors_);
}

} // namespace graphrag::gateway
