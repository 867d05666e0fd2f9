#pragma once
// The bytes of a connection that were read and not yet used. Small while a connection is quiet, so
// that thousands of idle ones cost little.
#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace graphrag::gateway {

class ReadBuffer {
public:
  static constexpr std::size_t quiet_size = 4 * 1024;

  std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  // Room of at least `least` bytes behind what is there; the capacity never shrinks here.
  std::span<char> prepare(std::size_t least) {
    if (empty()) begin_ = end_ = 0;
    if (capacity_ - end_ < least) make_room(least);
    return {data_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t n) { end_ += n; }
  void consume(std::size_t n) { begin_ += n; }
  void clear() { begin_ = end_ = 0; }
  // Gives memory back when nothing is buffered.
  void shrink() {
    if (!empty() || capacity_ <= quiet_size) return;
    data_.reset();
    begin_ = end_ = capacity_ = 0;
  }

private:
  void make_room(std::size_t least) {
    const auto used = size();
    if (capacity_ >= used + least) {
      std::memmove(data_.get(), data_.get() + begin_, used);
    } else {
      const auto capacity = std::max({quiet_size, used + least, capacity_ * 2});
      auto bigger = std::make_unique_for_overwrite<char[]>(capacity);
      if (used > 0) std::memcpy(bigger.get(), data_.get() + begin_, used);
      data_ = std::move(bigger);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> data_;
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

} // namespace graphrag::gateway
