// Each case runs in a process of its own, since it ends it.
#include "runtime/lifecycle.hpp"

#include <atomic>
#include <csignal>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace graphrag::runtime {
namespace {

using testing::ExitedWithCode;

class LifecycleDeathTest : public testing::Test {
protected:
  LifecycleDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

std::unique_ptr<Lifecycle> begin(
    std::chrono::milliseconds deadline, std::function<void()> on_stop = [] {}) {
  auto lifecycle = Lifecycle::start({deadline, 70}, std::move(on_stop));
  if (!lifecycle) ::_exit(99);
  return std::move(*lifecycle);
}

constexpr auto long_time = std::chrono::minutes(5);

void stop_in_order(int signal) {
  std::atomic<int> calls{0};
  {
    const auto lifecycle = begin(long_time, [&] { ++calls; });
    if (lifecycle->stopping()) ::_exit(98);
    ::kill(::getpid(), signal);
    lifecycle->wait_for_stop();
    if (!lifecycle->stopping()) ::_exit(97);
  }
  ::_exit(calls == 1 ? 0 : 96);
}

TEST_F(LifecycleDeathTest, TheFirstSignalBeginsAnOrderlyStop) {
  EXPECT_EXIT(stop_in_order(SIGTERM), ExitedWithCode(0), "stopping.*SIGTERM");
  EXPECT_EXIT(stop_in_order(SIGINT), ExitedWithCode(0), "stopping.*SIGINT");
}

void signal_twice(int first, int second) {
  const auto lifecycle = begin(long_time);
  ::kill(::getpid(), first);
  lifecycle->wait_for_stop();
  ::kill(::getpid(), second);
  for (;;) ::pause();
}

TEST_F(LifecycleDeathTest, TheSecondSignalEndsAtOnce) {
  EXPECT_EXIT(signal_twice(SIGTERM, SIGTERM), ExitedWithCode(143), "second signal");
  EXPECT_EXIT(signal_twice(SIGTERM, SIGINT), ExitedWithCode(130), "second signal");
}

TEST_F(LifecycleDeathTest, AStopThatOverrunsEndsWithAnError) {
  EXPECT_EXIT(
      {
        const auto lifecycle = begin(std::chrono::milliseconds(50));
        ::kill(::getpid(), SIGTERM);
        for (;;) ::pause();
      },
      ExitedWithCode(70), "took too long");
}

TEST_F(LifecycleDeathTest, TheNodeCanAskForItsOwnStop) {
  EXPECT_EXIT(
      {
        std::atomic<int> calls{0};
        {
          const auto lifecycle = begin(long_time, [&] { ++calls; });
          lifecycle->request_stop();
          lifecycle->request_stop();
          lifecycle->wait_for_stop();
        }
        ::_exit(calls == 1 ? 0 : 96);
      },
      ExitedWithCode(0), "requested by the node");
  EXPECT_EXIT(
      {
        const auto lifecycle = begin(std::chrono::milliseconds(50));
        lifecycle->request_stop();
        for (;;) ::pause();
      },
      ExitedWithCode(70), "took too long");
}

TEST_F(LifecycleDeathTest, NoOtherThreadTakesTheSignal) {
  EXPECT_EXIT(
      {
        const auto lifecycle = begin(long_time);
        for (int i = 0; i < 4; ++i) std::thread([] { ::pause(); }).detach();
        ::kill(::getpid(), SIGTERM); // would end the process in a thread that does not block it
        lifecycle->wait_for_stop();
        ::_exit(0);
      },
      ExitedWithCode(0), "SIGTERM");
}

TEST_F(LifecycleDeathTest, ABrokenPipeIsNotTheEnd) {
  EXPECT_EXIT(
      {
        const auto lifecycle = begin(long_time);
        int ends[2];
        if (::pipe(ends) != 0) ::_exit(95);
        ::close(ends[0]);
        ::_exit(::write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 94);
      },
      ExitedWithCode(0), "");
}

TEST_F(LifecycleDeathTest, EndsQuietlyWithoutAnySignal) {
  EXPECT_EXIT(
      {
        { const auto lifecycle = begin(std::chrono::milliseconds(1)); }
        ::_exit(0);
      },
      ExitedWithCode(0), "");
}

} // namespace
} // namespace graphrag::runtime
