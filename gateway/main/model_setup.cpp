#include "gateway/main/model_setup.hpp"

#include "observability/log.hpp"
#include "runtime/models/kept_budget.hpp"
#include "runtime/models/model_port.hpp"

namespace graphrag {
namespace {

namespace models = runtime::models;
using Caller = std::shared_ptr<models::EndpointCaller>;

constexpr std::int64_t waiting_calls = 64; // of a line; one more does without the model
constexpr std::size_t rerank_prompt_bytes = 256 * 1024;

// Spending is kept where it is limited; "model_budget.json" is the file of answers.
runtime::Result<std::shared_ptr<models::KeptBudget>>
open_budget(const char* section, std::uint64_t tokens, const runtime::DataDir& data) {
  const std::string name = section;
  const auto file = name == "answers" ? "model_budget.json" : "model_budget_" + name + ".json";
  return models::KeptBudget::open(data.file(file),
                                  {.tokens = static_cast<std::int64_t>(tokens), .micros = {}});
}

runtime::Result<Caller> set_up(const char* section, const runtime::EndpointConfig& config,
                               models::ModelEndpoint endpoint, const runtime::DataDir& data) {
  if (config.url.empty()) return Caller{};
  auto client = runtime::http::Client::make({.extra_ca_file = config.ca_file});
  if (!client)
    return runtime::fail(client.error().code, std::string{section} + ": " + client.error().detail);
  endpoint.name = section;
  endpoint.base_url = config.url;
  endpoint.model = config.model;
  endpoint.api_key = models::Secret{config.key};
  endpoint.timeout = config.timeout;
  if (endpoint.max_concurrent_calls < config.max_calls)
    endpoint.max_concurrent_calls = config.max_calls;
  models::CallerParts parts;
  parts.client = std::move(*client);
  if (config.tokens_per_day != 0) {
    auto kept = open_budget(section, config.tokens_per_day, data);
    if (!kept)
      return runtime::fail(kept.error().code, std::string{section} + ": " + kept.error().detail);
    parts.budget = (*kept)->budget();
    parts.keep_budget = [kept = *kept] {
      if (auto saved = kept->save(); !saved)
        observability::log_warn("what models cost could not be kept",
                                {{"error.message", saved.error().detail}});
    };
  }
  auto caller = models::EndpointCaller::make(std::move(endpoint), std::move(parts));
  if (!caller)
    return runtime::fail(caller.error().code, std::string{section} + ": " + caller.error().detail);
  return caller;
}

class Setting {
public:
  Setting(const runtime::Config& config, const runtime::DataDir& data)
      : config_(config), data_(data) {}

  runtime::Result<std::shared_ptr<const ModelDesk>> make() {
    models::ModelEndpoint endpoint;
    endpoint.dimension = config_.embedding_dimension;
    // Passages and questions come on threads of their own, and none waits for the other.
    endpoint.max_concurrent_calls = 2 * config_.embedding.max_calls;
    add("embedding", config_.embedding, std::move(endpoint), endpoints_.embedding,
        {ModelWork::passages, ModelWork::questions});
    endpoint = {};
    endpoint.max_prompt_bytes = rerank_prompt_bytes;
    endpoint.retry.max_retries = 1;
    add("reranking", config_.reranking, std::move(endpoint), endpoints_.reranking,
        {ModelWork::reranking});
    endpoint = {};
    endpoint.max_output_tokens = config_.summaries_max_tokens;
    add("summaries", config_.summaries, std::move(endpoint), endpoints_.summaries,
        {ModelWork::summaries});
    endpoint = {};
    endpoint.max_output_tokens = config_.extraction_max_tokens;
    add("extraction", config_.extraction, std::move(endpoint), endpoints_.extraction,
        {ModelWork::extraction});
    endpoint = {};
    endpoint.max_output_tokens = config_.answers_max_tokens;
    add("answers", config_.answers, std::move(endpoint), endpoints_.answers, {ModelWork::answers});
    if (error_) return tl::unexpected(*error_);
    return std::make_shared<const ModelDesk>(
        std::make_shared<const models::ModelPort>(std::move(endpoints_)), std::move(lines_),
        settings());
  }

private:
  void add(const char* section, const runtime::EndpointConfig& config,
           models::ModelEndpoint endpoint, Caller& caller, std::initializer_list<ModelWork> works) {
    auto made = set_up(section, config, std::move(endpoint), data_);
    if (!made) error_ = std::move(made.error());
    if (!made || !*made) return;
    caller = std::move(*made);
    for (const auto work : works) {
      const auto at = static_cast<std::size_t>(work);
      lines_[at] = std::make_shared<runtime::IoPool>("model_" + std::string{model_work_names[at]},
                                                     config.max_calls, waiting_calls);
    }
  }

  ModelSettings settings() const {
    ModelSettings out;
    const auto& embedding = config_.embedding;
    if (!embedding.url.empty()) {
      const TextPrefixes prefixes{config_.embedding_query_prefix, config_.embedding_passage_prefix};
      out.embedding = {embedding_model_hash(embedding.url, embedding.model,
                                            config_.embedding_dimension, prefixes),
                       embedding.model,
                       config_.embedding_dimension,
                       static_cast<std::size_t>(config_.embedding_max_passage),
                       config_.embedding_question_timeout,
                       prefixes};
    }
    out.reranked_passages = config_.reranking_passages;
    out.summary_least_names = config_.summaries_least_names;
    out.extracted_passages = config_.extraction_passages;
    out.extraction_time = config_.extraction.timeout;
    return out;
  }

  const runtime::Config& config_;
  const runtime::DataDir& data_;
  models::ModelEndpoints endpoints_;
  ModelDesk::Lines lines_;
  std::optional<runtime::Error> error_;
};

} // namespace

runtime::Result<std::shared_ptr<const ModelDesk>> make_model_desk(const runtime::Config& config,
                                                                  const runtime::DataDir& data) {
  return Setting{config, data}.make();
}

} // namespace graphrag
