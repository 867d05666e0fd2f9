#include "runtime/models/sse.hpp"

#include <utility>

namespace graphrag::runtime::models {

bool SseParser::feed(std::string_view bytes) {
  while (!bytes.empty() && !ended_) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') { // the second half of CRLF
      bytes.remove_prefix(1);
      continue;
    }
    const auto end = bytes.find_first_of("\r\n");
    line_ += bytes.substr(0, end);
    if (line_.size() + data_.size() > max_event_bytes_) {
      ended_ = too_large_ = true;
    } else if (end != std::string_view::npos) {
      after_cr_ = bytes[end] == '\r';
      ended_ = !end_line();
    }
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  }
  return !ended_;
}

bool SseParser::end_line() {
  auto whole = std::exchange(line_, {});
  std::string_view line{whole};
  if (std::exchange(first_line_, false) && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  if (line.empty()) {
    auto data = std::exchange(data_, {});
    return !std::exchange(has_data_, false) || on_data_(data);
  }
  const auto colon = line.find(':'); // at 0: a comment
  if (line.substr(0, colon) != "data") return true;
  auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (has_data_) data_ += '\n';
  data_ += value;
  has_data_ = true;
  return true;
}

} // namespace graphrag::runtime::models
