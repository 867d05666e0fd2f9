#pragma once
// What a published folder says about a model of the BERT family, checked and in one place.
#include <cstddef>
#include <string>

#include "runtime/encoder/model_files.hpp"

namespace graphrag::runtime::encoder {

enum class Pooling { mean, cls };

struct BertConfig {
  std::size_t hidden, layers, heads, intermediate, vocabulary, positions, types;
  std::size_t first_position; // 0; for XLM-R and RoBERTa the padding id + 1
  std::size_t max_tokens;     // of a text, with the special tokens
  float epsilon;              // of the layer norms
  Pooling pooling = Pooling::mean;
  bool lower_case = false;  // sentence_bert_config.json: texts are put in lower case first
  std::string query_prompt; // put before a text; empty when the folder says nothing
  std::string passage_prompt;
};

// Reads config.json, 1_Pooling/config.json, modules.json, sentence_bert_config.json,
// tokenizer_config.json, config_sentence_transformers.json and graphrag_prompts.json. Without
// 1_Pooling/config.json the mean is taken, as the published implementation does. Prompts:
// "prompts": {"query": ..., "passage" or "document": ...}; graphrag_prompts.json
// ({"query": ..., "passage": ...}) wins over it. Nothing is guessed from a model's name.
// Errors: corrupt for a malformed value, invalid_argument for a model that is well described and
// not supported; both name file and field.
Result<BertConfig> read_bert_config(const ModelFiles& files);

} // namespace graphrag::runtime::encoder
