#include "actors/chunk/visibility_board.hpp"

#include <algorithm>

namespace graphrag::chunk {

void VisibilityBoard::advance(std::uint32_t follower, FollowerProgress progress) {
  std::vector<runtime::Promise<std::uint64_t>> due;
  std::uint64_t reached = 0;
  {
    std::lock_guard lock{mutex_};
    auto& known = followers_[follower];
    known.applied = std::max(known.applied, progress.applied);
    known.reached = std::max(known.reached, progress.reached);
    reached = lowest();
    auto end = waiters_.upper_bound(reached);
    for (auto it = waiters_.begin(); it != end; ++it) due.push_back(std::move(it->second.reached));
    waiters_.erase(waiters_.begin(), end);
  }
  for (auto& promise : due) promise.fulfil(reached);
}

std::uint64_t VisibilityBoard::lowest() const {
  return std::min_element(followers_.begin(), followers_.end(),
                          [](const auto& a, const auto& b) { return a.applied < b.applied; })
      ->applied;
}

FollowerProgress VisibilityBoard::progress(std::uint32_t follower) const {
  std::lock_guard lock{mutex_};
  return followers_[follower];
}

std::uint64_t VisibilityBoard::applied_everywhere() const {
  std::lock_guard lock{mutex_};
  return lowest();
}

std::uint64_t VisibilityBoard::wait(std::uint64_t seq, runtime::Promise<std::uint64_t> reached) {
  std::uint64_t now = 0;
  {
    std::lock_guard lock{mutex_};
    now = lowest();
    if (now < seq) {
      auto ticket = next_ticket_++;
      waiters_.emplace(seq, Waiter{ticket, std::move(reached)});
      return ticket;
    }
  }
  reached.fulfil(now);
  return 0;
}

void VisibilityBoard::cancel(std::uint64_t ticket) {
  runtime::Promise<std::uint64_t> dropped; // answers `lost` after the lock is gone
  std::lock_guard lock{mutex_};
  auto it = std::find_if(waiters_.begin(), waiters_.end(),
                         [&](const auto& entry) { return entry.second.ticket == ticket; });
  if (it == waiters_.end()) return;
  dropped = std::move(it->second.reached);
  waiters_.erase(it);
}

} // namespace graphrag::chunk
