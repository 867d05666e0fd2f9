#include "runtime/models/wire.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "runtime/models/strict_json.hpp"

namespace graphrag::runtime::models {

tl::unexpected<Error> invalid_answer(const std::string& why) {
  return fail(Errc::corrupt, "invalid answer: " + why);
}

std::optional<Usage> read_usage(const nlohmann::json& answer) {
  constexpr std::int64_t most = 1'000'000'000;
  const auto* usage = member(answer, "usage");
  if (!usage) return std::nullopt;
  const auto output = count_member(*usage, "completion_tokens").value_or(0);
  auto input = count_member(*usage, "prompt_tokens");
  // Embedding and reranking servers often give a total only.
  if (const auto total = count_member(*usage, "total_tokens"); !input && total)
    input = std::max<std::int64_t>(0, *total - output);
  if (!input || *input > most || output > most) return std::nullopt;
  return Usage{*input, output};
}

} // namespace graphrag::runtime::models
