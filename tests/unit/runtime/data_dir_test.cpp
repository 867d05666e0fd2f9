#include "runtime/data_dir.hpp"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace graphrag::runtime {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class DataDirTest : public testing::Test {
protected:
  DataDirTest()
      : root_(fs::path(testing::TempDir()) / ("graphrag_data_" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~DataDirTest() override { fs::remove_all(root_); }
  fs::path root_;
};

TEST_F(DataDirTest, MakesTheFolderForItsOwnerOnly) {
  const auto path = root_ / "a" / "b";
  const auto dir = DataDir::open(path);
  ASSERT_TRUE(dir) << dir.error().detail;
  EXPECT_EQ((*dir)->path(), path.string());
  EXPECT_EQ((*dir)->file("graphrag.db"), (path / "graphrag.db").string());
  struct stat is {};
  ASSERT_EQ(::stat(path.c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777, 0700U);
}

TEST_F(DataDirTest, TakesSpacesAndChineseCharacters) {
  const auto path = root_ / "资料 库" / "图 谱";
  const auto dir = DataDir::open(path);
  ASSERT_TRUE(dir) << dir.error().detail;
  std::ofstream((*dir)->file("文件 一")) << "x";
  EXPECT_TRUE(fs::exists(path / "文件 一"));
}

TEST_F(DataDirTest, NamesTheProcessThatHoldsIt) {
  const auto first = DataDir::open(root_);
  ASSERT_TRUE(first);
  const auto second = DataDir::open(root_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::conflict);
  EXPECT_THAT(second.error().detail, HasSubstr("is in use by pid " + std::to_string(::getpid())));
}

TEST_F(DataDirTest, IsFreeAgainAfterwards) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(DataDir::open(root_));
}

TEST_F(DataDirTest, IsFreeAgainAfterAKill) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto dir = DataDir::open(root_);
    [[maybe_unused]] const auto said = ::write(ready[1], dir ? "y" : "n", 1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  const auto refused = DataDir::open(root_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("in use by pid " + std::to_string(holder)));
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  EXPECT_TRUE(DataDir::open(root_)); // in spite of the dead pid in the file
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(DataDirTest, RefusesWhatIsNoFolder) {
  std::ofstream(root_ / "file") << "x";
  EXPECT_EQ(DataDir::open(root_ / "file").error().code, Errc::invalid_argument);
  EXPECT_FALSE(DataDir::open(root_ / "file" / "below"));
  EXPECT_EQ(DataDir::open("").error().code, Errc::invalid_argument);
}

TEST_F(DataDirTest, DoesNotFollowALinkInPlaceOfItsLock) {
  std::ofstream(root_ / "victim") << "kept";
  fs::create_directories(root_ / "data");
  fs::create_symlink(root_ / "victim", root_ / "data" / "graphrag.lock");
  EXPECT_FALSE(DataDir::open(root_ / "data"));
  EXPECT_EQ(fs::file_size(root_ / "victim"), 4U);
}

TEST_F(DataDirTest, KnowsTheFreeSpace) {
  const auto dir = DataDir::open(root_);
  ASSERT_TRUE(dir);
  const auto free = (*dir)->free_bytes();
  ASSERT_TRUE(free);
  EXPECT_GT(*free, 0U);
  EXPECT_LE(*free, fs::space(root_).capacity);
}

} // namespace
} // namespace graphrag::runtime
