#pragma once
// The bytes of a connection that wait to be sent: small ones are gathered into one string, large
// ones are moved in whole.
#include <array>
#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>

namespace graphrag::gateway {

class WriteQueue {
public:
  bool empty() const { return bytes_ == 0; }
  std::size_t size() const { return bytes_; }

  // Calls `append(std::string&)`, which adds bytes to the end.
  template <class F>
  void append(F&& fill) {
    if (parts_.empty() || parts_.back().size() >= gather_up_to) parts_.emplace_back();
    const auto before = parts_.back().size();
    fill(parts_.back());
    bytes_ += parts_.back().size() - before;
  }
  void push(std::string&& bytes) {
    if (bytes.size() < gather_up_to) {
      append([&](std::string& out) { out += bytes; });
      return;
    }
    bytes_ += bytes.size();
    parts_.push_back(std::move(bytes));
  }

  using Buffers = std::array<boost::asio::const_buffer, 8>;
  Buffers buffers() const {
    Buffers out{};
    std::size_t skip = offset_, n = 0;
    for (std::size_t i = first_; i < parts_.size() && n < out.size(); ++i, skip = 0) {
      out[n++] = boost::asio::buffer(parts_[i].data() + skip, parts_[i].size() - skip);
    }
    return out;
  }
  void consume(std::size_t n) {
    bytes_ -= n;
    if (bytes_ == 0) return recycle();
    while (n > 0) {
      const auto left = parts_[first_].size() - offset_;
      if (n < left) {
        offset_ += n;
        return;
      }
      n -= left;
      parts_[first_++] = std::string();
      offset_ = 0;
    }
  }
  void clear() {
    parts_.clear();
    first_ = offset_ = bytes_ = 0;
  }

private:
  static constexpr std::size_t gather_up_to = 16 * 1024;
  // Keeps one small string's memory for the next answer.
  void recycle() {
    first_ = offset_ = 0;
    parts_.resize(1);
    if (parts_[0].capacity() > 2 * gather_up_to) parts_[0] = std::string();
    parts_[0].clear();
  }

  std::vector<std::string> parts_;
  std::size_t first_ = 0, offset_ = 0, bytes_ = 0;
};

} // namespace graphrag::gateway
