#pragma once
// The rows that a cluster's membership stands on, in memory, for nodes of one test; and a host of
// shards that loads at once, or as the test says.
#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "cluster/membership_store.hpp"
#include "cluster/node/shard_host.hpp"
#include "cluster/view_codec.hpp"

namespace graphrag::cluster::test {

// Thread-safe. Its clock is the one that it is given.
class Rows {
public:
  Rows(const Settings& settings, std::function<Millis()> now)
      : settings_(settings), now_(std::move(now)) {}

  runtime::Result<Snapshot> read() {
    const std::lock_guard lock{mutex_};
    return shown();
  }
  runtime::Result<Snapshot> renew(const Renewal& renewal) {
    const std::lock_guard lock{mutex_};
    for (auto& [lease, number] : leases_) {
      if (lease.node != renewal.node) continue;
      if (renewal.number > number) {
        number = renewal.number;
        lease = {renewal.node,    now_() + settings_.lease, renewal.seen_view,   renewal.isolated,
                 renewal.against, renewal.loaded,           renewal.needed_after};
      }
      return shown();
    }
    return runtime::fail(runtime::Errc::not_found, "no member");
  }
  runtime::Result<Snapshot> try_change(const ViewChange& change) {
    const std::lock_guard lock{mutex_};
    const auto refuse = [] { return runtime::fail(runtime::Errc::conflict, "the view changed"); };
    if (change.view.version != view_.version + 1) return refuse();
    for (const auto& ended : change.ended)
      for (const auto& [lease, number] : leases_)
        if (lease.node == ended.node && lease.until != ended.until) return refuse();
    view_ = change.view;
    view_.seq = seq_;
    std::erase_if(leases_, [&](auto& row) { return view_.find(row.first.node) == nullptr; });
    for (const auto& member : view_.members)
      if (std::ranges::none_of(leases_, [&](auto& row) { return row.first.node == member.id; }))
        leases_.push_back({{member.id, now_() + settings_.lease, view_.version, false, {}, {}}, 0});
    return shown();
  }
  // A transaction that changes documents: its number, and the version of the view at that instant.
  std::pair<std::uint64_t, std::uint64_t> write() {
    const std::lock_guard lock{mutex_};
    return {++seq_, view_.version};
  }
  std::uint64_t seq() const {
    const std::lock_guard lock{mutex_};
    return seq_;
  }
  ClusterView view() const {
    const std::lock_guard lock{mutex_};
    return view_;
  }

private:
  Snapshot shown() const {
    Snapshot out{*decode_view(encode_view(view_)), {}, now_(), seq_};
    for (const auto& [lease, number] : leases_) out.leases.push_back(lease);
    return out;
  }
  const Settings settings_;
  const std::function<Millis()> now_;
  mutable std::mutex mutex_;
  ClusterView view_;
  std::vector<std::pair<Lease, std::uint64_t>> leases_;
  std::uint64_t seq_ = 0;
};

// One node's way to the rows, which may be cut.
class RowsOf final : public MembershipStore {
public:
  explicit RowsOf(Rows& rows) : rows_(rows) {}
  runtime::Result<Snapshot> read() override { return away ? gone() : rows_.read(); }
  runtime::Result<Snapshot> renew(const Renewal& renewal) override {
    return away ? gone() : rows_.renew(renewal);
  }
  runtime::Result<Snapshot> try_change(const ViewChange& change) override {
    if (throws) throw 1;
    return away ? gone() : rows_.try_change(change);
  }
  std::atomic<bool> away{false}, throws{false};

private:
  static runtime::Result<Snapshot> gone() {
    return runtime::fail(runtime::Errc::unavailable, "the database is away");
  }
  Rows& rows_;
};

// Holds shards by following the rows' numbers. Thread-safe.
class FakeHost final : public ShardHost {
public:
  explicit FakeHost(Rows& rows) : rows_(rows) {}

  void load(std::uint32_t shard, std::uint64_t attempt) override {
    const std::lock_guard lock{mutex_};
    if (broken) throw std::runtime_error("the host broke");
    auto& state = states_[shard];
    state = {slow ? ShardState::Kind::loading : ShardState::Kind::loaded, attempt, rows_.seq(), 10};
    if (fails > 0) --fails, state.kind = ShardState::Kind::absent;
    ++loads;
  }
  void drop(std::uint32_t shard) override {
    const std::lock_guard lock{mutex_};
    states_.erase(shard);
    ++drops;
  }
  ShardState state(std::uint32_t shard) const override {
    const std::lock_guard lock{mutex_};
    const auto at = states_.find(shard);
    if (at == states_.end()) return {};
    auto state = at->second;
    if (state.kind == ShardState::Kind::loaded && !held_up) state.applied = rows_.seq();
    at->second = state;
    return state;
  }
  std::uint64_t expected_bytes(std::uint32_t) const override { return 10; }
  std::uint64_t needed_after() const override {
    return std::min<std::uint64_t>(needed, rows_.seq());
  }

  // What a question would see, as a number of the log; nothing when the shard is not here.
  std::optional<std::uint64_t> shown(std::uint32_t shard) const {
    const std::lock_guard lock{mutex_};
    const auto at = states_.find(shard);
    if (at == states_.end() || at->second.kind != ShardState::Kind::loaded) return std::nullopt;
    return at->second.applied;
  }
  // Lets the shard catch up, and a load of it end.
  void apply(std::uint32_t shard) {
    const std::lock_guard lock{mutex_};
    const auto at = states_.find(shard);
    if (at == states_.end() || at->second.kind == ShardState::Kind::absent) return;
    at->second.kind = ShardState::Kind::loaded;
    at->second.applied = rows_.seq();
  }
  void lose(std::uint32_t shard) {
    const std::lock_guard lock{mutex_};
    states_[shard] = {};
  }
  std::atomic<std::uint64_t> needed{UINT64_MAX}; // at most; else all is applied at once
  std::atomic<bool> held_up{false};              // nothing is applied meanwhile
  std::atomic<bool> slow{false};                 // loads do not end
  std::atomic<bool> broken{false};
  std::atomic<int> fails{0}, loads{0}, drops{0};

private:
  Rows& rows_;
  mutable std::mutex mutex_;
  mutable std::map<std::uint32_t, ShardState> states_;
};

} // namespace graphrag::cluster::test
