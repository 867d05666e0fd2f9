#pragma once
// The forward pass of BERT (Devlin et al. 2018, arXiv:1810.04805, after Vaswani et al. 2017,
// arXiv:1706.03762) over texts of different lengths, packed without padding: the linear layers
// see one matrix with the rows of all texts, attention runs for each text and head.
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/encoder/bert_weights.hpp"
#include "runtime/encoder/kernels.hpp"

namespace graphrag::runtime::encoder {

using TokenIds = std::vector<std::uint32_t>;

// Working memory for up to `rows` tokens, of which one text has up to `longest`. Not zeroed, not
// thread-safe; one for each call.
struct Workspace {
  Workspace(const BertConfig& config, std::size_t rows, std::size_t longest);

  using Numbers = std::unique_ptr<float[]>;
  Numbers state, mixed; // rows x hidden
  Numbers projected;    // rows x 3 hidden: query, key, value
  Numbers context;      // rows x hidden
  Numbers inner;        // block_rows x intermediate
  Numbers keys, values; // panels of one head
  Numbers scores;       // block_rows x longest
  Numbers scratch;      // of Kernels::multiply
};

struct Model {
  const BertConfig& config;
  const BertWeights& weights;
  const Kernels& kernels;
};

// Writes one pooled unit vector for each text: out[i] points at config.hidden numbers. The ids
// include the special tokens, are below config.vocabulary, 1 to config.max_tokens of them. A
// vector whose length is 0 or not finite becomes all zeros.
void forward(const Model& model, std::span<const TokenIds* const> texts,
             std::span<float* const> out, Workspace& space);

} // namespace graphrag::runtime::encoder
