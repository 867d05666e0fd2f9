#include "runtime/models/model_port.hpp"

#include <algorithm>

#include "runtime/models/answer_readers.hpp"
#include "runtime/models/citations.hpp"
#include "runtime/models/prompts.hpp"
#include "runtime/models/text_bounds.hpp"
#include "runtime/models/wire.hpp"

namespace graphrag::runtime::models {
namespace {

tl::unexpected<Error> empty_input(const char* what) {
  return fail(Errc::invalid_argument, std::string{"models: "} + what + " is empty");
}

// The next texts that fit into one call: at least one.
std::vector<std::string> next_batch(const std::vector<std::string>& texts, std::size_t from,
                                    const ModelEndpoint& endpoint) {
  std::vector<std::string> batch;
  std::size_t bytes = 0;
  for (auto at = from; at < texts.size() && batch.size() < endpoint.batch_texts; ++at) {
    const auto text = cut_utf8(texts[at], endpoint.max_prompt_bytes);
    if (!batch.empty() && bytes + text.size() > endpoint.max_prompt_bytes) break;
    bytes += text.size();
    batch.emplace_back(text);
  }
  return batch;
}

} // namespace

EndpointCaller* ModelPort::caller(Purpose purpose) const noexcept {
  switch (purpose) {
  case Purpose::embed:
    return endpoints_.embedding.get();
  case Purpose::extract:
    return endpoints_.extraction.get();
  case Purpose::rerank:
    return endpoints_.reranking.get();
  case Purpose::summarise:
    return endpoints_.summaries.get();
  case Purpose::answer:
    return endpoints_.answers.get();
  }
  return nullptr;
}

Result<EndpointCaller*> ModelPort::need(Purpose purpose) const {
  if (auto* found = caller(purpose)) return found;
  return fail(Errc::not_found, "no model endpoint is set up to " + std::string{to_string(purpose)});
}

Result<std::vector<Vector>> ModelPort::embed(const CallContext& context,
                                             const std::vector<std::string>& texts) const {
  const auto to = need(Purpose::embed);
  if (!to) return tl::unexpected(to.error());
  if (std::any_of(texts.begin(), texts.end(), [](const auto& text) { return text.empty(); }))
    return empty_input("a text to embed");
  const auto& endpoint = (*to)->endpoint();
  std::size_t dimension = endpoint.dimension;
  std::vector<Vector> vectors;
  while (vectors.size() < texts.size()) {
    const auto batch = next_batch(texts, vectors.size(), endpoint);
    WholeReader<EmbeddingAnswer> reader{
        [&](const std::string& body) { return read_embeddings(body, batch.size(), dimension); }};
    ModelCall call{Purpose::embed, "/embeddings", embedding_request(endpoint.model, batch), {}};
    for (const auto& text : batch) call.estimate.input_tokens += estimate_tokens(text.size());
    if (auto called = (*to)->call(context, call, reader); !called)
      return tl::unexpected(called.error());
    for (auto& vector : reader.answer().vectors) vectors.push_back(std::move(vector));
    dimension = vectors.front().size();
  }
  return vectors;
}

Result<std::vector<double>> ModelPort::rerank(const CallContext& context, const std::string& query,
                                              const std::vector<std::string>& texts) const {
  const auto to = need(Purpose::rerank);
  if (!to) return tl::unexpected(to.error());
  if (query.empty()) return empty_input("the query");
  if (texts.empty()) return std::vector<double>{};
  const auto& endpoint = (*to)->endpoint();
  const std::string asked{cut_utf8(query, endpoint.max_prompt_bytes / 4)};
  const auto shares = fair_shares(texts, endpoint.max_prompt_bytes - asked.size());
  std::vector<std::string> cut;
  ModelCall call{Purpose::rerank, "/rerank", {}, {}};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    cut.emplace_back(cut_utf8(texts[i], shares[i]));
    // A reranker reads the query again with each text.
    call.estimate.input_tokens += estimate_tokens(asked.size() + cut.back().size());
  }
  call.body = rerank_request(endpoint.model, asked, cut);
  WholeReader<RerankAnswer> reader{
      [&](const std::string& body) { return read_rerank(body, texts.size()); }};
  if (auto called = (*to)->call(context, call, reader); !called)
    return tl::unexpected(called.error());
  return std::move(reader.answer().scores);
}

Result<ChatAnswer> ModelPort::chat(const CallContext& context, Purpose purpose,
                                   const std::vector<ChatMessage>& messages, ChatOptions options,
                                   const OnDelta& on_delta) const {
  return checked_chat(context, purpose, messages, std::move(options), on_delta, {});
}

