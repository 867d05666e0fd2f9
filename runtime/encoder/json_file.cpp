#include "runtime/encoder/json_file.hpp"

#include <cmath>

namespace graphrag::runtime::encoder {

Result<JsonFile> JsonFile::parse(std::string_view name, std::string_view bytes) {
  JsonFile out;
  out.name_ = name;
  out.root_ = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!out.root_.is_object()) return bad_file(name, "is not a JSON object");
  return out;
}

Result<JsonFile> JsonFile::optional(const ModelFiles& files, const std::string& name) {
  auto file = files.find(name);
  return parse(name, file == files.end() ? "{}" : std::string_view{file->second});
}

const nlohmann::json* JsonFile::find(const char* field) const {
  auto found = root_.find(field);
  return found == root_.end() || found->is_null() ? nullptr : &*found;
}

tl::unexpected<Error> JsonFile::wrong(const char* field, const std::string& what) const {
  return bad_file(name_, std::string{field} + " " + what);
}

Result<std::size_t> JsonFile::number(const char* field, std::size_t low, std::size_t high) const {
  const auto* value = find(field);
  if (!value) return wrong(field, "is missing");
  if (!value->is_number_unsigned()) return wrong(field, "is not a whole number");
  auto number = value->get<std::uint64_t>();
  if (number < low || number > high)
    return wrong(field, "is " + std::to_string(number) + ", outside " + std::to_string(low) +
                            " to " + std::to_string(high));
  return static_cast<std::size_t>(number);
}

Result<std::size_t> JsonFile::number(const char* field, std::size_t low, std::size_t high,
                                     std::size_t fallback) const {
  return find(field) ? number(field, low, high) : Result<std::size_t>{fallback};
}

Result<double> JsonFile::real(const char* field, double low, double high, double fallback) const {
  const auto* value = find(field);
  if (!value) return fallback;
  if (!value->is_number()) return wrong(field, "is not a number");
  auto number = value->get<double>();
  if (!std::isfinite(number) || number < low || number > high)
    return wrong(field, "is out of range");
  return number;
}

Result<bool> JsonFile::flag(const char* field, bool fallback) const {
  const auto* value = find(field);
  if (!value) return fallback;
  if (!value->is_boolean()) return wrong(field, "is not true or false");
  return value->get<bool>();
}

Result<std::string> JsonFile::text(const char* field, const std::string& fallback) const {
  const auto* value = find(field);
  if (!value) return fallback;
  if (!value->is_string()) return wrong(field, "is not a text");
  return value->get<std::string>();
}

} // namespace graphrag::runtime::encoder
