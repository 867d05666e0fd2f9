#pragma once
// Reading fields of a model's JSON files: every failure is an Error that names file and field.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "runtime/encoder/model_files.hpp"

namespace graphrag::runtime::encoder {

inline tl::unexpected<Error> bad_file(std::string_view file, const std::string& what) {
  return fail(Errc::corrupt, std::string{file} + ": " + what);
}

// One JSON file whose top is an object. An absent file is an empty object when it may be absent.
class JsonFile {
public:
  static Result<JsonFile> parse(std::string_view name, std::string_view bytes);
  static Result<JsonFile> optional(const ModelFiles& files, const std::string& name);

  const nlohmann::json& root() const { return root_; }
  // A whole number between low and high. Without a fallback the field must be there.
  Result<std::size_t> number(const char* field, std::size_t low, std::size_t high) const;
  Result<std::size_t> number(const char* field, std::size_t low, std::size_t high,
                             std::size_t fallback) const;
  // A finite number between low and high.
  Result<double> real(const char* field, double low, double high, double fallback) const;
  Result<bool> flag(const char* field, bool fallback) const;
  Result<std::string> text(const char* field, const std::string& fallback) const;

private:
  tl::unexpected<Error> wrong(const char* field, const std::string& what) const;
  const nlohmann::json* find(const char* field) const; // null when absent or JSON null

  std::string name_;
  nlohmann::json root_;
};

} // namespace graphrag::runtime::encoder
