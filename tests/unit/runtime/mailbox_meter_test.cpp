#include "runtime/actor/mailbox_meter.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace graphrag::runtime {
namespace {

constexpr std::int64_t ms = 1'000'000;

TEST(MailboxMeter, CountsWhatIsInAndNotOut) {
  MailboxMeter meter;
  EXPECT_EQ(meter.depth(), 0);
  for (int i = 0; i < 3; ++i) meter.count_in(1 * ms);
  meter.count_out();
  EXPECT_EQ(meter.depth(), 2);
  EXPECT_EQ(meter.handled(), 1u);
}

TEST(MailboxMeter, AnEmptyMailboxHasNoAge) {
  MailboxMeter meter;
  EXPECT_EQ(meter.oldest_age(100 * ms), 0);
  meter.count_in(100 * ms);
  meter.count_out();
  EXPECT_EQ(meter.oldest_age(900 * ms), 0);
}

TEST(MailboxMeter, AgeIsRightWhenTheQueueGoesFromEmpty) {
  MailboxMeter meter;
  for (int i = 0; i < 1000; ++i) {
    meter.count_in(i * ms);
    meter.count_out();
  }
  meter.count_in(5'000 * ms);
  EXPECT_EQ(meter.oldest_age(5'700 * ms), 700 * ms);
}

TEST(MailboxMeter, AgeFollowsTheOldestMessageThroughALongQueue) {
  MailboxMeter meter;
  constexpr int count = 20'000;
  for (int i = 0; i < count; ++i) meter.count_in(i * ms);
  const std::int64_t now = count * ms;
  for (int served = 0; served < count; ++served) {
    const std::int64_t truth = now - served * ms;
    // Marks were thinned: never younger than the truth, never older by more than a
    // fifteenth of what the queue spans.
    ASSERT_GE(meter.oldest_age(now), truth);
    ASSERT_LE(meter.oldest_age(now), truth + now / 15);
    meter.count_out();
  }
  EXPECT_EQ(meter.oldest_age(now), 0);
}

TEST(MailboxMeter, ASteadyQueueThatIsNeverEmptyKeepsATrueAge) {
  MailboxMeter meter;
  meter.count_in(0);
  for (int i = 1; i < 5'000; ++i) {
    meter.count_in(i * 10 * ms);
    meter.count_out();
    ASSERT_EQ(meter.oldest_age(i * 10 * ms + 5 * ms), 5 * ms);
  }
}

TEST(MailboxMeter, IsExactAfterManySendersAndNeverNegativeMeanwhile) {
  MailboxMeter meter;
  std::atomic<bool> go{true}, negative{false};
  std::thread reader{[&] {
    while (go)
      if (meter.depth() < 0 || meter.oldest_age(coarse_now()) < 0) negative = true;
  }};
  std::atomic<int> sent{0};
  std::vector<std::thread> senders;
  for (int t = 0; t < 3; ++t)
    senders.emplace_back([&] {
      for (int i = 0; i < 50'000; ++i) {
        meter.count_in(coarse_now());
        ++sent;
      }
    });
  for (int taken = 0; taken < 140'000;)
    if (sent > taken) {
      meter.count_out();
      ++taken;
    }
  for (auto& sender : senders) sender.join();
  go = false;
  reader.join();
  EXPECT_FALSE(negative);
  EXPECT_EQ(meter.depth(), 10'000);
}

} // namespace
} // namespace graphrag::runtime
