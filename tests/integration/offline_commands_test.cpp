// Commands on a data folder that no server uses: what they do when it is not there.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "runtime/store/store.hpp"
#include "tests/integration/process.hpp"
#include "tests/support/server_process.hpp"

namespace graphrag::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class OfflineCommands : public testing::Test {
protected:
  std::string path(const std::string& name) const { return (folder.path() / name).string(); }
  // A folder with a store that holds one collection.
  void make_store(const std::string& name) {
    fs::create_directories(path(name));
    auto store = runtime::open_sqlite_store({path(name) + "/graphrag.db", 1, 0});
    ASSERT_TRUE(store);
    const std::vector<runtime::WriteOp> ops{runtime::CreateCollectionOp{"kept"}};
    ASSERT_TRUE((*store)->write(ops));
  }
  TempDir folder;
};

TEST_F(OfflineCommands, AFolderWithoutAStoreIsRefusedAndNothingIsMade) {
  fs::create_directories(path("empty"));
  fs::create_directories(path("hollow"));
  std::ofstream{path("hollow") + "/graphrag.db"};
  const auto nowhere = std::string{"postgresql://nobody@127.0.0.1:1/none"};
  for (const char* name : {"typo", "empty", "hollow"}) {
    const auto data = path(name);
    for (const auto& words : {std::vector<std::string>{"fsck", "--data", data},
                              {"backup", "--data", data, "--to", path("copy")},
                              {"migrate-store", "--data", data, "--to", nowhere}}) {
      const auto ended = graphrag(words);
      EXPECT_EQ(ended.code, 2) << words[0] << ended.out;
      EXPECT_EQ(ended.out, "");
      EXPECT_THAT(ended.err, HasSubstr("'" + data + "' holds no store")) << words[0];
    }
  }
  EXPECT_FALSE(fs::exists(path("typo")));
  EXPECT_FALSE(fs::exists(path("copy")));
  EXPECT_TRUE(fs::is_empty(path("empty")));
  EXPECT_EQ(fs::file_size(path("hollow") + "/graphrag.db"), 0U);
}

TEST_F(OfflineCommands, AFolderWithoutABackupRestoresNothing) {
  fs::create_directories(path("empty"));
  for (const char* name : {"typo", "empty"}) {
    const auto ended = graphrag({"restore", "--data", path("data"), "--from", path(name)});
    EXPECT_EQ(ended.code, 2);
    EXPECT_THAT(ended.err, HasSubstr("'" + path(name) + "' holds no complete backup"));
  }
  EXPECT_FALSE(fs::exists(path("data")));
  EXPECT_FALSE(fs::exists(path("typo")));
}

TEST_F(OfflineCommands, ABackupOfAStoreIsTheStoreAgain) {
  make_store("data");
  EXPECT_EQ(graphrag({"backup", "--data", path("data"), "--to", path("copy")}).code, 0);
  EXPECT_EQ(graphrag({"restore", "--data", path("again"), "--from", path("copy")}).code, 0);
  EXPECT_EQ(graphrag({"fsck", "--data", path("again")}).code, 0);
  auto store = runtime::open_sqlite_store({path("again") + "/graphrag.db", 1, 0});
  ASSERT_TRUE(store);
  const auto collections = (*store)->collections();
  ASSERT_TRUE(collections);
  EXPECT_TRUE(std::ranges::any_of(*collections, [](const auto& c) { return c.name == "kept"; }));
}

TEST_F(OfflineCommands, ARestoreDoesNotGoOnWithTheLogOfAnotherStore) {
  make_store("data");
  ASSERT_EQ(graphrag({"backup", "--data", path("data"), "--to", path("copy")}).code, 0);
  fs::create_directories(path("crashed"));
  std::ofstream{path("crashed") + "/graphrag.db-wal"} << "left by a server that was killed";
  const auto refused = graphrag({"restore", "--data", path("crashed"), "--from", path("copy")});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("already holds data: graphrag.db-wal"));
}

// 3 MiB, more than is copied at a time.
TEST_F(OfflineCommands, OriginalFilesAreCopiedWholeAndDamageIsFound) {
  make_store("data");
  const std::string name = "blobs/0a/0a1b2c", whole(3 << 20, 'x');
  fs::create_directories(path("data") + "/blobs/0a");
  std::ofstream{path("data") + "/" + name} << whole;
  ASSERT_EQ(graphrag({"backup", "--data", path("data"), "--to", path("copy")}).code, 0);
  // What a restore left that was cut short is no data, and is in nobody's way.
  fs::create_directories(path("again"));
  std::ofstream{path("again") + "/graphrag.db.restoring"} << "half";
  const auto started = graphrag({"serve", "--data", path("again"), "--listen", "127.0.0.1:0",
                                 "--admin-listen", "127.0.0.1:0"});
  EXPECT_EQ(started.code, 1);
  EXPECT_THAT(started.err, HasSubstr("was cut short: run it again"));
  EXPECT_FALSE(fs::exists(path("again") + "/graphrag.db"));
  ASSERT_EQ(graphrag({"restore", "--data", path("again"), "--from", path("copy")}).code, 0);
  EXPECT_FALSE(fs::exists(path("again") + "/graphrag.db.restoring"));
  std::ifstream file{path("again") + "/" + name};
  EXPECT_TRUE((std::string{std::istreambuf_iterator<char>{file}, {}}) == whole);
  EXPECT_EQ(graphrag({"restore", "--data", path("again"), "--from", path("copy")}).code, 1)
      << "it holds data";

  std::ofstream{path("copy") + "/" + name, std::ios::app} << "y";
  const auto refused = graphrag({"restore", "--data", path("third"), "--from", path("copy")});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("0a/0a1b2c in the backup is damaged"));
  EXPECT_FALSE(fs::exists(path("third")));
}

} // namespace
} // namespace graphrag::test
