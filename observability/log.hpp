#pragma once
// Structured logs: one JSON object per line (ECS names: @timestamp, log.level, message, ...), on
// standard error by default. Never pass a secret or a document's text. Never throws; a log that
// cannot be written (full disk) is counted and dropped.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace graphrag::observability {

enum class Level : std::uint8_t { debug, info, warn, error };

struct Field {
  std::string_view key; // dotted ECS name, such as "error.message"
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

struct LogOptions {
  Level level = Level::info;
  std::string file; // empty = standard error
  bool json = true; // false: short lines for a person at a terminal
};
void configure_log(const LogOptions& options);

void log(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void log_info(std::string_view m, std::initializer_list<Field> f = {}) {
  log(Level::info, m, f);
}
inline void log_warn(std::string_view m, std::initializer_list<Field> f = {}) {
  log(Level::warn, m, f);
}
inline void log_error(std::string_view m, std::initializer_list<Field> f = {}) {
  log(Level::error, m, f);
}

} // namespace graphrag::observability
