// What a start makes, and what it leaves when it fails.
#include <filesystem>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/integration/process.hpp"
#include "tests/integration/stub_server.hpp"
#include "tests/support/server_process.hpp"

namespace graphrag::test {
namespace {

namespace fs = std::filesystem;

TEST(Start, OnATakenPortItFailsBeforeItMakesAFolder) {
  TempDir folder;
  StubServer other;
  const auto taken = other.url().substr(std::string_view{"http://"}.size());
  const auto data = folder.path() / "data";
  const std::string any = "127.0.0.1:0";
  for (const auto& [listen, admin] : {std::pair{taken, any}, {any, taken}}) {
    const auto ended =
        graphrag({"serve", "--data", data.string(), "--listen", listen, "--admin-listen", admin});
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.err, testing::HasSubstr("graphrag: cannot listen on " + taken));
    EXPECT_FALSE(fs::exists(data));
  }
}

TEST(Start, WhatAServerMakesIsNobodyElses) {
  TempDir folder;
  const auto before = ::umask(022);
  {
    ServerProcess server{folder.path() / "data"};
    std::size_t seen = 0;
    const auto others = fs::perms::group_all | fs::perms::others_all;
    const auto expect_private = [&](const fs::path& path) {
      EXPECT_EQ(fs::status(path).permissions() & others, fs::perms::none) << path;
      ++seen;
    };
    expect_private(folder.path() / "data");
    for (const auto& entry : fs::recursive_directory_iterator{folder.path() / "data"})
      expect_private(entry.path());
    EXPECT_GT(seen, 2U);
  }
  ::umask(before);
}

} // namespace
} // namespace graphrag::test
