#include "runtime/disk_space.hpp"

#include <gtest/gtest.h>

namespace graphrag::runtime {
namespace {

using std::chrono::milliseconds;

class DiskSpaceTest : public testing::Test {
protected:
  DiskSpace with_reserve(std::uint64_t reserve) {
    return DiskSpace{[this] {
                       ++measured;
                       return size;
                     },
                     reserve, clock};
  }
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::optional<DiskSize> size = DiskSize{1'000, 5'000};
  int measured = 0;
};

TEST_F(DiskSpaceTest, TheReserveIsNotGivenAway) {
  auto space = with_reserve(400);
  EXPECT_TRUE(space.room_for(600));
  auto refused = space.room_for(1); // what was granted is gone before it is written
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::no_space);
}

TEST_F(DiskSpaceTest, TheDiskIsAskedNowAndThen) {
  auto space = with_reserve(400);
  EXPECT_TRUE(space.room_for());
  size = DiskSize{399, 5'000};
  EXPECT_TRUE(space.room_for());
  EXPECT_EQ(measured, 1);
  clock->advance(milliseconds(250));
  EXPECT_FALSE(space.room_for());
  size = DiskSize{400, 5'000};
  clock->advance(milliseconds(250));
  EXPECT_TRUE(space.room_for());
  EXPECT_EQ(measured, 3);
}

TEST_F(DiskSpaceTest, WithoutAReserveOnlyAFullDiskRefuses) {
  auto space = with_reserve(0);
  EXPECT_TRUE(space.room_for(999));
  EXPECT_TRUE(space.room_for(1));
  EXPECT_FALSE(space.room_for(1));
  EXPECT_FALSE(space.room_for());
}

TEST_F(DiskSpaceTest, ADiskThatCannotBeMeasuredHasRoom) {
  size.reset();
  EXPECT_TRUE(with_reserve(400).room_for(1'000'000));
}

TEST(DiskSize, ASmallDiskHasASmallReserveUnlessOneIsChosen) {
  EXPECT_EQ(default_reserve(256, 100'000), 256U);
  EXPECT_EQ(default_reserve(256, 1'000), 100U);
  EXPECT_FALSE(disk_size("/no/such/folder"));
  EXPECT_GT(disk_size("/")->total, 0U);
}

} // namespace
} // namespace graphrag::runtime
