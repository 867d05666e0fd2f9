#pragma once
// MailboxMeter: counts one actor's mailbox, and remembers enough of when they came to tell the
// age of the oldest one still there. Many threads count in, the actor alone counts out, any thread
// reads. Knows no CAF.
//
// Age: the first message in each tick of the coarse clock (4 ms) leaves a mark (its number, the
// time). The oldest unserved message is as old as the last mark at or before its number. There is
// room for 32 marks and they are thinned evenly, so a long queue costs precision, not memory: the
// error stays under a fifteenth of the time that the queue spans.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace graphrag::runtime {

// Nanoseconds of the coarse monotonic clock: a third of the price of the exact one.
std::int64_t coarse_now() noexcept;

class MailboxMeter {
public:
  // One message came in. Any thread; must happen before the actor can take the message out.
  void count_in(std::int64_t now) noexcept {
    const auto number = in_.fetch_add(1, std::memory_order_relaxed);
    if (now != marked_at_.load(std::memory_order_relaxed)) mark(number, now);
  }
  // One message was handled. Only the actor's own thread.
  void count_out() noexcept {
    out_.store(out_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  std::uint64_t handled() const noexcept { return out_.load(std::memory_order_acquire); }
  // Messages in the mailbox, with the one being handled. Exact from any thread: out is read first,
  // so the difference is never negative.
  std::int64_t depth() const noexcept {
    const auto out = out_.load(std::memory_order_acquire);
    return static_cast<std::int64_t>(in_.load(std::memory_order_relaxed) - out);
  }
  // Age of the oldest message in the mailbox; 0 when there is none.
  std::int64_t oldest_age(std::int64_t now) const;

private:
  friend class ActorMeter; // which chains the mailboxes of live actors

  struct Mark {
    std::uint64_t number;
    std::int64_t at;
  };
  static constexpr std::size_t most_marks = 32;

  void mark(std::uint64_t number, std::int64_t now) noexcept;
  void make_room() noexcept;

  // Senders' line, the actor's line and the rarely touched rest do not share.
  alignas(64) std::atomic<std::uint64_t> in_{0};
  std::atomic<std::int64_t> marked_at_{-1};
  alignas(64) std::atomic<std::uint64_t> out_{0};
  alignas(64) mutable std::mutex mutex_; // guards the marks
  std::size_t marks_count_ = 0;
  std::array<Mark, most_marks> marks_; // ascending by number; the first marks_count_ are set
  MailboxMeter *previous_ = nullptr, *next_ = nullptr;
};

} // namespace graphrag::runtime
