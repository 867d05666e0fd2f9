#include "actors/chunk/embedding/model_rows.hpp"

#include <algorithm>

#include "actors/chunk/embedding/model_blob.hpp"
#include "observability/log.hpp"

namespace graphrag::chunk {
namespace {

using runtime::ModelRecord;
using runtime::ModelState;

Encoders::EncoderPtr loaded(const ModelRecord& row, runtime::BlobStore& blobs) {
  auto made = load_model(blobs, row);
  if (!made) {
    observability::log_error("a model cannot be loaded",
                             {{"graphrag.model", row.name},
                              {"error.code", runtime::to_string(made.error().code)},
                              {"error.message", made.error().detail}});
    return nullptr;
  }
  observability::log_info("model loaded", {{"graphrag.model", row.name},
                                           {"graphrag.model_hash", row.hash},
                                           {"graphrag.active", row.state == ModelState::active}});
  return std::move(*made);
}

} // namespace

std::optional<runtime::WriteOp> registration(const ModelRows& rows, const EmbeddingModel* endpoint,
                                             std::int64_t now_ms) {
  bool has_active = false, has_endpoint = false;
  for (const auto& row : rows) {
    const bool configured = endpoint != nullptr && row.hash == endpoint->hash;
    has_endpoint |= configured;
    has_active |= row.state == ModelState::active;
    if (of_endpoint(row) && !configured && row.state == ModelState::building)
      return runtime::RemoveModelOp{row.hash};
  }
  if (endpoint == nullptr || has_endpoint) return std::nullopt;
  return runtime::SaveModelOp{{endpoint->hash, endpoint->name, endpoint->dimension, "",
                               has_active ? ModelState::building : ModelState::active, now_ms}};
}

std::vector<Encoders::Loaded> known_rows(const ModelRows& rows, const EmbeddingModel* endpoint) {
  std::vector<Encoders::Loaded> out;
  for (const auto& row : rows)
    out.push_back(
        {row, nullptr, of_endpoint(row) && endpoint != nullptr && row.hash == endpoint->hash});
  return out;
}

std::vector<Encoders::Loaded> load_rows(const ModelRows& rows,
                                        const std::vector<Encoders::Loaded>& known,
                                        const EmbeddingModel* endpoint, runtime::BlobStore& blobs) {
  auto out = known_rows(rows, endpoint);
  for (auto& one : out) {
    if (of_endpoint(one.record)) continue;
    const auto found = std::ranges::find_if(
        known, [&](const auto& other) { return other.record.hash == one.record.hash; });
    one.encoder = found == known.end() ? nullptr : found->encoder;
    if (!one.encoder) one.encoder = loaded(one.record, blobs);
  }
  return out;
}

std::vector<std::string> dropped_blobs(const ModelRows& rows,
                                       const std::vector<Encoders::Loaded>& known) {
  std::vector<std::string> out;
  for (const auto& one : known)
    if (!of_endpoint(one.record) &&
        std::ranges::none_of(rows, [&](const auto& row) { return row.blob == one.record.blob; }))
      out.push_back(one.record.blob);
  return out;
}

} // namespace graphrag::chunk
