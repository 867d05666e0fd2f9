#pragma once
// The vectors that an encoder makes of passages, kept in a file from one run to the next.
#include <memory>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "runtime/encoder/encoder.hpp"

namespace quality {

// The encoder in a folder. Throws std::runtime_error.
std::shared_ptr<const graphrag::runtime::Encoder> load_encoder(const std::string& folder);

// Gives every document the vectors of its chunks: read from `file` when that holds as many numbers
// as are needed, else computed on all cores and written to it. "": neither read nor written.
void embed(const std::vector<std::shared_ptr<graphrag::chunk::LiveDocument>>& documents,
           const graphrag::runtime::Encoder& encoder, const std::string& file);

} // namespace quality
