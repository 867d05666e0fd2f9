#pragma once
// The rows of models in the store against what this node has: the endpoint that its configuration
// names, and the encoders in its memory.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/chunk/embedding/encoders.hpp"
#include "actors/models/model_desk.hpp"
#include "runtime/store/blob.hpp"
#include "runtime/store/types.hpp"

namespace graphrag::chunk {

using ModelRows = std::vector<runtime::ModelRecord>;

// A row without files stands for an endpoint.
inline bool of_endpoint(const runtime::ModelRecord& row) { return row.blob.empty(); }

// The write that brings the rows nearer to the configuration; nothing: they agree. An endpoint that
// has no row gets one: the active one when no other is, else it is built beside the active one. A
// building endpoint that is not the configured one goes; an active one stays until another takes
// its place, since its vectors were paid for.
std::optional<runtime::WriteOp> registration(const ModelRows& rows, const EmbeddingModel* endpoint,
                                             std::int64_t now_ms);

// The rows as they stand, with no files loaded: what is known of models when a node starts.
std::vector<Encoders::Loaded> known_rows(const ModelRows& rows, const EmbeddingModel* endpoint);

// The rows with their encoders: those in `known`, else loaded from their blobs, which blocks. One
// that cannot be loaded has none, and the log says why.
std::vector<Encoders::Loaded> load_rows(const ModelRows& rows,
                                        const std::vector<Encoders::Loaded>& known,
                                        const EmbeddingModel* endpoint, runtime::BlobStore& blobs);

// Blobs of models that were known and have no row any more.
std::vector<std::string> dropped_blobs(const ModelRows& rows,
                                       const std::vector<Encoders::Loaded>& known);

} // namespace graphrag::chunk
