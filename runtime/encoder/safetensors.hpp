#pragma once
// The safetensors file format: eight bytes with the length of a JSON header (little endian), the
// header (tensor name -> dtype, shape, data_offsets), then the tensors' bytes.
// https://huggingface.co/docs/safetensors (section "Format")
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"

namespace graphrag::runtime::encoder {

enum class Dtype : std::uint8_t { f32, f16, bf16 };

struct Tensor {
  Dtype dtype;
  std::vector<std::size_t> shape;
  std::size_t begin; // byte offset in the file
  std::size_t count; // numbers, the product of shape
};

// Name -> tensor. Every tensor lies inside the file, has as many bytes as its shape and dtype say
// and shares none with another, so it may be changed in place. Tensors of other dtypes
// (position_ids are whole numbers) are checked and left out.
// Errors: corrupt, naming `file` and the tensor.
Result<std::map<std::string, Tensor>> read_safetensors(std::string_view file,
                                                       std::string_view bytes);

// The numbers of a tensor as float. F16 and BF16 are widened exactly.
void copy_floats(const Tensor& tensor, std::string_view bytes, float* out);

} // namespace graphrag::runtime::encoder
