#include "runtime/admission.hpp"

#include <limits>
#include <thread>

#include <gmock/gmock.h>

#include "observability/metrics.hpp"

namespace graphrag::runtime {
namespace {

using ::testing::HasSubstr;

TEST(Admission, RefusesAtTheBoundAndAdmitsAgainWhenATicketGoes) {
  auto gate = AdmissionGate::make("test_bound", 2);
  auto first = gate->try_enter();
  auto second = gate->try_enter();
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(gate->try_enter());
  EXPECT_EQ(gate->rejected(), 1u);
  first.reset();
  EXPECT_EQ(gate->in_flight(), 1);
  EXPECT_TRUE(gate->try_enter());
}

TEST(Admission, AUnitLargerThanTheBoundEntersAnEmptyGateAlone) {
  auto gate = AdmissionGate::make("test_large", 10);
  auto large = gate->try_enter(25);
  ASSERT_TRUE(large);
  EXPECT_FALSE(gate->try_enter(1));
  large->release();
  EXPECT_EQ(gate->in_flight(), 0);
  auto small = gate->try_enter(1);
  EXPECT_FALSE(gate->try_enter(25));
  EXPECT_FALSE(gate->try_enter(std::numeric_limits<std::int64_t>::max()));
}

TEST(Admission, AMovedTicketReturnsItsUnitsOnce) {
  auto gate = AdmissionGate::make("test_moved", 10);
  auto ticket = gate->try_enter(4);
  {
    AdmissionGate::Ticket other = std::move(*ticket);
    ticket.reset();
    EXPECT_EQ(gate->in_flight(), 4);
    other = *gate->try_enter(3);
    EXPECT_EQ(gate->in_flight(), 3);
  }
  EXPECT_EQ(gate->in_flight(), 0);
}

TEST(Admission, NeverOverItsBoundUnderManyThreads) {
  auto gate = AdmissionGate::make("test_threads", 3);
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 20'000; ++k) {
        auto ticket = gate->try_enter();
        if (gate->in_flight() > 3) over = true;
        if (!ticket) ++refused;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(over);
  EXPECT_EQ(gate->in_flight(), 0);
  EXPECT_EQ(gate->rejected(), refused.load());
}

TEST(Admission, IsSeenInTheMetricsByStage) {
  auto one = AdmissionGate::make("test_metrics", 2);
  auto two = AdmissionGate::make("test_metrics", 3);
  auto& rejected = observability::counter("graphrag_stage_rejected_total",
                                          "Requests refused because a stage was at its bound.",
                                          {{"stage", "test_metrics"}});
  const double before = rejected.Value();
  auto ticket = one->try_enter(2);
  EXPECT_FALSE(one->try_enter());
  EXPECT_EQ(rejected.Value(), before + 1);
  const auto text = observability::expose();
  EXPECT_THAT(text, HasSubstr("graphrag_stage_in_flight{stage=\"test_metrics\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("graphrag_stage_limit{stage=\"test_metrics\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("graphrag_stage_rejected_total{stage=\"test_metrics\"} "));
}

} // namespace
} // namespace graphrag::runtime
