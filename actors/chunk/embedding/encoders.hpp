#pragma once
// The encoders of this node: which one answers questions, which one is being built beside it, and
// how far each is behind. Written by the embedding actor, read by anybody. Thread-safe.
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/encoder/encoder.hpp"
#include "runtime/store/types.hpp"

namespace graphrag::chunk {

// What is encoded of a passage: the title of its document in front of its own text, since a passage
// from the middle of a document often does not say what it is about.
std::string passage_text(std::string_view title, std::string_view text);

class Encoders {
public:
  using EncoderPtr = std::shared_ptr<const runtime::Encoder>;

  // Questions that were encoded lately are remembered, up to `remembered`.
  explicit Encoders(std::size_t remembered = 4096) : remembered_(remembered) {}

  struct Loaded {
    runtime::ModelRecord record;
    EncoderPtr encoder;    // null: by an endpoint, or it could not be loaded
    bool endpoint = false; // the record is that of the endpoint that is set up
    bool usable() const noexcept { return encoder || endpoint; }
  };
  void set(std::vector<Loaded> loaded);
  std::vector<Loaded> all() const;
  // The one whose vectors are compared with questions; null: none that is usable.
  std::shared_ptr<const Loaded> active() const;
  // Hash of the model that is to answer questions: that of the active one, also while its files
  // are not loaded. Empty: there is none. An endpoint that is set up no longer is none.
  std::string wanted() const;

  using VectorPtr = std::shared_ptr<const std::vector<float>>;
  // The question's vector by this encoder, from memory when it was asked lately. Computes on the
  // calling thread, some milliseconds.
  VectorPtr question(const EncoderPtr& encoder, const std::string& text);
  // The same memory for vectors that an endpoint makes; null when the question was not asked
  // lately.
  VectorPtr remembered(const std::string& model, const std::string& text) const;
  void remember(const std::string& model, const std::string& text, VectorPtr vector);

  // Live documents without vectors of the active model, as last counted.
  std::uint64_t backlog() const noexcept { return backlog_.load(std::memory_order_relaxed); }
  void set_backlog(std::uint64_t documents) noexcept {
    backlog_.store(documents, std::memory_order_relaxed);
  }
  // The most that may wait before new documents are refused; 0: no bound.
  void set_backlog_bound(std::uint64_t documents) noexcept { bound_ = documents; }
  bool behind() const noexcept { return bound_ != 0 && backlog() >= bound_; }

private:
  mutable std::mutex mutex_;
  std::vector<Loaded> loaded_;
  std::shared_ptr<const Loaded> active_;
  std::string wanted_;
  std::size_t remembered_;
  std::unordered_map<std::string, VectorPtr> questions_; // by model and text
  std::deque<std::string> oldest_first_;
  std::atomic<std::uint64_t> backlog_{0};
  std::uint64_t bound_ = 0;
};

} // namespace graphrag::chunk
