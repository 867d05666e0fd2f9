#pragma once
// A random BERT of a few kilobytes as the files of a published folder, for tests.
#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/encoder/model_files.hpp"

namespace graphrag::test {

struct TinyTensor {
  std::vector<std::size_t> shape;
  std::vector<float> values;
};
using TinyTensors = std::map<std::string, TinyTensor>;

// The pieces of vocab.txt; the id is the position.
inline std::vector<std::string> tiny_pieces() {
  std::vector<std::string> out{"[PAD]",  "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the",
                               "cat",    "cafe",  "dog",   "runs",  "un",     "##aff",
                               "##able", "##s",   "query", ":",     ",",      ".",
                               "!",      "-",     "中",    "文",    "hello",  "world"};
  for (char c = 'a'; c <= 'z'; ++c) out.push_back(std::string{c});
  for (char c : std::string{"abcdefghi"}) out.push_back("##" + std::string{c});
  return out;
}

struct TinyShape {
  std::size_t hidden = 32, layers = 2, heads = 4, intermediate = 48, positions = 40;
};

inline TinyTensors tiny_tensors(const TinyShape& shape = {}, std::uint32_t seed = 7) {
  std::mt19937 random{seed};
  auto next = [&] { return static_cast<float>(random() % 20001) / 10000.0F - 1; }; // -1 to 1
  TinyTensors out;
  auto add = [&](const std::string& name, std::vector<std::size_t> sides, float scale, float mean) {
    std::size_t count = 1;
    for (auto side : sides) count *= side;
    std::vector<float> values(count);
    for (auto& value : values) value = mean + scale * next();
    out[name] = {std::move(sides), std::move(values)};
  };
  const auto h = shape.hidden, wide = shape.intermediate;
  auto norm = [&](const std::string& name) {
    add(name + ".weight", {h}, 0.3F, 1);
    add(name + ".bias", {h}, 0.3F, 0);
  };
  auto linear = [&](const std::string& name, std::size_t from, std::size_t to) {
    add(name + ".weight", {to, from}, 0.4F, 0);
    add(name + ".bias", {to}, 0.2F, 0);
  };
  add("embeddings.word_embeddings.weight", {tiny_pieces().size(), h}, 1, 0);
  add("embeddings.position_embeddings.weight", {shape.positions, h}, 0.5F, 0);
  add("embeddings.token_type_embeddings.weight", {2, h}, 0.5F, 0);
  norm("embeddings.LayerNorm");
  for (std::size_t i = 0; i < shape.layers; ++i) {
    const std::string layer = "encoder.layer." + std::to_string(i) + ".";
    for (const char* part : {"attention.self.query", "attention.self.key", "attention.self.value",
                             "attention.output.dense"})
      linear(layer + part, h, h);
    norm(layer + "attention.output.LayerNorm");
    linear(layer + "intermediate.dense", h, wide);
    linear(layer + "output.dense", wide, h);
    norm(layer + "output.LayerNorm");
  }
  return out;
}

inline std::string safetensors_of(const nlohmann::json& header, const std::string& data) {
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string out(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<char>(text.size() >> 8 * i & 0xFF);
  return out + text + data;
}

// dtype "F32" or "BF16" (which keeps the upper half of a float).
inline std::string safetensors_of(const TinyTensors& tensors, const std::string& prefix = "",
                                  const std::string& dtype = "F32") {
  nlohmann::json header = {{"__metadata__", {{"format", "pt"}}}};
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    const auto begin = data.size();
    for (float value : tensor.values) {
      char bytes[4];
      std::memcpy(bytes, &value, 4);
      dtype == "F32" ? data.append(bytes, 4) : data.append(bytes + 2, 2);
    }
    header[prefix + name] = {
        {"dtype", dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  return safetensors_of(header, data);
}

inline nlohmann::json tiny_config(const TinyShape& shape = {}) {
  return {{"model_type", "bert"},
          {"hidden_act", "gelu"},
          {"hidden_size", shape.hidden},
          {"num_hidden_layers", shape.layers},
          {"num_attention_heads", shape.heads},
          {"intermediate_size", shape.intermediate},
          {"vocab_size", tiny_pieces().size()},
          {"max_position_embeddings", shape.positions},
          {"type_vocab_size", 2},
          {"layer_norm_eps", 1e-12},
          {"pad_token_id", 0}};
}

// With vocab.txt and mean pooling.
inline runtime::ModelFiles tiny_model(const TinyShape& shape = {}, std::uint32_t seed = 7) {
  std::string vocabulary;
  for (const auto& piece : tiny_pieces()) vocabulary += piece + "\n";
  return {{"config.json", tiny_config(shape).dump()},
          {"vocab.txt", vocabulary},
          {"1_Pooling/config.json",
           R"({"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false})"},
          {"model.safetensors", safetensors_of(tiny_tensors(shape, seed))}};
}

} // namespace graphrag::test
