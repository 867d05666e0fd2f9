#include "runtime/actor/mailbox_meter.hpp"

#include <algorithm>

#include <time.h>

namespace graphrag::runtime {

std::int64_t coarse_now() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

void MailboxMeter::mark(std::uint64_t number, std::int64_t now) noexcept {
  std::lock_guard lock{mutex_};
  if (now <= marked_at_.load(std::memory_order_relaxed)) return;
  marked_at_.store(now, std::memory_order_relaxed);
  // Two senders may come here in the other order than they were numbered.
  if (marks_count_ > 0 && number <= marks_[marks_count_ - 1].number) return;
  if (marks_count_ == most_marks) make_room();
  marks_[marks_count_++] = {number, now};
}

void MailboxMeter::make_room() noexcept {
  // A mark is spent when the one after it is spent or about the oldest message.
  const auto out = handled();
  std::size_t spent = 0;
  while (spent + 1 < marks_count_ && marks_[spent + 1].number <= out) ++spent;
  std::copy(marks_.begin() + static_cast<std::ptrdiff_t>(spent),
            marks_.begin() + static_cast<std::ptrdiff_t>(marks_count_), marks_.begin());
  marks_count_ -= spent;
  if (spent > 0) return;
  // All are needed: the one whose neighbours are closest goes, so that the gaps stay about even.
  std::size_t least = 1;
  for (std::size_t i = 2; i + 1 < marks_count_; ++i)
    if (marks_[i + 1].at - marks_[i - 1].at < marks_[least + 1].at - marks_[least - 1].at)
      least = i;
  std::copy(marks_.begin() + static_cast<std::ptrdiff_t>(least) + 1, marks_.end(),
            marks_.begin() + static_cast<std::ptrdiff_t>(least));
  --marks_count_;
}

std::int64_t MailboxMeter::oldest_age(std::int64_t now) const {
  std::lock_guard lock{mutex_};
  const auto out = handled();
  if (in_.load(std::memory_order_relaxed) <= out) return 0;
  std::int64_t since = marks_count_ > 0 ? marks_[0].at : now;
  for (std::size_t i = 0; i < marks_count_ && marks_[i].number <= out; ++i) since = marks_[i].at;
  return std::max<std::int64_t>(now - since, 0);
}

} // namespace graphrag::runtime
