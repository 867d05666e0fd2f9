#pragma once
// What every thread may know of the node: the driver's thread writes, all read.
//
// The right to read is two kinds of atomics. The driver takes tokens away before it lengthens the
// right, and a reader looks at the end of the right, then at the token, then at the clock. So a
// reader that sees the end of a new right sees the tokens of that right too, and one that was
// stopped on its way sees that its end has passed.
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "cluster/node/node_status.hpp"
#include "runtime/clock.hpp"

namespace graphrag::cluster {

class NodeBoard {
public:
  NodeBoard(std::uint32_t shards, const runtime::Clock& lease_clock)
      : clock_(lease_clock), tokens_(shards), view_(std::make_shared<ClusterView>()),
        status_(std::make_shared<NodeStatus>()) {}

  Millis now() const noexcept {
    return std::chrono::floor<std::chrono::milliseconds>(clock_.now().time_since_epoch()).count();
  }
  std::uint64_t may_read(std::uint32_t shard) const noexcept {
    if (shard >= tokens_.size()) return 0;
    const auto until = until_.load(std::memory_order_acquire);
    const auto token = tokens_[shard].load(std::memory_order_acquire);
    return now() <= until ? token : 0;
  }
  std::shared_ptr<const ClusterView> view() const { return get(view_); }
  std::shared_ptr<const NodeStatus> status() const { return get(status_); }
  // As of a read that was sent at most `age` ago.
  std::optional<std::uint64_t> left_behind(Millis age) const {
    const std::lock_guard lock{mutex_};
    return now() - left_behind_at_ <= age ? left_behind_ : std::nullopt;
  }

  // The driver's.
  void set_token(std::uint32_t shard, std::uint64_t token) {
    tokens_[shard].store(token, std::memory_order_release);
  }
  std::uint64_t token(std::uint32_t shard) const {
    return tokens_[shard].load(std::memory_order_relaxed);
  }
  // Any thread may end it, with the least number; then it never comes back.
  void set_until(Millis until) {
    if (!over_) until_.store(until, std::memory_order_release);
    if (over_) end();
  }
  void end() {
    over_ = true;
    until_.store(never, std::memory_order_release);
  }
  void set_view(std::shared_ptr<const ClusterView> view) { set(view_, std::move(view)); }
  void set_status(std::shared_ptr<const NodeStatus> status) { set(status_, std::move(status)); }
  void set_left_behind(std::optional<std::uint64_t> seq, Millis at) {
    const std::lock_guard lock{mutex_};
    left_behind_ = seq;
    left_behind_at_ = at;
  }

  std::atomic<Phase> phase{Phase::waiting};
  std::atomic<bool> member{false}, planner{false}, lost_database{false};

private:
  static constexpr Millis never = INT64_MIN / 2;
  template <class T>
  T get(const T& value) const {
    const std::lock_guard lock{mutex_};
    return value;
  }
  template <class T>
  void set(T& value, T next) {
    const std::lock_guard lock{mutex_};
    value.swap(next);
  }

  const runtime::Clock& clock_;
  std::atomic<bool> over_{false};
  std::atomic<Millis> until_{never};
  std::vector<std::atomic<std::uint64_t>> tokens_;
  mutable std::mutex mutex_;
  std::shared_ptr<const ClusterView> view_;
  std::shared_ptr<const NodeStatus> status_;
  std::optional<std::uint64_t> left_behind_;
  Millis left_behind_at_ = never;
};

} // namespace graphrag::cluster
