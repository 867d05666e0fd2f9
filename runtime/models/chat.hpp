#pragma once
// The wire form of POST /chat/completions, whole and streamed. Pure.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/models/spend.hpp"
#include "runtime/models/sse.hpp"

namespace graphrag::runtime::models {

struct ChatMessage {
  enum class Role : std::uint8_t { system, user, assistant };
  Role role = Role::user;
  std::string content;
};

struct ChatOptions {
  unsigned max_output_tokens = 0; // 0: as many as the endpoint's options allow, else at most those
  double temperature = 0;
  // Not empty: the answer must be JSON of this schema. It is well-formed JSON itself.
  std::string json_schema;
};

struct ChatAnswer {
  std::string text;
  bool cut = false; // the model stopped because it had no more tokens
  std::optional<Usage> usage;
};

std::string chat_request(const std::string& model, const std::vector<ChatMessage>& messages,
                         const ChatOptions& options, bool stream);

// Errors: `corrupt` as in wire.hpp; also when the model refused or gave no text.
Result<ChatAnswer> read_chat(std::string_view body);

// A streamed answer, from the pieces of its body.
class ChatStream {
public:
  // Gets each part of the text. False: read no further.
  using OnDelta = std::function<bool(std::string_view text)>;
  explicit ChatStream(OnDelta on_delta);
  ChatStream(const ChatStream&) = delete;
  ChatStream& operator=(const ChatStream&) = delete;

  // False: no more pieces are wanted: the answer is whole, wrong, or on_delta had enough.
  bool feed(std::string_view piece) { return sse_.feed(piece) && !done_; }
  std::optional<Usage> usage() const { return answer_.usage; }
  // The answer when its end was seen ("[DONE]"). Errors: `corrupt`; `unavailable` when the server
  // said in the middle that it has failed; `canceled` when on_delta had enough.
  Result<ChatAnswer> finish();

private:
  bool take(const std::string& data);
  bool refuse(tl::unexpected<Error> why);

  OnDelta on_delta_;
  ChatAnswer answer_;
  std::optional<Error> error_;
  bool done_ = false, canceled_ = false;
  SseParser sse_;
};

} // namespace graphrag::runtime::models
