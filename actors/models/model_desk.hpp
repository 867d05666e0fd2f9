#pragma once
// Where models behind endpoints are asked: one line of waiting calls for each kind of work, each
// with threads of its own, so that a slow endpoint holds up nothing but its own work.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "runtime/actor/io_pool.hpp"

namespace graphrag::runtime::models {
class ModelPort;
}

namespace graphrag {

// Passages and questions share an endpoint, but not a line: the backlog must not delay a question.
enum class ModelWork : std::uint8_t {
  passages,
  questions,
  reranking,
  summaries,
  extraction,
  answers
};
inline constexpr std::array<std::string_view, 6> model_work_names{
    "passages", "questions", "reranking", "summaries", "extraction", "answers"};

// What some models, such as e5, were trained to have in front of every text, by what it is.
struct TextPrefixes {
  std::string question, passage; // "query: ", "passage: "; empty for most models
};

// The endpoint that makes vectors, as a model of the store: its hash stands for address, name,
// dimension and prefixes, so that another of them is another model.
struct EmbeddingModel {
  std::string hash, name;
  std::uint32_t dimension = 0;
  std::size_t max_passage = 0; // bytes, without the prefix
  std::chrono::milliseconds question_timeout{0};
  TextPrefixes prefixes = {};
};
std::string embedding_model_hash(const std::string& url, const std::string& name,
                                 std::uint32_t dimension, const TextPrefixes& prefixes = {});

// What the work itself has to know of its configuration.
struct ModelSettings {
  std::optional<EmbeddingModel> embedding; // nothing: off
  std::size_t reranked_passages = 0;       // of a question
  std::size_t summary_least_names = 0;     // of a community
  std::size_t extracted_passages = 0;      // of a document
  std::chrono::milliseconds extraction_time{0};
};

// Made once, constant afterwards but for stop(), thread-safe.
class ModelDesk {
public:
  using Line = std::shared_ptr<runtime::IoPool>; // null: this work is off
  using Lines = std::array<Line, model_work_names.size()>;
  using Port = std::shared_ptr<const runtime::models::ModelPort>;

  ModelDesk() = default; // everything is off
  ModelDesk(Port port, Lines lines, ModelSettings settings)
      : port_(std::move(port)), lines_(std::move(lines)), settings_(std::move(settings)) {}

  bool does(ModelWork work) const noexcept { return line(work) != nullptr; }
  const Lines& lines() const noexcept { return lines_; }
  const ModelSettings& settings() const noexcept { return settings_; }

  // Runs `call`, which may block, on a thread of the work's line. False: the work is off or too
  // many calls wait; the call was not taken and is destroyed.
  using Call = std::function<void(const runtime::models::ModelPort& port)>;
  bool submit(ModelWork work, Call call) const;

  // For background calls: asked for when the node stops, so that no thread is left waiting.
  std::stop_token stopping() const noexcept { return stop_.get_token(); }
  void stop() const { stop_.request_stop(); }

private:
  const Line& line(ModelWork work) const noexcept { return lines_[static_cast<std::size_t>(work)]; }

  Port port_;
  Lines lines_;
  ModelSettings settings_;
  mutable std::stop_source stop_;
};

} // namespace graphrag
