#include "actors/chunk/embedding/encoders.hpp"

#include "observability/metrics.hpp"

namespace graphrag::chunk {
namespace {

struct Probe {
  prometheus::Histogram& seconds = observability::histogram(
      "graphrag_question_encode_seconds", "Time to make the vector of one question.",
      {.001, .0025, .005, .01, .025, .05, .1, .25});
  prometheus::Counter& remembered =
      observability::counter("graphrag_question_vectors_remembered_total",
                             "Questions whose vector was known from an earlier one.");
};
Probe& probe() {
  static Probe instance;
  return instance;
}

} // namespace

std::string passage_text(std::string_view title, std::string_view text) {
  std::string out;
  if (!title.empty() && !text.starts_with(title)) {
    out.reserve(title.size() + 1 + text.size());
    out.append(title).push_back(' ');
  }
  return out.append(text);
}

void Encoders::set(std::vector<Loaded> loaded) {
  std::lock_guard lock{mutex_};
  loaded_ = std::move(loaded);
  active_.reset();
  wanted_.clear();
  for (const auto& one : loaded_) {
    if (one.record.state != runtime::ModelState::active) continue;
    if (one.usable()) active_ = std::make_shared<Loaded>(one);
    if (one.usable() || !one.record.blob.empty()) wanted_ = one.record.hash;
  }
  questions_.clear();
  oldest_first_.clear();
}

std::vector<Encoders::Loaded> Encoders::all() const {
  std::lock_guard lock{mutex_};
  return loaded_;
}

std::shared_ptr<const Encoders::Loaded> Encoders::active() const {
  std::lock_guard lock{mutex_};
  return active_;
}

std::string Encoders::wanted() const {
  std::lock_guard lock{mutex_};
  return wanted_;
}

Encoders::VectorPtr Encoders::remembered(const std::string& model, const std::string& text) const {
  std::lock_guard lock{mutex_};
  const auto found = questions_.find(model + text);
  if (found == questions_.end()) return nullptr;
  probe().remembered.Increment();
  return found->second;
}

void Encoders::remember(const std::string& model, const std::string& text, VectorPtr vector) {
  const auto key = model + text;
  std::lock_guard lock{mutex_};
  if (questions_.emplace(key, std::move(vector)).second) oldest_first_.push_back(key);
  if (oldest_first_.size() > remembered_) {
    questions_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
}

Encoders::VectorPtr Encoders::question(const EncoderPtr& encoder, const std::string& text) {
  if (auto known = remembered(encoder->hash(), text)) return known;
  const auto started = std::chrono::steady_clock::now();
  auto vector = std::make_shared<std::vector<float>>(encoder->dimension());
  const std::string_view one = text;
  encoder->encode({&one, 1}, runtime::TextRole::query, *vector);
  probe().seconds.Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  remember(encoder->hash(), text, vector);
  return vector;
}

} // namespace graphrag::chunk
