#pragma once
// A model's files as one blob: what the blob port keeps of it.
#include <memory>
#include <string>

#include "runtime/encoder/encoder.hpp"
#include "runtime/store/blob.hpp"
#include "runtime/store/types.hpp"

namespace graphrag::chunk {

// msgpack: wire version, then the files by name. unpack: corrupt for foreign bytes.
std::string pack_model(const runtime::ModelFiles& files);
runtime::Result<runtime::ModelFiles> unpack_model(std::string_view bytes);

// The encoder of a registered model, from its blob. corrupt when the files are not those that were
// registered. Blocks for as long as reading and hashing them takes.
runtime::Result<std::shared_ptr<const runtime::Encoder>>
load_model(runtime::BlobStore& blobs, const runtime::ModelRecord& record);

} // namespace graphrag::chunk
