#include "runtime/actor/promise.hpp"

#include <optional>
#include <thread>

#include <gtest/gtest.h>

namespace graphrag::runtime {
namespace {

struct Heard {
  std::optional<Result<int>> value;
  std::atomic<int> times{0};

  Promise<int> promise() {
    return Promise<int>{[this](Result<int> result) {
      value = std::move(result);
      ++times;
    }};
  }
};

TEST(Promise, DeliversTheFirstValueOnly) {
  Heard heard;
  auto promise = heard.promise();
  EXPECT_FALSE(promise.settled());
  EXPECT_TRUE(promise.fulfil(7));
  EXPECT_FALSE(promise.fulfil(8));
  EXPECT_TRUE(promise.settled());
  EXPECT_EQ(heard.times, 1);
  EXPECT_EQ(heard.value->value(), 7);
}

TEST(Promise, TheLastCopyThatGoesAnswersLost) {
  Heard heard;
  {
    auto first = heard.promise();
    auto second = first;
    first = {};
    EXPECT_EQ(heard.times, 0);
  }
  ASSERT_EQ(heard.times, 1);
  EXPECT_EQ(heard.value->error().code, Errc::lost);
}

TEST(Promise, AnErrorIsAnAnswerToo) {
  Heard heard;
  {
    auto promise = heard.promise();
    EXPECT_TRUE(promise.fulfil(fail(Errc::timeout, "too late")));
  }
  EXPECT_EQ(heard.times, 1);
  EXPECT_EQ(heard.value->error().code, Errc::timeout);
}

TEST(Promise, AnEmptyOneTakesNothing) {
  Promise<int> empty;
  EXPECT_FALSE(empty);
  EXPECT_TRUE(empty.settled());
  EXPECT_FALSE(empty.fulfil(1));
}

TEST(Promise, RacingThreadsSettleItOnce) {
  for (int round = 0; round < 500; ++round) {
    Heard heard;
    std::atomic<int> wins{0};
    {
      auto promise = heard.promise();
      std::thread other{[promise, &wins] { wins += promise.fulfil(1); }};
      wins += promise.fulfil(2);
      other.join();
    }
    ASSERT_EQ(wins, 1);
    ASSERT_EQ(heard.times, 1);
  }
}

} // namespace
} // namespace graphrag::runtime
