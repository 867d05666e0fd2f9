// Several nodes write to one database at once: no update is lost, numbers are dense, and who has
// seen a number sees everything up to it.
#include <atomic>
#include <mutex>
#include <random>
#include <set>

#include "tests/contract/postgres_fixture.hpp"

namespace graphrag::runtime {
namespace {

constexpr int nodes = 4;

class PostgresNodes : public testing::Test {
protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    database_ = std::make_unique<EmptyDatabase>();
    // They migrate the empty database at the same time, too.
    stores_.resize(nodes);
    all_at_once(nodes, [&](int node) { stores_[node] = open_node(options_for(database_->url())); });
  }

  Store& store(int node) { return *stores_[node]; }

  void expect_no_findings() { EXPECT_EQ(value_of(store(0).check()), std::vector<std::string>{}); }

  std::unique_ptr<EmptyDatabase> database_;
  std::vector<std::unique_ptr<Store>> stores_;
};

struct Written {
  std::string id;
  std::uint64_t version = 0, seq = 0;
};

// What a reader saw at a number.
struct Seen {
  std::uint64_t seq = 0;
  std::map<std::string, std::uint64_t> documents; // id -> their number
};

Seen scan(Store& store) {
  Seen seen;
  seen.seq = value_of(store.scan_live([&](DocumentContent&& content) {
    seen.documents[content.record.key.id] = content.record.seq;
    return true;
  }));
  return seen;
}

TEST_F(PostgresNodes, NoUpdateIsLostAndNumbersAreDenseAndInOrder) {
  constexpr int batches = 30, shared = 5;
  std::mutex mutex;
  std::vector<Written> written;
  std::set<std::uint64_t> numbers;
  std::vector<Seen> scans;
  std::set<std::string> tailed;

  std::jthread reader([&](const std::stop_token& stop) {
    auto reading = open_node(options_for(database_->url()));
    std::uint64_t last = 0;
    for (bool more = true; more;) {
      more = !stop.stop_requested(); // one more round after the last write
      scans.push_back(scan(*reading));
      for (const auto& change : value_of(reading->changes_after(last, 100'000))) {
        EXPECT_GT(change.seq, last);
        tailed.insert(change.key.id);
      }
      // A later call goes on from the newest number seen, as a view does.
      for (const auto& change : value_of(reading->changes_after(last, 100'000)))
        tailed.insert(change.key.id);
      last = scans.back().seq;
    }
  });
  all_at_once(nodes, [&](int node) {
    std::mt19937 random(static_cast<unsigned>(node));
    for (int batch = 0; batch < batches; ++batch) {
      std::vector<WriteOp> ops;
      auto name = std::to_string(node) + "-" + std::to_string(batch);
      ops.push_back(commit_of("own-" + name, name));
      for (int i = 0; i < 3; ++i) // in no order at all
        ops.push_back(commit_of("shared-" + std::to_string(random() % shared),
                                name + "/" + std::to_string(i)));
      auto summary = store(node).write(ops);
      ASSERT_TRUE(summary) << summary.error().detail;
      std::lock_guard lock(mutex);
      EXPECT_EQ(summary->previous_seq + 1, summary->seq);
      EXPECT_TRUE(numbers.insert(summary->seq).second) << "number " << summary->seq << " twice";
      for (std::size_t i = 0; i < ops.size(); ++i) {
        const auto& result = summary->results[i];
        ASSERT_FALSE(result.error) << result.error->detail;
        EXPECT_EQ(result.seq, summary->seq);
        written.push_back({std::get<CommitOp>(ops[i]).input.key.id, result.version, result.seq});
      }
    }
  });
  reader.request_stop();
  reader.join();

  EXPECT_EQ(numbers.size(), static_cast<std::size_t>(nodes * batches));
  EXPECT_EQ(*numbers.rbegin(), numbers.size()) << "numbers are not dense";
  std::map<std::string, std::set<std::uint64_t>> versions;
  std::map<std::string, std::map<std::uint64_t, std::uint64_t>> seq_of_version;
  for (const auto& one : written) {
    EXPECT_TRUE(versions[one.id].insert(one.version).second) << one.id << " v" << one.version;
    seq_of_version[one.id][one.version] = one.seq;
  }
  for (const auto& [id, seen] : versions) EXPECT_EQ(*seen.rbegin(), seen.size()) << id;
  for (const auto& [id, of] : seq_of_version) { // later versions never have earlier numbers
    std::uint64_t before = 0;
    for (const auto& [version, seq] : of) {
      EXPECT_GE(seq, before) << id << " v" << version;
      before = seq;
    }
  }
  ASSERT_GE(scans.size(), 2U);
  for (const auto& seen : scans)
    for (const auto& one : written) {
      if (!one.id.starts_with("own-")) continue;
      EXPECT_EQ(seen.documents.contains(one.id), one.seq <= seen.seq)
          << one.id << " has number " << one.seq << ", the reader was at " << seen.seq;
    }
  for (const auto& one : written) EXPECT_TRUE(tailed.contains(one.id)) << one.id;
  expect_no_findings();
}

TEST_F(PostgresNodes, OneOfManyClaimsOfAnEpochWins) {
  for (int round = 0; round < 10; ++round) {
    auto id = "claimed-" + std::to_string(round);
    std::vector<WriteOp> accept{accept_of(id, "text")};
    auto epoch = store(0).write(accept)->results.at(0).epoch;
    std::atomic<int> won = 0, fenced = 0;
    all_at_once(nodes, [&](int node) {
      std::vector<WriteOp> ops{claimed(commit_of(id, "text"), epoch)};
      auto summary = store(node).write(ops);
      ASSERT_TRUE(summary) << summary.error().detail;
      const auto& result = summary->results.at(0);
      if (!result.error) ++won;
      if (result.error && result.error->code == Errc::stale_epoch) ++fenced;
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(fenced, nodes - 1);
  }
}

TEST_F(PostgresNodes, OfManyWhoClaimADocumentOneOwnsIt) {
  for (int round = 0; round < 20; ++round) {
    auto id = "raced-" + std::to_string(round);
    std::vector<WriteOp> accept{accept_of(id, "text")};
    auto epoch = store(0).write(accept)->results.at(0).epoch;
    std::atomic<int> winner = -1, won = 0, fenced = 0;
    all_at_once(nodes, [&](int node) {
      std::vector<WriteOp> ops{ClaimOp{key_of(id), epoch, "node " + std::to_string(node)}};
      auto summary = store(node).write(ops);
      ASSERT_TRUE(summary) << summary.error().detail;
      const auto& result = summary->results.at(0);
      if (result.error) {
        EXPECT_EQ(result.error->code, Errc::stale_epoch);
        ++fenced;
        return;
      }
      EXPECT_EQ(result.epoch, epoch + 1);
      winner = node;
      ++won;
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(fenced, nodes - 1);
    auto found = value_of(store(1).document(key_of(id)));
    EXPECT_EQ(found.owner, "node " + std::to_string(winner));
    EXPECT_EQ(found.attempts, 1U);
  }
}

TEST_F(PostgresNodes, OfManyWhoClaimAJobOneOwnsIt) {
  for (int round = 0; round < 20; ++round) {
    auto id = "job-" + std::to_string(round);
    std::vector<WriteOp> save{SaveJobOp{id, "", "bulk", "running", "{}", 1}};
    ASSERT_TRUE(store(0).write(save));
    std::atomic<int> winner = -1, won = 0;
    all_at_once(nodes, [&](int node) {
      std::vector<WriteOp> ops{ClaimJobOp{id, "", "node " + std::to_string(node)}};
      auto summary = store(node).write(ops);
      ASSERT_TRUE(summary) << summary.error().detail;
      if (const auto& error = summary->results.at(0).error) {
        EXPECT_EQ(error->code, Errc::conflict);
        return;
      }
      winner = node;
      ++won;
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(value_of(store(1).job(id)).owner, "node " + std::to_string(winner));
  }
}

TEST_F(PostgresNodes, NodesThatEmptyAQueueTakeEachDocumentOnce) {
  constexpr int documents = 60;
  std::vector<WriteOp> accept;
  for (int i = 0; i < documents; ++i) accept.push_back(accept_of("q" + std::to_string(i), "t"));
  ASSERT_TRUE(store(0).write(accept));
  std::mutex mutex;
  std::map<std::string, int> taken;
  auto name = [](int node) { return "node " + std::to_string(node); };
  all_at_once(nodes, [&](int node) {
    std::vector<std::string> others; // all live, so their claims are left alone
    for (int other = 0; other < nodes; ++other)
      if (other != node) others.push_back(name(other));
    for (;;) {
      auto found = value_of(store(node).claimable(8, 8, others));
      if (found.empty()) return;
      for (const auto& one : found) {
        std::vector<WriteOp> ops{ClaimOp{one.key, one.epoch, name(node)}};
        auto result = store(node).write(ops)->results.at(0);
        if (result.error) continue; // another node was first
        std::vector<WriteOp> finish{claimed(commit_of(one.key.id, "t"), result.epoch)};
        auto finished = store(node).write(finish)->results.at(0);
        EXPECT_FALSE(finished.error) << finished.error->detail;
        std::lock_guard lock(mutex);
        ++taken[one.key.id];
      }
    }
  });
  EXPECT_EQ(taken.size(), static_cast<std::size_t>(documents));
  for (const auto& [id, times] : taken) EXPECT_EQ(times, 1) << id;
  expect_no_findings();
}

TEST_F(PostgresNodes, ADocumentThatIsNotThereYetIsMadeOnce) {
  for (int round = 0; round < 10; ++round) {
    auto id = "new-" + std::to_string(round);
    std::mutex mutex;
    std::set<std::uint64_t> versions;
    all_at_once(nodes, [&](int node) {
      std::vector<WriteOp> ops{accept_of(id, "of node " + std::to_string(node))};
      auto summary = store(node).write(ops);
      ASSERT_TRUE(summary) << summary.error().detail;
      std::lock_guard lock(mutex);
      versions.insert(summary->results.at(0).version);
    });
    EXPECT_EQ(versions, (std::set<std::uint64_t>{1, 2, 3, 4}));
  }
  expect_no_findings();
}

TEST_F(PostgresNodes, ABlobThatAnotherNodeNamesIsNotDropped) {
  for (int round = 0; round < 20; ++round) {
    auto old = commit_of("old-" + std::to_string(round), "x");
    auto blob = "blob-" + std::to_string(round);
    old.input.blob = blob;
    std::vector<WriteOp> first{old};
    ASSERT_TRUE(store(0).write(first));
    std::string dropped;
    all_at_once(2, [&](int node) {
      std::vector<WriteOp> ops;
      if (node == 0) {
        ops.push_back(DeleteOp{old.input.key});
      } else {
        auto other = accept_of("other-" + std::to_string(round), "y");
        other.input.blob = blob;
        ops.push_back(other);
      }
      auto summary = store(node).write(ops);
      ASSERT_TRUE(summary) << summary.error().detail;
      if (node == 0) dropped = summary->results.at(0).blob_to_drop;
    });
    // In whichever order they came: once it was named when the delete ended, it is not dropped.
    std::vector<WriteOp> again{DeleteOp{key_of("other-" + std::to_string(round))}};
    auto last = store(0).write(again)->results.at(0).blob_to_drop;
    EXPECT_EQ(last, blob);
    EXPECT_TRUE(dropped.empty() || dropped == blob);
  }
  expect_no_findings();
}

TEST_F(PostgresNodes, CollectionsComeAndGoUnderWrites) {
  std::atomic<int> made = 0, missing = 0;
  all_at_once(nodes, [&](int node) {
    for (int i = 0; i < 25; ++i) {
      std::vector<WriteOp> ops;
      if (node == 0) {
        ops.push_back(CreateCollectionOp{"other"});
        if (i % 3 == 2) ops.insert(ops.begin(), DropCollectionOp{"other"});
      } else {
        auto text = std::to_string(node) + "." + std::to_string(i);
        ops.push_back(commit_of(std::to_string(i % 4), text, "other"));
        ops.push_back(DeleteOp{{"other", std::to_string((i + 1) % 4)}});
      }
      auto summary = store(node).write(ops);
      ASSERT_TRUE(summary) << summary.error().detail;
      const auto& result = summary->results.at(0);
      (result.error && result.error->code == Errc::not_found ? missing : made) += 1;
    }
  });
  EXPECT_GT(made, 0);
  expect_no_findings();
}

TEST_F(PostgresNodes, LargeBatchesOfTheSameDocumentsDoNotBlockEachOther) {
  constexpr int documents = 700; // more than are locked one by one
  all_at_once(3, [&](int node) {
    std::vector<WriteOp> ops;
    for (int i = 0; i < documents; ++i) {
      int at = node % 2 == 0 ? i : documents - 1 - i;
      ops.push_back(commit_of(std::to_string(at), "by " + std::to_string(node)));
    }
    auto summary = store(node).write(ops);
    ASSERT_TRUE(summary) << summary.error().detail;
    for (const auto& result : summary->results) EXPECT_FALSE(result.error);
  });
  std::size_t live = 0;
  value_of(store(0).scan_live([&](DocumentContent&& content) {
    EXPECT_EQ(content.record.version, 3U);
    ++live;
    return true;
  }));
  EXPECT_EQ(live, static_cast<std::size_t>(documents));
  expect_no_findings();
}

} // namespace
} // namespace graphrag::runtime
