#pragma once
// A value that must not be seen: an API key. Whoever prints it gets a placeholder.
#include <ostream>
#include <string>
#include <utility>

namespace graphrag::runtime::models {

class Secret {
public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  bool empty() const noexcept { return value_.empty(); }
  // Only for the place that sends it.
  const std::string& reveal() const noexcept { return value_; }

  friend std::ostream& operator<<(std::ostream& out, const Secret& secret) {
    return out << (secret.empty() ? "[none]" : "[secret]");
  }

private:
  std::string value_;
};

} // namespace graphrag::runtime::models
