#include "runtime/encoder/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "runtime/encoder/json_file.hpp"

namespace graphrag::runtime::encoder {
namespace {

constexpr std::size_t largest_header = 16u << 20;
constexpr std::size_t most_dimensions = 8;

struct Kind {
  std::string_view name;
  std::size_t bytes;
  std::optional<Dtype> dtype;
};
constexpr Kind kinds[] = {{"F32", 4, Dtype::f32}, {"F16", 2, Dtype::f16}, {"BF16", 2, Dtype::bf16},
                          {"F64", 8, {}},         {"I64", 8, {}},         {"I32", 4, {}},
                          {"I16", 2, {}},         {"I8", 1, {}},          {"U8", 1, {}},
                          {"BOOL", 1, {}}};

// The value when it is a list of `length` (0: any up to most_dimensions) whole numbers.
std::optional<std::vector<std::size_t>> whole_numbers(const nlohmann::json& entry,
                                                      const char* field, std::size_t length) {
  auto list = entry.find(field);
  if (list == entry.end() || !list->is_array() || list->size() > most_dimensions ||
      (length != 0 && list->size() != length))
    return std::nullopt;
  std::vector<std::size_t> out;
  for (const auto& value : *list) {
    if (!value.is_number_unsigned()) return std::nullopt;
    out.push_back(value.get<std::size_t>());
  }
  return out;
}

// The product, or nothing when it does not fit.
std::optional<std::size_t> product(const std::vector<std::size_t>& shape) {
  std::size_t out = 1;
  for (auto side : shape)
    if (__builtin_mul_overflow(out, side, &out)) return std::nullopt;
  return out;
}

float widen_half(std::uint16_t half) {
  std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16, exponent = (half >> 10) & 31u,
                fraction = half & 0x3ffu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  if (exponent == 0) { // zero or a subnormal: fraction * 2^-24
    float value = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -value : value;
  }
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
}

} // namespace

Result<std::map<std::string, Tensor>> read_safetensors(std::string_view file,
                                                       std::string_view bytes) {
  if (bytes.size() < 8) return bad_file(file, "is shorter than its header's length");
  std::uint64_t length = 0;
  for (int i = 7; i >= 0; --i)
    length = length << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  if (length > largest_header || length > bytes.size() - 8)
    return bad_file(file, "header length " + std::to_string(length) + " is not possible");
  const std::size_t start = 8 + static_cast<std::size_t>(length), room = bytes.size() - start;
  auto header = JsonFile::parse(std::string{file} + " header", bytes.substr(8, start - 8));
  if (!header) return tl::unexpected(header.error());

  std::map<std::string, Tensor> out;
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (const auto& [name, entry] : header->root().items()) {
    if (name == "__metadata__") continue;
    if (!entry.is_object()) return bad_file(file, name + " is not an object");
    auto dtype = entry.find("dtype");
    auto kind = std::end(kinds);
    if (dtype != entry.end() && dtype->is_string())
      kind = std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& k) {
        return k.name == dtype->get_ref<const std::string&>();
      });
    if (kind == std::end(kinds)) return bad_file(file, name + " has an unknown dtype");
    auto shape = whole_numbers(entry, "shape", 0);
    if (!shape) return bad_file(file, name + " has a bad shape");
    auto offsets = whole_numbers(entry, "data_offsets", 2);
    if (!offsets) return bad_file(file, name + " has bad data_offsets");
    const std::size_t from = (*offsets)[0], to = (*offsets)[1];
    if (from > to || to > room) return bad_file(file, name + " has data_offsets outside the file");
    auto count = product(*shape);
    if (!count || *count > room || *count * kind->bytes != to - from)
      return bad_file(file, name + " has data_offsets that do not match its shape");
    if (from != to) ranges.emplace_back(from, to);
    if (kind->dtype)
      out.emplace(name, Tensor{*kind->dtype, std::move(*shape), start + from, *count});
  }
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].first < ranges[i - 1].second) return bad_file(file, "has tensors that overlap");
  return out;
}

void copy_floats(const Tensor& tensor, std::string_view bytes, float* out) {
  const char* from = bytes.data() + tensor.begin;
  if (tensor.dtype == Dtype::f32) {
    std::memcpy(out, from, tensor.count * sizeof(float));
    return;
  }
  for (std::size_t i = 0; i < tensor.count; ++i) {
    std::uint16_t half;
    std::memcpy(&half, from + 2 * i, 2);
    out[i] = tensor.dtype == Dtype::f16 ? widen_half(half)
                                        : std::bit_cast<float>(std::uint32_t{half} << 16);
  }
}

} // namespace graphrag::runtime::encoder
