#include "runtime/models/budget.hpp"

#include <limits>
#include <thread>

#include <gtest/gtest.h>

namespace graphrag::runtime::models {
namespace {

constexpr std::int64_t day = 86'400'000;
constexpr std::int64_t noon = 20'000 * day + day / 2;

TEST(Budget, ReservesThenSettles) {
  Budget budget{{.tokens = 100}};
  auto held = *budget.reserve("a", {60, 0}, noon);
  EXPECT_EQ(budget.spent("a", noon), (Spend{60, 0}));
  const auto refused = budget.reserve("a", {41, 0}, noon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::overloaded);
  held.settle({10, 7});
  held.settle({50, 50}); // only once
  EXPECT_EQ(budget.spent("a", noon), (Spend{10, 7}));
  EXPECT_TRUE(budget.reserve("a", {90, 0}, noon));
  EXPECT_TRUE(budget.reserve("b", {100, 0}, noon)) << "collections do not share";
}

TEST(Budget, GivesBackWhatIsNotSettled) {
  Budget budget{{.tokens = 100}};
  {
    auto held = *budget.reserve("a", {100, 0}, noon);
    auto moved = std::move(held);
    EXPECT_FALSE(budget.reserve("a", {1, 0}, noon));
  }
  EXPECT_EQ(budget.spent("a", noon), Spend{});
}

TEST(Budget, LimitsMoneyAndKnowsLimitsOfItsOwn) {
  Budget budget{{.micros = 500}};
  EXPECT_FALSE(budget.reserve("a", {1, 501}, noon));
  EXPECT_TRUE(budget.reserve("a", {1'000'000, 500}, noon));
  budget.set_limits("rich", {});
  EXPECT_TRUE(budget.reserve("rich", {1, 1'000'000'000}, noon));
  budget.set_limits("poor", {.tokens = 0});
  EXPECT_FALSE(budget.reserve("poor", {1, 0}, noon));
}

TEST(Budget, OverspendingIsCountedAndNeverOverflows) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  Budget budget{{.tokens = 100}};
  budget.reserve("a", {10, 0}, noon)->settle({most, most});
  budget.set_limits("a", {});
  budget.reserve("a", {10, 10}, noon)->settle({most, most});
  EXPECT_EQ(budget.spent("a", noon).micros, most);
  budget.set_limits("a", {.tokens = 100});
  EXPECT_FALSE(budget.reserve("a", {0, 0}, noon));
}

TEST(Budget, BeginsAnewAtMidnightUtc) {
  const auto midnight = 20'001 * day;
  Budget budget{{.tokens = 100}};
  auto late = *budget.reserve("a", {100, 0}, midnight - 1);
  EXPECT_FALSE(budget.reserve("a", {1, 0}, midnight - 1));
  EXPECT_TRUE(budget.reserve("a", {100, 0}, midnight));
  late.settle({80, 0}); // of yesterday
  EXPECT_EQ(budget.spent("a", midnight).tokens, 0);
}

TEST(Budget, AClockSetBackOverMidnightBringsNothingBack) {
  const auto midnight = 20'001 * day;
  Budget budget{{.tokens = 100}};
  budget.reserve("a", {0, 0}, midnight + 5)->settle({100, 0});
  EXPECT_FALSE(budget.reserve("a", {1, 0}, midnight - 5));
  EXPECT_FALSE(budget.reserve("a", {1, 0}, midnight + 6));
  // A clock that was far ahead does not freeze the budget.
  EXPECT_TRUE(budget.reserve("a", {1, 0}, midnight - 100 * day));
}

TEST(Budget, ItsStateSurvivesARestart) {
  Budget before{{.tokens = 100}};
  before.reserve("a \"b\"", {0, 0}, noon)->settle({70, 9});
  const auto running = *before.reserve("a \"b\"", {20, 0}, noon);
  const auto state = before.to_json();

  Budget after{{.tokens = 100}};
  ASSERT_TRUE(after.from_json(state));
  EXPECT_EQ(after.spent("a \"b\"", noon), (Spend{90, 9})) << "what a crash interrupts is spent";
  EXPECT_EQ(after.to_json(), state);
  EXPECT_EQ(after.spent("a \"b\"", noon + day), Spend{});
}

TEST(Budget, RefusesAStateThatItDidNotWrite) {
  Budget budget;
  budget.reserve("a", {0, 0}, noon)->settle({5, 5});
  const auto before = budget.to_json();
  for (
      const char* bad :
      {"", "{", "[]", "{}", R"({"version":2,"day":1,"spent":{}})",
       R"({"version":1,"day":-1,"spent":{}})", R"({"version":1,"day":1,"spent":[]})",
       R"({"version":1,"day":1,"spent":{"a":{"tokens":-1,"micros":0}}})",
       R"({"version":1,"day":1,"spent":{"a":{"tokens":1.5,"micros":0}}})",
       R"({"version":"1","day":1,"spent":{}})",
       R"({"version":1,"day":1,"spent":{"a":{"tokens":1,"micros":0},"a":{"tokens":0,"micros":0}}})"}) {
    const auto read = budget.from_json(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
  EXPECT_EQ(budget.to_json(), before);
}

TEST(Budget, ThreadsTogetherStayWithinIt) {
  Budget budget{{.tokens = 1000}};
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i)
        if (auto held = budget.reserve("a", {10, 0}, noon)) {
          held->settle({1, 0});
          ++taken;
        }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(budget.spent("a", noon).tokens, taken);
  EXPECT_LE(taken, 1000);
  EXPECT_GE(taken, 900);
}

TEST(Spending, PricesRoundUpAndStayIntegers) {
  EXPECT_EQ(price_of(0, 150'000), 0);
  EXPECT_EQ(price_of(1, 150'000), 1);
  EXPECT_EQ(price_of(1'000'000, 150'000), 150'000);
  EXPECT_EQ(price_of(10, 100'000), 1);
  EXPECT_EQ(price_of(11, 100'000), 2);
  EXPECT_EQ(price_of(999'999, max_price), 999'999'000'000);
  EXPECT_EQ(price_of(std::numeric_limits<std::int64_t>::max(), max_price),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(spend_of({1'000'000, 2'000'000}, {150'000, 600'000}), (Spend{3'000'000, 1'350'000}));
}

} // namespace
} // namespace graphrag::runtime::models
