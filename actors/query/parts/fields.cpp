#include "actors/query/parts/fields.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/store/rules/utf8.hpp"

namespace graphrag::query::parts {

FieldReader::FieldReader(std::string_view bytes) {
  try {
    // Every element takes a byte at least, so no honest list is longer than the input.
    const msgpack::unpack_limit limit{bytes.size(), 0, bytes.size(), bytes.size(), 0, 3};
    std::size_t offset = 0;
    const auto by_reference = [](msgpack::type::object_type, std::size_t, void*) { return true; };
    handle_ = msgpack::unpack(bytes.data(), bytes.size(), offset, by_reference, nullptr, limit);
    const auto& all = handle_.get();
    if (offset != bytes.size() || all.type != msgpack::type::ARRAY) return;
    next_ = all.via.array.ptr;
    end_ = next_ + all.via.array.size;
    ok_ = true;
  } catch (const msgpack::unpack_error&) { // foreign bytes: not ok
  }
}

void FieldReader::texts(std::vector<std::string>& out) {
  out.clear();
  const auto* field = take(msgpack::type::ARRAY);
  if (field == nullptr) return;
  out.resize(field->via.array.size);
  for (std::size_t i = 0; ok_ && i < out.size(); ++i) {
    const auto& element = field->via.array.ptr[i];
    if (element.type != msgpack::type::STR) return wrong();
    read_text(element, out[i]);
  }
}

void FieldReader::read_text(const msgpack::object& field, std::string& out) {
  out.assign(field.via.str.ptr, field.via.str.size);
  if (!runtime::valid_utf8(out)) wrong();
}

bool FieldReader::finite(const std::vector<float>& values) noexcept {
  return std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
}

} // namespace graphrag::query::parts
