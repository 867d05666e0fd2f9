#pragma once
// A part of a group on the thread that makes its vectors: by an encoder on this machine, or by an
// endpoint. Blocks.
#include <memory>
#include <stop_token>
#include <vector>

#include "actors/chunk/embedding/embed_group.hpp"
#include "actors/models/model_desk.hpp"
#include "runtime/encoder/encoder.hpp"
#include "runtime/models/model_port.hpp"

namespace graphrag::chunk {

using EmbedPart = std::vector<EmbedGroup::Passage>;

// All vectors of the part are written. False: asked to stop before that, which is looked at every
// few passages, since a node that ends does not wait for a long document.
bool encode_part(const EmbedPart& part, const runtime::Encoder& encoder,
                 const std::stop_token& stop);

// All vectors of the part are written, with length 1, or none. Texts are cut to the model's
// max_passage and sent behind its prefix; an empty one keeps a vector of zeros.
runtime::Status encode_part(const EmbedPart& part, const EmbeddingModel& model,
                            const runtime::models::ModelPort& port,
                            const runtime::models::CallContext& context);

} // namespace graphrag::chunk
