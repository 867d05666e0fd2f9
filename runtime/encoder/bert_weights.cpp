#include "runtime/encoder/bert_weights.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "runtime/encoder/json_file.hpp"

namespace graphrag::runtime::encoder {
namespace {

constexpr std::string_view file_name = "model.safetensors";

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string out = "[";
  for (auto side : shape) out.append(out.size() > 1 ? "," : "").append(std::to_string(side));
  return out + "]";
}

} // namespace

// Fetches tensors one by one; the first failure stays in `status` and later calls do nothing.
struct BertWeights::Reader {
  BertWeights& to;
  const std::map<std::string, Tensor>& tensors;
  std::string prefix;
  Status status;
  bool in_place = false;

  float* floats(const std::string& name, const std::vector<std::size_t>& shape) {
    if (!status) return nullptr;
    auto found = tensors.find(prefix + name);
    if (found == tensors.end()) {
      status = bad_file(file_name, name + " is missing");
      return nullptr;
    }
    const Tensor& tensor = found->second;
    if (tensor.shape != shape) {
      status = bad_file(file_name, name + " has the shape " + shape_text(tensor.shape) + ", not " +
                                       shape_text(shape));
      return nullptr;
    }
    char* raw = to.bytes_.data() + tensor.begin;
    float* out = nullptr;
    if (tensor.dtype == Dtype::f32 && reinterpret_cast<std::uintptr_t>(raw) % alignof(float) == 0) {
      out = reinterpret_cast<float*>(raw);
      in_place = true;
    } else {
      out = to.own_.emplace_back(tensor.count).data();
      copy_floats(tensor, to.bytes_, out);
    }
    if (!std::all_of(out, out + tensor.count, [](float x) { return std::isfinite(x); }))
      status = bad_file(file_name, name + " holds a number that is not finite");
    return out;
  }

  // A weight matrix, one row for each of `outputs`, becomes panels.
  Linear linear(const std::string& name, std::size_t inputs, std::size_t outputs) {
    float* rows = floats(name + ".weight", {outputs, inputs});
    const float* bias = floats(name + ".bias", {outputs});
    if (!status) return {};
    if (outputs % panel_columns == 0) { // the panels are as large as the rows
      const std::vector<float> copy(rows, rows + inputs * outputs);
      return {pack_transposed(copy.data(), inputs, inputs, outputs, rows), bias};
    }
    auto& panels = to.own_.emplace_back(panels_size(inputs, outputs));
    return {pack_transposed(rows, inputs, inputs, outputs, panels.data()), bias};
  }

  Norm norm(const std::string& name, std::size_t size) {
    return {floats(name + ".weight", {size}), floats(name + ".bias", {size})};
  }
};

Result<std::unique_ptr<const BertWeights>> BertWeights::load(std::string bytes,
                                                             const BertConfig& config) {
  auto tensors = read_safetensors(file_name, bytes);
  if (!tensors) return tl::unexpected(tensors.error());
  auto out = std::make_unique<BertWeights>();
  out->bytes_ = std::move(bytes);
  Reader reader{*out, *tensors, "", {}};
  for (const char* prefix : {"bert.", "roberta.", "0.auto_model."})
    if (tensors->contains(std::string{prefix} + "embeddings.word_embeddings.weight"))
      reader.prefix = prefix;

  const std::size_t hidden = config.hidden;
  out->words_ = reader.floats("embeddings.word_embeddings.weight", {config.vocabulary, hidden});
  out->positions_ =
      reader.floats("embeddings.position_embeddings.weight", {config.positions, hidden});
  out->types_ = reader.floats("embeddings.token_type_embeddings.weight", {config.types, hidden});
  out->norm_ = reader.norm("embeddings.LayerNorm", hidden);
  for (std::size_t i = 0; i < config.layers && reader.status; ++i) {
    const std::string name = "encoder.layer." + std::to_string(i) + ".";
    Layer layer;
    layer.query = reader.linear(name + "attention.self.query", hidden, hidden);
    layer.key = reader.linear(name + "attention.self.key", hidden, hidden);
    layer.value = reader.linear(name + "attention.self.value", hidden, hidden);
    layer.attention_output = reader.linear(name + "attention.output.dense", hidden, hidden);
    layer.attention_norm = reader.norm(name + "attention.output.LayerNorm", hidden);
    layer.up = reader.linear(name + "intermediate.dense", hidden, config.intermediate);
    layer.down = reader.linear(name + "output.dense", config.intermediate, hidden);
    layer.output_norm = reader.norm(name + "output.LayerNorm", hidden);
    out->layers_.push_back(layer);
  }
  if (!reader.status) return tl::unexpected(reader.status.error());
  if (!reader.in_place) std::string{}.swap(out->bytes_);
  return out;
}

} // namespace graphrag::runtime::encoder
