#include "observability/log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <limits>
#include <memory>
#include <mutex>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include "observability/metrics.hpp"

namespace graphrag::observability {

namespace {

prometheus::Counter& dropped_lines() {
  static auto& dropped =
      counter("graphrag_log_dropped_total", "Log lines that could not be written.");
  return dropped;
}

// As much as a pipe or socket that poll calls ready takes without blocking.
constexpr std::size_t sure_bytes = 4096;
constexpr int patience_ms = 100;

// Writes each line with write(2), so that a failure is seen at once and a killed process has lost
// no line. O_APPEND keeps lines whole when several processes share a file. A reader that stopped
// reading, and a full disk, cost lines and are counted; they never block who logs.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  DescriptorSink(int descriptor, bool owned) : descriptor_(descriptor), owned_(owned) {
    struct stat facts {};
    if (::fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode))
      at_once_ = std::numeric_limits<std::size_t>::max();
  }
  ~DescriptorSink() override {
    if (owned_ && descriptor_ >= 0) ::close(descriptor_);
  }

protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    // What a line that was cut left behind must not spoil the next one.
    if (cut_ && put("\n")) cut_ = false;
    if (cut_ || !put({line.data(), line.size()})) dropped_lines().Increment();
  }
  void flush_() override {}

private:
  // False: no more could be written; `cut_` tells whether something was.
  bool put(std::string_view bytes) {
    const auto whole = bytes.size();
    while (!bytes.empty()) {
      if (!takes_more()) break;
      const auto written = ::write(descriptor_, bytes.data(), std::min(bytes.size(), at_once_));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (!bytes.empty() && bytes.size() < whole) cut_ = true;
    return bytes.empty();
  }
  // Waits a moment for a slow reader, but only once until it reads again.
  bool takes_more() {
    pollfd waiting{descriptor_, POLLOUT, 0};
    const bool ready = ::poll(&waiting, 1, stuck_ ? 0 : patience_ms) > 0;
    stuck_ = !ready;
    return ready;
  }

  std::size_t at_once_ = sure_bytes; // a file takes a line whole
  bool cut_ = false, stuck_ = false;
  int descriptor_;
  bool owned_;
};

std::string_view level_name(Level level) {
  switch (level) {
  case Level::debug:
    return "debug";
  case Level::info:
    return "info";
  case Level::warn:
    return "warn";
  case Level::error:
    break;
  }
  return "error";
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
  case Level::debug:
    return spdlog::level::debug;
  case Level::info:
    return spdlog::level::info;
  case Level::warn:
    return spdlog::level::warn;
  case Level::error:
    break;
  }
  return spdlog::level::err;
}

struct Output {
  std::shared_ptr<spdlog::logger> logger;
  bool json = true;
  bool in_file = false;
};

std::shared_ptr<const Output> make_output(const LogOptions& options) {
  dropped_lines();
  int file = -1;
  if (!options.file.empty())
    file = ::open(options.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  const bool owned = file >= 0;
  auto sink = std::make_shared<DescriptorSink>(owned ? file : STDERR_FILENO, owned);
  auto logger = std::make_shared<spdlog::logger>("graphrag", std::move(sink));
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
  logger->set_level(spdlog_level(options.level));
  logger->set_error_handler([](const std::string&) { dropped_lines().Increment(); });
  return std::make_shared<const Output>(Output{std::move(logger), options.json, owned});
}

// Lines are written from every thread until the process ends, so this is never destroyed.
struct Log {
  std::mutex mutex;
  std::shared_ptr<const Output> output = make_output({});

  std::shared_ptr<const Output> get() {
    std::lock_guard lock{mutex};
    return output;
  }
};

Log& state() {
  static auto& instance = *new Log;
  return instance;
}

std::string timestamp(const char* format) {
  using namespace std::chrono;
  const auto now = system_clock::now().time_since_epoch();
  const std::time_t seconds = duration_cast<std::chrono::seconds>(now).count();
  const auto millis = static_cast<int>(duration_cast<milliseconds>(now).count() % 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> date{};
  std::array<char, 48> whole{};
  std::strftime(date.data(), date.size(), format, &utc);
  std::snprintf(whole.data(), whole.size(), "%s.%03dZ", date.data(), millis);
  return whole.data();
}

nlohmann::ordered_json to_json(const Field& field) {
  return std::visit([](auto value) { return nlohmann::ordered_json(value); }, field.value);
}

// Bytes that are no UTF-8 become U+FFFD: one bad name must not cost the line.
std::string dump(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string json_line(Level level, std::string_view message, std::initializer_list<Field> fields) {
  nlohmann::ordered_json line;
  line["@timestamp"] = timestamp("%Y-%m-%dT%H:%M:%S");
  line["log.level"] = level_name(level);
  line["message"] = message;
  line["ecs.version"] = "1.6.0";
  line["service.name"] = "graphrag";
  for (const auto& field : fields)
    if (!line.contains(field.key)) line[std::string{field.key}] = to_json(field);
  return dump(line);
}

std::string human_line(Level level, std::string_view message, std::initializer_list<Field> fields) {
  std::string line = timestamp("%H:%M:%S");
  line.append(" ").append(level_name(level)).append(" ").append(message);
  for (const auto& field : fields)
    line.append(" ").append(field.key).append("=").append(dump(to_json(field)));
  return line;
}

} // namespace

void configure_log(const LogOptions& options) {
  auto output = make_output(options);
  {
    std::lock_guard lock{state().mutex};
    state().output = output;
  }
  if (!options.file.empty() && !output->in_file)
    log_error("The log file cannot be opened; logging to standard error.",
              {{"log.file.path", options.file}});
}

void log(Level level, std::string_view message, std::initializer_list<Field> fields) {
  try {
    const auto output = state().get();
    const auto as_spdlog = spdlog_level(level);
    if (!output->logger->should_log(as_spdlog)) return;
    output->logger->log(as_spdlog,
                        spdlog::string_view_t(output->json ? json_line(level, message, fields)
                                                           : human_line(level, message, fields)));
  } catch (...) {
    dropped_lines().Increment();
  }
}

} // namespace graphrag::observability
