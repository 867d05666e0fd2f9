#pragma once
// The files of a published model and their way from a folder into memory.
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "runtime/error.hpp"

namespace graphrag::runtime {

// Relative file name ("1_Pooling/config.json") -> bytes.
using ModelFiles = std::map<std::string, std::string>;

// The names an encoder looks at, in the order of their names. Any other file of a published folder
// (README.md, onnx/ ...) has no effect on the vectors and is not part of the model's identity.
std::span<const std::string_view> model_file_names();

// Reads the files named above that the folder has. Errors name the file: not_found when
// config.json, model.safetensors or both of tokenizer.json and vocab.txt are missing, io when a
// file cannot be read, no_space for a file of more than 8 GiB.
Result<ModelFiles> read_model_folder(const std::string& folder);

// not_found, naming the first file that an encoder cannot do without.
Status require_model_files(const ModelFiles& files);

// SHA-256, 64 hex digits, over the names and contents of the files an encoder looks at: two models
// with the same hash give the same vectors on the same machine.
std::string model_hash(const ModelFiles& files);

} // namespace graphrag::runtime
