// A node knows which of its lives are over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "cluster/node/earlier_lives.hpp"

namespace graphrag::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EarlierLives : public ::testing::Test {
protected:
  EarlierLives() { std::filesystem::create_directories(folder_); }
  ~EarlierLives() override { std::filesystem::remove_all(folder_); }
  std::set<std::string> begin(std::uint64_t incarnation, const std::string& cluster = "a") {
    auto lives = begin_life(file_, cluster, {3, incarnation});
    EXPECT_TRUE(lives.kept);
    return lives.earlier;
  }
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("lives-" + std::to_string(::getpid()));
  const std::string file_ = folder_ / "lives";
};

TEST_F(EarlierLives, EachLifeKnowsThoseBefore) {
  EXPECT_THAT(begin(1), IsEmpty());
  EXPECT_THAT(begin(2), ElementsAre(to_string({3, 1})));
  EXPECT_THAT(begin(4), ElementsAre(to_string({3, 1}), to_string({3, 2})));
}

TEST_F(EarlierLives, AnotherClustersLivesSayNothing) {
  begin(1);
  EXPECT_THAT(begin(2, "b"), IsEmpty());
  EXPECT_THAT(begin(3, "a"), IsEmpty()) << "the folder went over to the other cluster";
}

TEST_F(EarlierLives, ADamagedFileCountsAsNone) {
  std::ofstream{file_} << "something else\n3:00\n";
  EXPECT_THAT(begin(1), IsEmpty());
  EXPECT_THAT(begin(2), ElementsAre(to_string({3, 1})));
}

TEST_F(EarlierLives, NotAllAreKept) {
  for (std::uint64_t life = 1; life <= 200; ++life) begin(life);
  const auto known = begin(201);
  EXPECT_EQ(known.size(), 64U);
  EXPECT_TRUE(known.contains(to_string({3, 200})));
}

TEST_F(EarlierLives, AFolderThatTakesNothingStillTells) {
  EXPECT_FALSE(begin_life(folder_ / "missing" / "lives", "a", {3, 1}).kept);
  begin(1);
  std::filesystem::create_directories(folder_ / "lives.new" / "in the way");
  const auto lives = begin_life(file_, "a", {3, 2});
  EXPECT_FALSE(lives.kept);
  EXPECT_THAT(lives.earlier, ElementsAre(to_string({3, 1})));
}

} // namespace
} // namespace graphrag::cluster
