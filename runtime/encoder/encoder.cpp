#include "runtime/encoder/encoder.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/check.hpp"
#include "runtime/encoder/bert_config.hpp"
#include "runtime/encoder/bert_weights.hpp"
#include "runtime/encoder/forward.hpp"
#include "runtime/encoder/json_file.hpp"
#include "runtime/encoder/tokenizer.hpp"

namespace graphrag::runtime {
namespace {

constexpr std::size_t tokens_at_once = 512;

} // namespace

struct Encoder::Parts {
  std::string hash;
  encoder::BertConfig config;
  encoder::Tokenizer tokenizer;
  std::unique_ptr<const encoder::BertWeights> weights;
};

Encoder::Encoder(std::unique_ptr<const Parts> parts) : parts_{std::move(parts)} {}
Encoder::~Encoder() = default;

Result<std::shared_ptr<const Encoder>> Encoder::load(ModelFiles files) {
  if (auto status = require_model_files(files); !status) return tl::unexpected(status.error());
  auto parts = std::make_unique<Parts>();
  parts->hash = model_hash(files);
  auto config = encoder::read_bert_config(files);
  if (!config) return tl::unexpected(config.error());
  parts->config = std::move(*config);
  auto tokenizer = encoder::Tokenizer::load(files);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  parts->tokenizer = std::move(*tokenizer);
  const char* list = files.contains("tokenizer.json") ? "tokenizer.json" : "vocab.txt";
  if (parts->tokenizer.id_bound() > parts->config.vocabulary)
    return encoder::bad_file(list, "has ids beyond vocab_size of config.json");
  if (parts->tokenizer.encode("", 1).empty())
    return encoder::bad_file(list, "puts no special token around a text");
  auto weights = encoder::BertWeights::load(std::move(files["model.safetensors"]), parts->config);
  if (!weights) return tl::unexpected(weights.error());
  parts->weights = std::move(*weights);
  return std::shared_ptr<const Encoder>(new Encoder{std::move(parts)});
}

std::size_t Encoder::dimension() const { return parts_->config.hidden; }
std::size_t Encoder::max_tokens() const { return parts_->config.max_tokens; }
const std::string& Encoder::hash() const { return parts_->hash; }

std::vector<std::uint32_t> Encoder::token_ids(std::string_view text, TextRole role) const {
  const auto& config = parts_->config;
  const auto& prompt = role == TextRole::query ? config.query_prompt : config.passage_prompt;
  std::string whole = prompt + encoder::trim(text, prompt.empty(), true);
  if (config.lower_case) whole = encoder::lower_case(whole);
  return parts_->tokenizer.encode(whole, config.max_tokens);
}

void Encoder::encode(std::span<const std::string_view> texts, TextRole role,
                     std::span<float> out) const {
  RUNTIME_CHECK(out.size() == texts.size() * dimension(), "encode() into memory of another size");
  std::vector<encoder::TokenIds> ids;
  ids.reserve(texts.size());
  for (auto text : texts) ids.push_back(token_ids(text, role));

  // Texts of like length run together, the longest first, so the memory fits from the start.
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return ids[a].size() > ids[b].size(); });
  if (order.empty()) return;
  const std::size_t longest = ids[order.front()].size();
  std::size_t total = 0;
  for (const auto& list : ids) total += list.size();
  encoder::Workspace space{parts_->config, std::min(total, std::max(tokens_at_once, longest)),
                           longest};
  const encoder::Model model{parts_->config, *parts_->weights, encoder::best_kernels()};

  for (std::size_t at = 0; at < order.size();) {
    std::vector<const encoder::TokenIds*> group;
    std::vector<float*> rows;
    for (std::size_t tokens = 0; at < order.size(); ++at) {
      tokens += ids[order[at]].size();
      if (!group.empty() && tokens > tokens_at_once) break;
      group.push_back(&ids[order[at]]);
      rows.push_back(out.data() + order[at] * dimension());
    }
    encoder::forward(model, group, rows, space);
  }
}

} // namespace graphrag::runtime
