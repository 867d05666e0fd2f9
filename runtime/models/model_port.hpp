#pragma once
// What the house asks of models. Off by default: each purpose works only with an endpoint of its
// own, which several purposes may share.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/models/chat.hpp"
#include "runtime/models/endpoint_caller.hpp"
#include "runtime/models/extraction.hpp"
#include "runtime/models/vectors.hpp"

namespace graphrag::runtime::models {

// Null: off.
struct ModelEndpoints {
  std::shared_ptr<EndpointCaller> embedding, extraction, reranking, summaries, answers;
};

// Thread-safe; calls block and are made on threads of their callers, never on workers of the actor
// system. Errors are those of EndpointCaller::call; besides, `not_found` when the purpose is off
// and `invalid_argument` when the input is empty. Texts that are longer than an endpoint's
// max_prompt_bytes are cut between characters.
class ModelPort {
public:
  explicit ModelPort(ModelEndpoints endpoints = {}) : endpoints_(std::move(endpoints)) {}
  bool has(Purpose purpose) const noexcept { return caller(purpose) != nullptr; }

  // A vector for each text, in their order, all of one dimension. In as many calls as the
  // endpoint's batch_texts and max_prompt_bytes ask for; when one fails, all fail.
  Result<std::vector<Vector>> embed(const CallContext& context,
                                    const std::vector<std::string>& texts) const;

  // A score for each text, in their order; larger is better. Empty texts give no scores.
  Result<std::vector<double>> rerank(const CallContext& context, const std::string& query,
                                     const std::vector<std::string>& texts) const;

  // Names and relations that stand in the text itself (see extraction.hpp). Of a text that is cut
  // only the beginning is read.
  Result<Extraction> extract(const CallContext& context, const std::string& text) const;

  Result<std::string> summarise(const CallContext& context,
                                const std::vector<std::string>& texts) const;

  // Gets each part of an answer as it comes; false ends the call with `canceled`.
  using OnDelta = ChatStream::OnDelta;

  // An answer that cites the sources as [1] to [n]. A citation of anything else is `corrupt` and is
  // never passed to on_delta; what was passed before it should be withdrawn then. Without on_delta
  // nothing is streamed.
  Result<std::string> answer(const CallContext& context, const std::string& question,
                             const std::vector<std::string>& sources,
                             const OnDelta& on_delta = {}) const;

  // The call below extract, summarise and answer, for uses of its own; counted as `purpose`.
  Result<ChatAnswer> chat(const CallContext& context, Purpose purpose,
                          const std::vector<ChatMessage>& messages, ChatOptions options = {},
                          const OnDelta& on_delta = {}) const;

private:
  struct Checks {
    // Looks at a whole text before the call counts as a success.
    std::function<Status(const ChatAnswer& answer)> whole;
    // The error when on_delta ended the call; empty: `canceled`.
    std::function<Error()> stopped;
  };

  EndpointCaller* caller(Purpose purpose) const noexcept;
  Result<EndpointCaller*> need(Purpose purpose) const;
  Result<ChatAnswer> checked_chat(const CallContext& context, Purpose purpose,
                                  const std::vector<ChatMessage>& messages, ChatOptions options,
                                  const OnDelta& on_delta, const Checks& checks) const;

  ModelEndpoints endpoints_;
};

} // namespace graphrag::runtime::models
