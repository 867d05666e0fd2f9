#pragma once
// Reading msgpack that is not believed, for the codecs of cluster/.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <msgpack.hpp>

#include "runtime/error.hpp"

namespace graphrag::cluster {

using Packer = msgpack::packer<msgpack::sbuffer>;

// Reads an array field by field; after the first wrong one it is not ok and gives empty values.
class Fields {
public:
  explicit Fields(const msgpack::object& array) {
    if (array.type == msgpack::type::ARRAY)
      next_ = array.via.array.ptr, end_ = next_ + array.via.array.size;
    else
      ok_ = false;
  }
  bool ok() const noexcept { return ok_; }
  bool done() const noexcept { return ok_ && next_ == end_; }
  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - next_); }

  template <class Number>
  Number
  number(std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<Number>::max())) {
    const auto* field = take(msgpack::type::POSITIVE_INTEGER);
    if (field == nullptr || field->via.u64 > most) return ok_ = false, Number{};
    return static_cast<Number>(field->via.u64);
  }
  std::string text(std::size_t most) {
    const auto* field = take(msgpack::type::STR);
    if (field == nullptr || field->via.str.size > most) return ok_ = false, std::string{};
    return {field->via.str.ptr, field->via.str.size};
  }
  Fields list(std::size_t most) {
    const auto* field = take(msgpack::type::ARRAY);
    if (field == nullptr || field->via.array.size > most) return ok_ = false, Fields{};
    return Fields{*field};
  }

private:
  Fields() : ok_(false) {}
  const msgpack::object* take(msgpack::type::object_type type) {
    if (!ok_ || next_ == end_ || next_->type != type) return ok_ = false, nullptr;
    return next_++;
  }
  const msgpack::object* next_ = nullptr;
  const msgpack::object* end_ = nullptr;
  bool ok_ = true;
};

// A value that a row of the database holds whole: an array that begins with its wire version and
// goes on as `read(fields, value)` takes it. corrupt when it is none, invalid_argument for another
// version. `what` names it in errors.
struct RowForm {
  const char* what;
  std::uint32_t version;
  std::size_t max_bytes;
  msgpack::unpack_limit limit;
};
template <class Value, class Read>
runtime::Result<Value> decode_row(std::string_view bytes, const RowForm& form, Read&& read) {
  const auto corrupt = [&] {
    return runtime::fail(runtime::Errc::corrupt, std::string{"not "} + form.what);
  };
  if (bytes.size() > form.max_bytes) return corrupt();
  try {
    std::size_t used = 0;
    const auto object =
        msgpack::unpack(bytes.data(), bytes.size(), used, nullptr, nullptr, form.limit);
    if (used != bytes.size()) return corrupt();
    Fields in{object.get()};
    const auto wire = in.number<std::uint32_t>();
    if (!in.ok()) return corrupt();
    if (wire != form.version)
      return runtime::fail(runtime::Errc::invalid_argument,
                           std::string{form.what} + " of wire version " + std::to_string(wire));
    Value value;
    if (!read(in, value)) return corrupt();
    return value;
  } catch (const msgpack::unpack_error&) {
    return corrupt();
  }
}

} // namespace graphrag::cluster
