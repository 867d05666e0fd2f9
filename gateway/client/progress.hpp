#pragma once
// Progress on standard error: a bar that redraws itself on a terminal, else a plain line now and
// then; nothing when quiet. Thread-safe.
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace graphrag::client {

enum class ProgressStyle : std::uint8_t { quiet, plain, bar };
// What fits standard error as it is.
ProgressStyle progress_style(bool quiet);

class Progress {
public:
  Progress(ProgressStyle style, std::string what, std::uint64_t total);
  ~Progress(); // wipes the bar
  void update(std::uint64_t done, const std::string& note = "");
  // A line of its own, above the bar.
  void line(const std::string& text);

private:
  void draw(std::uint64_t done, const std::string& note);
  void wipe();

  const ProgressStyle style_;
  const std::string what_;
  const std::uint64_t total_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point begin_, last_;
  bool drawn_ = false;
};

} // namespace graphrag::client
