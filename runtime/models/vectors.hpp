#pragma once
// The wire form of embedding and reranking: requests as they are sent, answers as they are checked.
// Pure. An answer that fails its checks is `corrupt`, "invalid answer: ..."; nothing of it is used.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/models/spend.hpp"

namespace graphrag::runtime::models {

using Vector = std::vector<float>;

// POST /embeddings {model, input, encoding_format}
std::string embedding_request(const std::string& model, const std::vector<std::string>& texts);

struct EmbeddingAnswer {
  std::vector<Vector> vectors; // in the order of the texts
  std::optional<Usage> usage;
};
// Every index from 0 to texts - 1 once, all vectors of one dimension (`dimension`, when it is not
// 0), every number finite as a float.
Result<EmbeddingAnswer> read_embeddings(std::string_view body, std::size_t texts,
                                        std::size_t dimension);

// POST /rerank {model, query, documents, top_n}: what Jina, Cohere and vLLM share.
std::string rerank_request(const std::string& model, const std::string& query,
                           const std::vector<std::string>& texts);

struct RerankAnswer {
  std::vector<double> scores; // in the order of the texts; larger is better
  std::optional<Usage> usage;
};
// A finite score for every text, once.
Result<RerankAnswer> read_rerank(std::string_view body, std::size_t texts);

} // namespace graphrag::runtime::models
