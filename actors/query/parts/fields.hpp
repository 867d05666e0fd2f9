#pragma once
// The form of what nodes ask each other about a question: one flat msgpack array. Numbers that come
// in columns are raw bytes of the machine (little-endian), so that floats arrive bit by bit.
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <msgpack.hpp>

namespace graphrag::query::parts {

static_assert(std::endian::native == std::endian::little, "columns are little-endian on the wire");

class FieldWriter {
public:
  explicit FieldWriter(std::uint32_t fields) : out_(buffer_) { out_.pack_array(fields); }
  void number(std::uint64_t value) { out_.pack(value); }
  void text(std::string_view value) {
    out_.pack_str(static_cast<std::uint32_t>(value.size()));
    out_.pack_str_body(value.data(), static_cast<std::uint32_t>(value.size()));
  }
  void texts(std::span<const std::string> values) {
    out_.pack_array(static_cast<std::uint32_t>(values.size()));
    for (const auto& value : values) text(value);
  }
  template <class T>
  void column(std::span<const T> values) {
    static_assert(std::is_arithmetic_v<T>);
    const auto bytes = static_cast<std::uint32_t>(values.size_bytes());
    out_.pack_bin(bytes);
    out_.pack_bin_body(reinterpret_cast<const char*>(values.data()), bytes);
  }
  template <class T>
  void column(const std::vector<T>& values) {
    column(std::span<const T>{values});
  }
  std::string take() const { return {buffer_.data(), buffer_.size()}; }

private:
  msgpack::sbuffer buffer_;
  msgpack::packer<msgpack::sbuffer> out_;
};

// Reads what FieldWriter wrote, field by field. After the first wrong field it is not ok and gives
// empty values. Allocates no more than a small multiple of the bytes that are there.
class FieldReader {
public:
  explicit FieldReader(std::string_view bytes); // which must outlive this
  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return next_ == end_; }
  void wrong() noexcept { ok_ = false; }

  template <class Number>
  void number(Number& out) {
    const auto* field = take(msgpack::type::POSITIVE_INTEGER);
    if (field == nullptr || field->via.u64 > std::numeric_limits<Number>::max())
      ok_ = false;
    else
      out = static_cast<Number>(field->via.u64);
  }
  void text(std::string& out) { // valid UTF-8
    if (const auto* field = take(msgpack::type::STR)) read_text(*field, out);
  }
  void texts(std::vector<std::string>& out);
  // At most `most` values; floats are finite.
  template <class T>
  void column(std::vector<T>& out, std::size_t most = std::numeric_limits<std::size_t>::max()) {
    out.clear();
    const auto* field = take(msgpack::type::BIN);
    if (field == nullptr) return;
    const auto bytes = std::size_t{field->via.bin.size};
    if (bytes % sizeof(T) != 0 || bytes / sizeof(T) > most) return wrong();
    out.resize(bytes / sizeof(T));
    if (bytes > 0) std::memcpy(out.data(), field->via.bin.ptr, bytes);
    if constexpr (std::is_floating_point_v<T>) {
      if (!finite(out)) wrong();
    }
  }

private:
  const msgpack::object* take(msgpack::type::object_type type) {
    if (!ok_ || at_end() || next_->type != type) return ok_ = false, nullptr;
    return next_++;
  }
  void read_text(const msgpack::object& field, std::string& out);
  static bool finite(const std::vector<float>& values) noexcept;

  msgpack::object_handle handle_;
  const msgpack::object* next_ = nullptr;
  const msgpack::object* end_ = nullptr;
  bool ok_ = false;
};

} // namespace graphrag::query::parts
