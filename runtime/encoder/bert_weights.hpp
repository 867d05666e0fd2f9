#pragma once
// The numbers of a BERT model, in the layout the forward pass wants.
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/encoder/bert_config.hpp"
#include "runtime/encoder/panels.hpp"
#include "runtime/encoder/safetensors.hpp"

namespace graphrag::runtime::encoder {

struct Linear {
  Panels weight;
  const float* bias = nullptr;
};

struct Norm {
  const float* gain = nullptr;
  const float* bias = nullptr;
};

struct Layer {
  Linear query, key, value, attention_output, up, down;
  Norm attention_norm, output_norm;
};

// Immutable after load. Owns the bytes of model.safetensors; F32 matrices stay in them (put into
// panels in place), so a published F32 model is in memory once. F16 and BF16 models are widened
// into memory of their own and their bytes are let go.
class BertWeights {
public:
  // Takes the bytes. Names may have the prefix "bert.", "roberta." or "0.auto_model.". Errors:
  // corrupt, naming model.safetensors and the tensor that is missing, has another shape than
  // config.json says or holds a number that is not finite.
  static Result<std::unique_ptr<const BertWeights>> load(std::string bytes,
                                                         const BertConfig& config);

  const float* words() const { return words_; }         // vocabulary x hidden
  const float* positions() const { return positions_; } // positions x hidden
  const float* types() const { return types_; }         // types x hidden
  const Norm& norm() const { return norm_; }
  const std::vector<Layer>& layers() const { return layers_; }

private:
  struct Reader;

  std::string bytes_;
  std::deque<std::vector<float>> own_;
  const float *words_ = nullptr, *positions_ = nullptr, *types_ = nullptr;
  Norm norm_;
  std::vector<Layer> layers_;
};

} // namespace graphrag::runtime::encoder
