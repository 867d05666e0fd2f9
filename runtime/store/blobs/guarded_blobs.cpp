#include "runtime/store/blobs/guarded_blobs.hpp"

#include <mutex>

#include "observability/log.hpp"
#include "runtime/models/circuit_breaker.hpp"

namespace graphrag::runtime {
namespace {

using models::CircuitBreaker;

CircuitBreaker::Options breaker_options() {
  CircuitBreaker::Options out;
  out.consecutive_failures = 2;
  out.window = 0;
  out.open_for = std::chrono::seconds{2};
  return out;
}

class GuardedBlobs final : public BlobStore {
public:
  GuardedBlobs(std::shared_ptr<BlobStore> blobs, std::shared_ptr<const Clock> clock)
      : blobs_(std::move(blobs)), clock_(std::move(clock)) {}

  Result<std::string> put(std::string_view bytes) override {
    return guarded([&] { return blobs_->put(bytes); });
  }
  Status put_as(std::string_view key, std::string_view bytes) override {
    return guarded([&] { return blobs_->put_as(key, bytes); });
  }
  Result<std::string> get(std::string_view key) override {
    return guarded([&] { return blobs_->get(key); });
  }
  Status remove(std::string_view key) override {
    return guarded([&] { return blobs_->remove(key); });
  }
  Result<std::vector<std::string>> list() override {
    return guarded([&] { return blobs_->list(); });
  }
  Result<std::size_t> sweep(std::chrono::seconds min_age,
                            const std::function<bool(const std::string&)>& named) override {
    return guarded([&] { return blobs_->sweep(min_age, named); });
  }

private:
  template <class Call>
  auto guarded(Call call) -> decltype(call()) {
    std::optional<CircuitBreaker::Permit> permit;
    {
      std::lock_guard lock{mutex_};
      permit = breaker_.allow(clock_->now());
    }
    if (!permit) return fail(Errc::unavailable, "original files cannot be reached now");
    auto answer = call();
    const auto away = !answer && (answer.error().code == Errc::unavailable ||
                                  answer.error().code == Errc::timeout);
    note(*permit, away, away ? answer.error().detail : "");
    return answer;
  }

  void note(CircuitBreaker::Permit permit, bool away, const std::string& why) {
    using State = CircuitBreaker::State;
    bool changed = false;
    {
      std::lock_guard lock{mutex_};
      const auto before = breaker_.state();
      const auto outcome =
          away ? CircuitBreaker::Outcome::failure : CircuitBreaker::Outcome::success;
      breaker_.record(permit, outcome, clock_->now());
      // A probe that fails is no news.
      changed = breaker_.state() != before && (before == State::closed || !away);
    }
    if (!changed) return;
    if (away)
      observability::log_warn("original files cannot be reached", {{"error.message", why}});
    else
      observability::log_info("original files can be reached again", {});
  }

  const std::shared_ptr<BlobStore> blobs_;
  const std::shared_ptr<const Clock> clock_;
  std::mutex mutex_;
  CircuitBreaker breaker_{breaker_options()};
};

} // namespace

std::unique_ptr<BlobStore> make_guarded_blobs(std::shared_ptr<BlobStore> blobs,
                                              std::shared_ptr<const Clock> clock) {
  return std::make_unique<GuardedBlobs>(std::move(blobs), std::move(clock));
}

} // namespace graphrag::runtime
