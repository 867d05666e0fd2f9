#include "actors/document/finished_jobs.hpp"

#include <gtest/gtest.h>

namespace graphrag::document {
namespace {

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

TEST(FinishedJobs, TheNewestThousandAreKept) {
  FinishedJobs jobs;
  for (int i = 0; i < 1'003; ++i) jobs.add("j" + std::to_string(i), 5'000 - i);
  EXPECT_EQ(jobs.due(6'000), (std::vector<std::string>{"j1002", "j1001", "j1000"}));
  EXPECT_TRUE(jobs.due(6'000).empty());
}

TEST(FinishedJobs, NoneIsKeptLongerThanAWeek) {
  FinishedJobs jobs;
  jobs.add("old", 1'000);
  jobs.add("young", 2'000);
  EXPECT_TRUE(jobs.due(1'000 + 7 * day_ms).empty());
  EXPECT_EQ(jobs.due(1'001 + 7 * day_ms), std::vector<std::string>{"old"});
}

} // namespace
} // namespace graphrag::document
