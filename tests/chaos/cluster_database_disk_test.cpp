// The database's disk is full: nothing can be written, questions go on, nothing is lost, and all
// goes on once there is room and the database has been started again.
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include "cluster_chaos.hpp"
#include "tests/support/small_disk.hpp"

namespace graphrag::test {
namespace {

namespace fs = std::filesystem;

class FullClusterDatabaseDisk : public ClusterFixture {
protected:
  void TearDown() override {
    ClusterFixture::TearDown();
    if (disk_ && disk_->ready()) cluster_->database().stop();
    disk_.reset();
    cluster_.reset();
  }
  // Moves the database to a small disk, as it is.
  void move_database() {
    auto& database = cluster_->database();
    const fs::path data = fs::path{database.folder()} / "data", before = data.string() + ".before";
    database.stop();
    struct stat owner {};
    ASSERT_EQ(::stat(data.c_str(), &owner), 0);
    fs::rename(data, before);
    disk_ = std::make_unique<SmallDisk>(data, 160);
    if (!disk_->ready()) {
      fs::remove(data);
      fs::rename(before, data);
    } else {
      ASSERT_EQ(::chown(data.c_str(), owner.st_uid, owner.st_gid), 0);
      ASSERT_EQ(std::system(("cp -a " + before.string() + "/. " + data.string()).c_str()), 0);
    }
    database.start();
  }
  bool put(const std::string& id) {
    return HttpClient{cluster_->gateway(0), seconds(15)}
               .put("/api/v1/documents/" + id, {{"text", "The keeper of " + id}})
               .status == 200;
  }
  std::unique_ptr<SmallDisk> disk_;
};

TEST_F(FullClusterDatabaseDisk, IsFullAndHasRoomAgain) {
  move_database();
  if (!disk_->ready())
    GTEST_SKIP() << "NOT TESTED: a full disk of the database. " << disk_->error();
  expect_settled();
  begin_load();
  more_load();
  say("the database's disk is full");
  disk_->fill();
  ASSERT_TRUE(eventually([&] { return !put("full"); })) << "nothing is taken any more";
  const auto asked = load_->asked_so_far();
  ASSERT_TRUE(eventually([&] { return load_->asked_so_far() > asked + 200; }));
  EXPECT_EQ(load_->failed_so_far().size(), 0U) << "questions go on";
  EXPECT_LT(disk_->free_bytes(), 1U << 20) << "full all the time";
  say("there is room, and the database is started again");
  disk_->remove_filler();
  cluster_->database().kill();
  cluster_->database().start();
  expect_settled();
  ASSERT_TRUE(eventually([&] { return put("room"); }));
  more_load();
  none_failed(end_of_load());
}

} // namespace
} // namespace graphrag::test
