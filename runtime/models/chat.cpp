#include "runtime/models/chat.hpp"

#include <nlohmann/json.hpp>

#include "runtime/check.hpp"
#include "runtime/models/strict_json.hpp"
#include "runtime/models/wire.hpp"

namespace graphrag::runtime::models {
namespace {

using nlohmann::json;

const char* name_of(ChatMessage::Role role) {
  switch (role) {
  case ChatMessage::Role::system:
    return "system";
  case ChatMessage::Role::assistant:
    return "assistant";
  case ChatMessage::Role::user:
    break;
  }
  return "user";
}

// The first choice; we never ask for more than one.
const json* first_choice(const json& answer) {
  const auto* choices = member(answer, "choices");
  return choices && choices->is_array() && !choices->empty() ? &choices->front() : nullptr;
}

bool is_cut(const json& choice) {
  const auto* reason = text_member(choice, "finish_reason");
  return reason && *reason == "length";
}

} // namespace

std::string chat_request(const std::string& model, const std::vector<ChatMessage>& messages,
                         const ChatOptions& options, bool stream) {
  json list = json::array();
  for (const auto& message : messages)
    list.push_back({{"role", name_of(message.role)}, {"content", message.content}});
  json request{{"model", model},
               {"messages", std::move(list)},
               {"max_tokens", options.max_output_tokens},
               {"temperature", options.temperature}};
  if (!options.json_schema.empty()) {
    auto schema = json::parse(options.json_schema, nullptr, false);
    RUNTIME_CHECK(!schema.is_discarded(), "a schema for an answer is no JSON");
    request["response_format"] = {
        {"type", "json_schema"},
        {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", std::move(schema)}}}};
  }
  if (stream) {
    request["stream"] = true;
    request["stream_options"] = {{"include_usage", true}};
  }
  return to_text(request);
}

Result<ChatAnswer> read_chat(std::string_view body) {
  const auto answer = parse_strict(body);
  if (!answer) return invalid_answer(answer.error().detail);
  const auto* choice = first_choice(*answer);
  const auto* message = choice ? member(*choice, "message") : nullptr;
  if (!message) return invalid_answer("it has no message");
  if (member(*message, "refusal")) return invalid_answer("the model refused");
  const auto* text = text_member(*message, "content");
  if (!text) return invalid_answer("its message has no text");
  return ChatAnswer{*text, is_cut(*choice), read_usage(*answer)};
}

ChatStream::ChatStream(OnDelta on_delta)
    : on_delta_(std::move(on_delta)), sse_([this](const std::string& data) { return take(data); }) {
}

bool ChatStream::refuse(tl::unexpected<Error> why) {
  error_ = std::move(why.value());
  return false;
}

bool ChatStream::take(const std::string& data) {
  if (data == "[DONE]") {
    done_ = true;
    return false;
  }
  const auto event = parse_strict(data);
  if (!event) return refuse(invalid_answer("an event: " + event.error().detail));
  if (member(*event, "error"))
    return refuse(fail(Errc::unavailable, "the endpoint failed in the middle of its answer"));
  if (const auto usage = read_usage(*event)) answer_.usage = usage;
  const auto* choice = first_choice(*event);
  if (!choice) { // the event of the usage has no choices; one without both is not of this protocol
    if (member(*event, "choices")) return true;
    return refuse(invalid_answer("an event has no choices"));
  }
  answer_.cut = answer_.cut || is_cut(*choice);
  const auto* delta = member(*choice, "delta");
  if (!delta) return true;
  if (member(*delta, "refusal")) return refuse(invalid_answer("the model refused"));
  const auto* content = member(*delta, "content");
  if (!content) return true;
  if (!content->is_string()) return refuse(invalid_answer("a part of its text is no text"));
  const auto& text = *content->get_ptr<const std::string*>();
  answer_.text += text;
  if (text.empty() || on_delta_(text)) return true;
  canceled_ = true;
  return false;
}

Result<ChatAnswer> ChatStream::finish() {
  if (canceled_) return fail(Errc::canceled, "the reader of the answer had enough");
  if (error_) return tl::unexpected(*error_);
  if (sse_.too_large()) return invalid_answer("an event is over its bound");
  if (!done_) return invalid_answer("it ends without its end mark");
  return std::move(answer_);
}

} // namespace graphrag::runtime::models
