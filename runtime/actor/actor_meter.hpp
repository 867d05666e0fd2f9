#pragma once
// ActorMeter: what is known of one (kind, instance) of actors: the mailboxes of the incarnations
// alive now, totals of those that ended, and a sampled histogram of handling times. Thread-safe.
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "runtime/actor/mailbox_meter.hpp"
#include "runtime/actor/metered_actor.hpp"

namespace graphrag::runtime {

class ActorMeter {
public:
  ActorMeter(std::string kind, std::string instance)
      : kind_(std::move(kind)), instance_(std::move(instance)) {}
  ActorMeter(const ActorMeter&) = delete;
  ActorMeter& operator=(const ActorMeter&) = delete;

  // Between join() and leave() the mailbox counts as live; the caller keeps it in place.
  void join(MailboxMeter& mailbox);
  void leave(MailboxMeter& mailbox);

  // Counts dead letters; true when one should be logged (at most one line a second).
  bool count_dead_letters(std::uint64_t count) noexcept;
  void observe(std::int64_t nanoseconds) noexcept;

  const std::string& kind() const noexcept { return kind_; }
  ActorMeterReading read() const;

  struct Handling { // counts per bucket of handling_buckets(), then those above the last edge
    static constexpr std::size_t most_buckets = 24;
    std::array<std::uint64_t, most_buckets> counts{};
    double sum_seconds = 0;
  };
  void add_handling(Handling& total) const;

private:
  const std::string kind_, instance_;
  mutable std::mutex mutex_; // guards the list and the total
  MailboxMeter* first_ = nullptr;
  std::int64_t alive_ = 0;
  std::uint64_t handled_before_ = 0;
  std::atomic<std::uint64_t> dead_letters_{0};
  std::atomic<std::int64_t> dead_letter_logged_at_{0};
  std::array<std::atomic<std::uint64_t>, Handling::most_buckets> handling_{};
  std::atomic<std::int64_t> handling_nanoseconds_{0};
};

} // namespace graphrag::runtime
