// Every adapter of the blob port; then what only the folder can show. What only PostgreSQL and only
// S3 can show is in postgres_blobs_test.cpp and s3_blobs_test.cpp.
#include <fstream>
#include <set>
#include <thread>

#include "runtime/store/blob.hpp"
#include "runtime/store/blobs/postgres_blobs.hpp"
#include "runtime/store/blobs/s3_blobs.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/support/fake_s3.hpp"
#include "tests/support/s3_server.hpp"

namespace graphrag::runtime {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class BlobContract : public testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    std::string_view adapter = GetParam();
    if (adapter == "memory") {
      blobs_ = make_memory_blobs();
    } else if (adapter == "folder") {
      blobs_ = value_of(open_folder_blobs(folder_.file("blobs")));
    } else if (adapter == "s3") {
      bucket_ = std::make_unique<test::FakeS3>();
      blobs_ = value_of(open_s3_blobs(bucket_->options()));
    } else if (adapter == "s3_server") {
      if (!test::S3Server::why_not().empty())
        GTEST_SKIP() << "NOT TESTED: " << test::S3Server::why_not();
      blobs_ = value_of(open_s3_blobs(test::S3Server::shared().empty_bucket()));
    } else {
      SKIP_WITHOUT_POSTGRES();
      if (adapter == "pgbouncer" && !test::PgBouncer::why_not().empty())
        GTEST_SKIP() << "NOT TESTED: " << test::PgBouncer::why_not();
      database_ = std::make_unique<EmptyDatabase>();
      auto url = adapter == "postgres" ? database_->url() : shared_bouncer().url(database_->name());
      blobs_ = value_of(open_postgres_blobs({.url = url}));
    }
  }
  std::string put(std::string_view bytes) { return value_of(blobs_->put(bytes)); }

  TemporaryFolder folder_;
  std::unique_ptr<EmptyDatabase> database_;
  std::unique_ptr<test::FakeS3> bucket_;
  std::unique_ptr<BlobStore> blobs_;
};
INSTANTIATE_TEST_SUITE_P(Adapters, BlobContract,
                         testing::Values("memory", "folder", "postgres", "pgbouncer", "s3",
                                         "s3_server"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(BlobContract, GetReturnsWhatWasPut) {
  std::string bytes("\0\xff binary \n", 11);
  auto key = put(bytes);
  EXPECT_EQ(value_of(blobs_->get(key)), bytes);
  for (auto size : {3'000'000, 20'000'000}) {
    std::string large(static_cast<std::size_t>(size), 'l');
    EXPECT_TRUE(value_of(blobs_->get(put(large))) == large) << size;
  }
  EXPECT_EQ(value_of(blobs_->get(put(""))), "");
}

TEST_P(BlobContract, KeysAreLowerCaseHexAndUniquePerCall) {
  std::set<std::string> keys;
  for (int i = 0; i < 50; ++i) keys.insert(put("the same bytes"));
  EXPECT_EQ(keys.size(), 50U);
  for (const auto& key : keys)
    EXPECT_EQ(key.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(value_of(blobs_->list()).size(), 50U);
}

TEST_P(BlobContract, ABlobKeepsTheKeyThatItHasElsewhere) {
  auto elsewhere = make_memory_blobs();
  for (const std::string& bytes :
       {std::string("bytes"), std::string(), std::string(9 << 20, 'l')}) {
    auto key = value_of(elsewhere->put(bytes));
    EXPECT_TRUE(blobs_->put_as(key, bytes));
    EXPECT_TRUE(value_of(blobs_->get(key)) == bytes);
    EXPECT_TRUE(blobs_->put_as(key, bytes)) << "there already";
    EXPECT_EQ(blobs_->put_as(key, bytes + "!").error().code, Errc::invalid_argument);
    EXPECT_TRUE(value_of(blobs_->get(key)) == bytes);
  }
  EXPECT_EQ(value_of(blobs_->list()).size(), 3U);
  EXPECT_EQ(blobs_->put_as("../../etc/passwd", "x").error().code, Errc::invalid_argument);
}

TEST_P(BlobContract, AnAbsentBlobIsNotFound) {
  EXPECT_EQ(blobs_->get(std::string(48, 'a')).error().code, Errc::not_found);
  EXPECT_EQ(blobs_->get("").error().code, Errc::not_found);
  EXPECT_EQ(blobs_->get("../../etc/passwd").error().code, Errc::not_found);
}

TEST_P(BlobContract, RemoveTakesOneAway) {
  auto key = put("one"), other = put("two");
  EXPECT_TRUE(blobs_->remove(key));
  EXPECT_EQ(blobs_->get(key).error().code, Errc::not_found);
  EXPECT_TRUE(blobs_->remove(key)) << "absent is success";
  EXPECT_TRUE(blobs_->remove("no key at all"));
  EXPECT_EQ(value_of(blobs_->list()), std::vector<std::string>{other});
}

TEST_P(BlobContract, SweepRemovesWhatNobodyNames) {
  auto kept = put("kept"), orphan = put("orphan");
  auto named = [&](const std::string& key) { return key == kept; };
  EXPECT_EQ(value_of(blobs_->sweep(1h, named)), 0U) << "too young: its row may be on the way";
  EXPECT_EQ(value_of(blobs_->sweep(0s, named)), 1U);
  EXPECT_TRUE(blobs_->get(kept));
  EXPECT_FALSE(blobs_->get(orphan));
}

TEST_P(BlobContract, ManyThreadsMayCallAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        auto bytes = std::to_string(t) + "/" + std::to_string(i);
        EXPECT_EQ(value_of(blobs_->get(put(bytes))), bytes);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(value_of(blobs_->list()).size(), 80U);
}

class FolderBlobs : public testing::Test {
protected:
  std::string path_of(const std::string& key) const {
    return folder_.file("blobs/" + key.substr(0, 2) + "/" + key.substr(2, 1) + "/" + key);
  }
  TemporaryFolder folder_;
  std::unique_ptr<BlobStore> blobs_ = value_of(open_folder_blobs(folder_.file("blobs")));
};

TEST_F(FolderBlobs, FilesArePlainAndSurviveAReopen) {
  auto key = value_of(blobs_->put("plain bytes"));
  std::ifstream file(path_of(key));
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "plain bytes");
  blobs_ = value_of(open_folder_blobs(folder_.file("blobs")));
  EXPECT_EQ(value_of(blobs_->get(key)), "plain bytes");
  EXPECT_EQ(value_of(blobs_->list()), std::vector<std::string>{key});
}

TEST_F(FolderBlobs, ChangedOrCutBytesAreCorrupt) {
  auto changed = value_of(blobs_->put("some bytes")), cut = value_of(blobs_->put("some bytes"));
  std::ofstream(path_of(changed)) << "some bytez";
  fs::resize_file(path_of(cut), 4);
  EXPECT_EQ(blobs_->get(changed).error().code, Errc::corrupt);
  EXPECT_EQ(blobs_->get(cut).error().code, Errc::corrupt);
}

TEST_F(FolderBlobs, WhatACrashLeftIsNeitherListedNorKept) {
  auto half = folder_.file("blobs/tmp/" + std::string(48, 'a'));
  std::ofstream(half) << "half a fi";
  std::ofstream(folder_.file("blobs/README")) << "somebody's own file";
  EXPECT_TRUE(value_of(blobs_->list()).empty());
  auto all = [](const std::string&) { return true; };
  EXPECT_EQ(value_of(blobs_->sweep(1h, all)), 0U);
  EXPECT_EQ(value_of(blobs_->sweep(0s, all)), 1U);
  EXPECT_FALSE(fs::exists(half));
  EXPECT_TRUE(fs::exists(folder_.file("blobs/README")));
}

TEST_F(FolderBlobs, AFailedPutLeavesNothing) {
  fs::remove(folder_.file("blobs/tmp"));
  EXPECT_FALSE(blobs_->put("bytes"));
  EXPECT_TRUE(value_of(blobs_->list()).empty());
  EXPECT_FALSE(open_folder_blobs("/proc/no-such-folder"));
}

} // namespace
} // namespace graphrag::runtime
