// Scans of everything live.
#include <thread>

#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class StoreScan : public StoreTest {};
OVER_ALL_STORES(StoreScan);

TEST_P(StoreScan, ShowsLiveVersionsInOrderOfCollectionAndId) {
  write_all({CreateCollectionOp{"aaa"}, commit_of("z", "1", "aaa"), commit_of("b", "2"),
             commit_of("a", "3"), accept_of("queued", "4")});
  write_all({accept_of("a", "newer, not yet live")});
  std::vector<std::string> seen;
  auto seq = store_->scan_live([&](DocumentContent&& content) {
    seen.push_back(content.record.key.collection + "/" + content.record.key.id + "=" +
                   content.text);
    EXPECT_EQ(content.chunks.size(), 1U);
    EXPECT_EQ(content.record.version, content.record.live_version);
    EXPECT_EQ(content.record.seq, 1U);
    return true;
  });
  ASSERT_TRUE(seq);
  EXPECT_EQ(*seq, 1U);
  EXPECT_EQ(seen, (std::vector<std::string>{"aaa/z=1", "default/a=3", "default/b=2"}));
}

TEST_P(StoreScan, StopsWhenTold) {
  write_all({commit_of("a", "1"), commit_of("b", "2")});
  int calls = 0;
  ASSERT_TRUE(store_->scan_live([&](DocumentContent&&) { return ++calls < 1; }));
  EXPECT_EQ(calls, 1);
}

TEST_P(StoreScan, SeesOnePointInTimeWhileWritesGoOn) {
  for (int i = 0; i < 20; ++i) done(commit_of("d" + std::to_string(100 + i), "before"));
  std::size_t seen = 0;
  auto seq = store_->scan_live([&](DocumentContent&& content) {
    if (seen++ == 0) { // writes from inside: readers and the writer do not wait for each other
      done(commit_of("d119", "after"));
      done(DeleteOp{key_of("d110")});
      done(commit_of("d200", "after"));
    }
    EXPECT_EQ(content.text, "before");
    return true;
  });
  EXPECT_EQ(seen, 20U);
  EXPECT_EQ(*seq, 20U);
  auto changes = store_->changes_after(*seq, 10);
  ASSERT_EQ(changes->size(), 3U) << "the tail after the scan is exactly what it did not see";
}

TEST_P(StoreScan, ScanAndTailTogetherMissNothing) {
  constexpr int batches = 150;
  std::thread writer([&] {
    for (int i = 0; i < batches; ++i) {
      write_all({commit_of("x", "x" + std::to_string(i)), commit_of("y", "y" + std::to_string(i))});
      if (i % 10 == 9) write_all({DeleteOp{key_of("x")}, DeleteOp{key_of("y")}});
    }
  });
  // Both documents always change in the same batch, so a scan sees both of one batch or neither.
  std::uint64_t last = 0;
  while (last < batches + batches / 10 && !HasFailure()) {
    std::map<std::string, std::string> seen;
    auto seq = store_->scan_live([&](DocumentContent&& content) {
      seen[content.record.key.id] = content.text.substr(1);
      EXPECT_EQ(content.chunks.at(0).facts, "facts of " + content.text);
      return true;
    });
    if (!seq) {
      ADD_FAILURE() << seq.error().detail;
      break;
    }
    EXPECT_EQ(seen.count("x"), seen.count("y"));
    EXPECT_EQ(seen["x"], seen["y"]);
    EXPECT_GE(*seq, last);
    last = *seq;
  }
  writer.join();
}

TEST_P(StoreScan, ManyThreadsMayCallAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        auto id = std::to_string(t) + "-" + std::to_string(i);
        done(commit_of(id, "text " + id));
        EXPECT_EQ(text(id), "text " + id);
        EXPECT_TRUE(store_->list({"default"}));
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(store_->list({"default"})->total, 100U);
  EXPECT_EQ(*store_->last_seq(), 100U);
  expect_no_findings();
}

} // namespace
} // namespace graphrag::runtime