Result<ChatAnswer> ModelPort::checked_chat(const CallContext& context, Purpose purpose,
                                           const std::vector<ChatMessage>& messages,
                                           ChatOptions options, const OnDelta& on_delta,
                                           const Checks& checks) const {
  const auto to = need(purpose);
  if (!to) return tl::unexpected(to.error());
  const auto& endpoint = (*to)->endpoint();
  auto& most = options.max_output_tokens;
  most = most == 0 ? endpoint.max_output_tokens : std::min(most, endpoint.max_output_tokens);
  const bool streamed = static_cast<bool>(on_delta);
  ModelCall call{purpose,
                 "/chat/completions",
                 chat_request(endpoint.model, messages, options, streamed),
                 {estimate_tokens(options.json_schema.size()), most},
                 streamed};
  for (const auto& message : messages)
    call.estimate.input_tokens += estimate_tokens(message.content.size());
  if (streamed) {
    StreamReader reader{on_delta, checks.whole, checks.stopped};
    if (auto called = (*to)->call(context, call, reader); !called)
      return tl::unexpected(called.error());
    return std::move(reader.answer());
  }
  WholeReader<ChatAnswer> reader{[](const std::string& body) { return read_chat(body); },
                                 checks.whole};
  if (auto called = (*to)->call(context, call, reader); !called)
    return tl::unexpected(called.error());
  return std::move(reader.answer());
}

Result<Extraction> ModelPort::extract(const CallContext& context, const std::string& text) const {
  const auto to = need(Purpose::extract);
  if (!to) return tl::unexpected(to.error());
  if (text.empty()) return empty_input("the text");
  const std::string cut{cut_utf8(text, (*to)->endpoint().max_prompt_bytes)};
  ChatOptions options;
  options.json_schema = extraction_schema();
  Extraction extraction;
  const Checks checks{[&](const ChatAnswer& said) -> Status {
                        auto read = read_extraction(said.text, cut);
                        if (!read) return tl::unexpected(read.error());
                        extraction = std::move(*read);
                        return {};
                      },
                      {}};
  const auto answer =
      checked_chat(context, Purpose::extract, extraction_messages(cut), options, {}, checks);
  if (!answer) return tl::unexpected(answer.error());
  return extraction;
}

Result<std::string> ModelPort::summarise(const CallContext& context,
                                         const std::vector<std::string>& texts) const {
  const auto to = need(Purpose::summarise);
  if (!to) return tl::unexpected(to.error());
  if (texts.empty()) return empty_input("the list of texts");
  const auto messages = summary_messages(texts, (*to)->endpoint().max_prompt_bytes);
  const Checks checks{[](const ChatAnswer& said) -> Status {
                        if (said.text.empty()) return invalid_answer("the summary is empty");
                        return {};
                      },
                      {}};
  auto answer = checked_chat(context, Purpose::summarise, messages, {}, {}, checks);
  if (!answer) return tl::unexpected(answer.error());
  return std::move(answer->text);
}

Result<std::string> ModelPort::answer(const CallContext& context, const std::string& question,
                                      const std::vector<std::string>& sources,
                                      const OnDelta& on_delta) const {
  const auto to = need(Purpose::answer);
  if (!to) return tl::unexpected(to.error());
  if (question.empty()) return empty_input("the question");
  if (sources.empty()) return empty_input("the list of sources");
  const auto messages = answer_messages(question, sources, (*to)->endpoint().max_prompt_bytes);
  CitationGuard guard{sources.size(),
                      [&](std::string_view text) { return !on_delta || on_delta(text); }};
  const auto stopped = [&]() -> Error {
    if (guard.invalid()) return invalid_answer("it cites a source that does not exist").value();
    return {Errc::canceled, "the reader of the answer had enough"};
  };
  const Checks checks{[&](const ChatAnswer& whole) -> Status {
                        if (whole.text.empty()) return invalid_answer("the answer is empty");
                        const bool fed = on_delta || guard.feed(whole.text);
                        if (!fed || !guard.finish()) return tl::unexpected(stopped());
                        return {};
                      },
                      stopped};
  OnDelta guarded;
  if (on_delta) guarded = [&](std::string_view text) { return guard.feed(text); };
  auto said = checked_chat(context, Purpose::answer, messages, {}, guarded, checks);
  if (!said) return tl::unexpected(said.error());
  return std::move(said->text);
}

} // namespace graphrag::runtime::models
