#include "runtime/models/vectors.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include "runtime/models/strict_json.hpp"
#include "runtime/models/wire.hpp"

namespace graphrag::runtime::models {
namespace {

using nlohmann::json;

// The index of an element of an answer's list, once each.
std::optional<std::size_t> take_index(const json& element, std::vector<bool>& seen) {
  const auto index = count_member(element, "index");
  if (!index || static_cast<std::uint64_t>(*index) >= seen.size()) return std::nullopt;
  const auto at = static_cast<std::size_t>(*index);
  if (seen[at]) return std::nullopt;
  seen[at] = true;
  return at;
}

bool read_vector(const json& element, Vector& out) {
  const auto* numbers = member(element, "embedding");
  if (!numbers || !numbers->is_array() || numbers->empty()) return false;
  out.reserve(numbers->size());
  for (const auto& number : *numbers) {
    if (!number.is_number()) return false;
    const auto value = static_cast<float>(number.get<double>());
    if (!std::isfinite(value)) return false;
    out.push_back(value);
  }
  return true;
}

} // namespace

std::string embedding_request(const std::string& model, const std::vector<std::string>& texts) {
  return to_text({{"model", model}, {"input", texts}, {"encoding_format", "float"}});
}

Result<EmbeddingAnswer> read_embeddings(std::string_view body, std::size_t texts,
                                        std::size_t dimension) {
  const auto answer = parse_strict(body);
  if (!answer) return invalid_answer(answer.error().detail);
  const auto* data = member(*answer, "data");
  if (!data || !data->is_array()) return invalid_answer("it has no list of vectors");
  if (data->size() != texts)
    return invalid_answer("it has another number of vectors than of texts");
  EmbeddingAnswer out{std::vector<Vector>(texts), read_usage(*answer)};
  std::vector<bool> seen(texts);
  for (const auto& element : *data) {
    const auto index = take_index(element, seen);
    if (!index) return invalid_answer("a vector's index is missing, repeated or too large");
    auto& vector = out.vectors[*index];
    if (!read_vector(element, vector))
      return invalid_answer("a vector is no list of finite numbers");
    if (dimension == 0) dimension = vector.size();
    if (vector.size() != dimension) return invalid_answer("a vector has the wrong dimension");
  }
  return out;
}

std::string rerank_request(const std::string& model, const std::string& query,
                           const std::vector<std::string>& texts) {
  return to_text(
      {{"model", model}, {"query", query}, {"documents", texts}, {"top_n", texts.size()}});
}

Result<RerankAnswer> read_rerank(std::string_view body, std::size_t texts) {
  const auto answer = parse_strict(body);
  if (!answer) return invalid_answer(answer.error().detail);
  const auto* results = member(*answer, "results");
  if (!results || !results->is_array()) return invalid_answer("it has no list of results");
  if (results->size() != texts)
    return invalid_answer("it has another number of scores than of texts");
  RerankAnswer out{std::vector<double>(texts), read_usage(*answer)};
  std::vector<bool> seen(texts);
  for (const auto& element : *results) {
    const auto index = take_index(element, seen);
    if (!index) return invalid_answer("a score's index is missing, repeated or too large");
    const auto* score = member(element, "relevance_score");
    if (!score || !score->is_number() || !std::isfinite(score->get<double>()))
      return invalid_answer("a score is no finite number");
    out.scores[*index] = score->get<double>();
  }
  return out;
}

} // namespace graphrag::runtime::models
