#pragma once
// The readers of answers that the port hands to its endpoints.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "runtime/models/chat.hpp"
#include "runtime/models/endpoint_caller.hpp"

namespace graphrag::runtime::models {

// An answer that is read when it is whole. `Answer` has a member `usage`.
template <class Answer>
class WholeReader final : public AnswerReader {
public:
  using Read = std::function<Result<Answer>(const std::string& body)>;
  using Check = std::function<Status(const Answer& answer)>;
  explicit WholeReader(Read read, Check check = {})
      : read_(std::move(read)), check_(std::move(check)) {}

  Answer& answer() { return answer_; } // after finish() was a success

  void start() override {
    body_.clear();
    answer_ = {};
  }
  bool piece(std::string_view bytes) override {
    body_ += bytes;
    return true;
  }
  Status finish() override {
    auto read = read_(body_);
    if (!read) return tl::unexpected(read.error());
    answer_ = std::move(*read);
    return check_ ? check_(answer_) : Status{};
  }
  std::optional<Usage> usage() const override { return answer_.usage; }
  bool handed_on() const override { return false; }

private:
  Read read_;
  Check check_;
  std::string body_;
  Answer answer_;
};

// An answer that is handed on while it comes. `why_stopped` gives the error when on_delta said that
// it had enough; empty: `canceled`.
class StreamReader final : public AnswerReader {
public:
  using Check = std::function<Status(const ChatAnswer& answer)>;
  using WhyStopped = std::function<Error()>;
  StreamReader(ChatStream::OnDelta on_delta, Check check, WhyStopped why_stopped)
      : on_delta_(std::move(on_delta)), check_(std::move(check)),
        why_stopped_(std::move(why_stopped)) {}

  ChatAnswer& answer() { return answer_; } // after finish() was a success

  void start() override {
    answer_ = {};
    stream_ = std::make_unique<ChatStream>([this](std::string_view text) {
      handed_on_ = true;
      return on_delta_(text);
    });
  }
  bool piece(std::string_view bytes) override { return stream_->feed(bytes); }
  Status finish() override {
    auto whole = stream_->finish();
    if (!whole && whole.error().code == Errc::canceled && why_stopped_)
      return tl::unexpected(why_stopped_());
    if (!whole) return tl::unexpected(whole.error());
    answer_ = std::move(*whole);
    return check_ ? check_(answer_) : Status{};
  }
  std::optional<Usage> usage() const override { return stream_ ? stream_->usage() : std::nullopt; }
  bool handed_on() const override { return handed_on_; }

private:
  ChatStream::OnDelta on_delta_;
  Check check_;
  WhyStopped why_stopped_;
  std::unique_ptr<ChatStream> stream_;
  ChatAnswer answer_;
  bool handed_on_ = false;
};

} // namespace graphrag::runtime::models
