#pragma once
// Server-sent events (HTML standard, 9.2.6), from pieces that may be split at any byte. Pure.
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace graphrag::runtime::models {

class SseParser {
public:
  // Gets the data of each event that has any, its lines joined by '\n'. False: read no further.
  using OnData = std::function<bool(const std::string& data)>;
  explicit SseParser(OnData on_data, std::size_t max_event_bytes = 1024 * 1024)
      : on_data_(std::move(on_data)), max_event_bytes_(max_event_bytes) {}

  // False: on_data said so, or the event is over its bound; nothing more is read then. An event
  // that is not closed by an empty line when the stream ends is none.
  bool feed(std::string_view bytes);
  bool too_large() const noexcept { return too_large_; }

private:
  bool end_line();

  OnData on_data_;
  const std::size_t max_event_bytes_;
  std::string line_, data_;
  bool has_data_ = false, after_cr_ = false, first_line_ = true, ended_ = false;
  bool too_large_ = false;
};

} // namespace graphrag::runtime::models
