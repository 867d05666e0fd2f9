// The adapters against each other: the same random operations must give the same answers and leave
// the same store, whatever the order. The seed is in the failure message.
#include <random>
#include <sstream>

#include "runtime/store/move/comparison.hpp"
#include "runtime/store/move/row_copy.hpp"
#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class Script {
public:
  explicit Script(unsigned seed) : random_(seed) {}

  std::vector<WriteOp> batch() {
    std::vector<WriteOp> ops;
    for (int i = pick(5); i >= 0; --i) ops.push_back(one());
    return ops;
  }
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

private:
  WriteOp one() {
    auto content = "content " + std::to_string(pick(3));
    auto key = this->key();
    switch (pick(23)) {
    case 0:
    case 1:
    case 2:
      return commit(key, content, std::nullopt);
    case 3:
    case 4:
      return commit(key, content, epoch());
    case 5:
    case 6: {
      AcceptOp op{input_of(key.id, content, key.collection)};
      op.input.blob = blob();
      return op;
    }
    case 7:
    case 8:
      return FailOp{key, epoch(), {"code", "detail", pick(2) == 0}};
    case 9:
      return pick(2) ? WriteOp{RetryOp{key}} : WriteOp{CancelOp{key}};
    case 10:
      return DeleteOp{key, pick(4) ? std::nullopt : std::optional<std::uint64_t>(epoch())};
    case 11:
      return PatchOp{key, "title " + std::to_string(pick(2)), std::nullopt, std::nullopt};
    case 12:
      return pick(3) ? WriteOp{CreateCollectionOp{"other"}} : WriteOp{DropCollectionOp{"other"}};
    case 13:
    case 14: {
      std::optional<bool> same;
      if (pick(3) != 0) same = pick(2) == 0;
      return SaveVerdictOp{key.collection, name(), name(), same};
    }
    case 15:
      return SaveJobOp{"job" + std::to_string(pick(3)),
                       pick(2) ? key.collection : "",
                       "kind",
                       content,
                       "{}",
                       pick(100),
                       pick(2) ? owner() : ""};
    case 16:
      return RemoveJobOp{"job" + std::to_string(pick(3))};
    case 17:
      if (pick(3) == 0) return RemoveModelOp{model()};
      return SaveModelOp{
          {model(), "name", 2, blob(), pick(2) ? ModelState::active : ModelState::building, 1}};
    case 18:
      return EmbedOp{key, epoch(),
                     std::make_shared<ChunkVectors>(ChunkVectors{model(), 2, {1.0F, 2.0F}})};
    case 19:
    case 20:
      return ClaimOp{key, epoch(), owner()};
    case 21:
      return ClaimJobOp{"job" + std::to_string(pick(3)), pick(2) ? "" : owner(), owner()};
    default:
      return RememberReplyOp{
          key.collection,   "k" + std::to_string(pick(3)), std::to_string(pick(2)), 200, content,
          1000 + pick(3000)};
    }
  }
  CommitOp commit(const DocumentKey& key, const std::string& content,
                  std::optional<std::uint64_t> claim) {
    auto op = commit_of(key.id, content, key.collection);
    op.claim = claim;
    op.input.blob = blob();
    if (pick(3) == 0) op.vector = {1.0F, static_cast<float>(pick(2))};
    if (pick(8) == 0) op.chunks.clear();
    return op;
  }
  std::string owner() { return "owner" + std::to_string(pick(2)); }
  std::string name() { return "name" + std::to_string(pick(3)); }
  std::string model() { return "model" + std::to_string(pick(3)); }
  DocumentKey key() { return {pick(4) ? "default" : "other", std::string(1, 'a' + pick(5))}; }
  std::uint64_t epoch() { return 1 + pick(6); }
  std::string blob() { return pick(2) ? "" : "blob" + std::to_string(pick(4)); }

  std::mt19937 random_;
};

void print(std::ostream& out, const DocumentRecord& r) {
  out << r.key.collection << '/' << r.key.id << " v" << r.version << '/' << r.live_version << " e"
      << r.epoch << " s" << r.seq << " st" << static_cast<int>(r.state) << ' ' << r.title << ' '
      << r.content_hash << ' ' << r.blob << ' ' << r.created_ms << ' ' << r.updated_ms << " c"
      << r.chunk_count << " a" << r.attempts << " v" << r.has_vector << " o" << r.owner;
  if (r.error) out << ' ' << r.error->code << r.error->retryable;
  out << '\n';
}

std::string answers(const WriteSummary& summary) {
  std::ostringstream out;
  out << summary.previous_seq << ".." << summary.seq << '\n';
  for (const auto& r : summary.results) {
    if (r.error) {
      out << to_string(r.error->code) << '\n';
      continue;
    }
    out << static_cast<int>(r.outcome) << " v" << r.version << '/' << r.live_version << " e"
        << r.epoch << " s" << r.seq << " c" << r.chunk_count << " n" << r.entity_count << ' '
        << r.blob_to_drop << ' ' << r.created_ms << ' ' << r.updated_ms << '\n';
  }
  return out.str();
}

std::vector<DocumentRecord> items(Store& store, const std::string& collection, SortOrder sort) {
  return value_of(store.list({.collection = collection, .sort = sort})).items;
}

std::string state(Store& store, std::int64_t now_ms) {
  std::ostringstream out;
  for (const auto& collection : value_of(store.collections())) {
    out << collection.name << ' ' << collection.documents << '\n';
    for (auto sort : {SortOrder::id, SortOrder::updated_desc})
      for (const auto& record : items(store, collection.name, sort)) print(out, record);
    for (const char* key : {"k0", "k1", "k2"})
      if (auto reply = store.remembered(collection.name, key, now_ms))
        out << key << reply->fingerprint << reply->body << '\n';
    for (const auto& verdict : value_of(store.verdicts(collection.name)))
      out << verdict.first << ' ' << verdict.second << verdict.same << verdict.made_ms << '\n';
  }
  out << *store.scan_live([&](DocumentContent&& content) {
    print(out, content.record);
    out << content.text << ' ' << content.chunks.size() << ' ' << content.vector.size();
    for (const auto& made : content.embeddings) out << ' ' << made->model << made->floats.size();
    out << '\n';
    return true;
  }) << '\n';
  for (const auto& change : value_of(store.changes_after(0, 1000)))
    out << change.seq << ' ' << static_cast<int>(change.kind) << ' ' << change.key.collection << '/'
        << change.key.id << '\n';
  for (const auto& free : value_of(store.claimable(100, 100)))
    out << free.key.collection << '/' << free.key.id << ' ' << free.epoch << free.owner << '\n';
  for (const auto& job : value_of(store.jobs(100)))
    out << job.id << job.collection << job.state << job.updated_ms << job.owner << '\n';
  const std::vector<std::string> busy{"owner0"};
  for (const auto& one : value_of(store.claimable(2, 5, busy)))
    out << one.key.collection << one.key.id << one.epoch << ' ' << one.accepted_ms << one.owner
        << '\n';
  out << *store.scan_live("default", [&](DocumentContent&& content) {
    print(out, content.record);
    return true;
  }) << '\n';
  for (const auto& model : value_of(store.models()))
    out << model.hash << static_cast<int>(model.state) << model.blob << ' '
        << value_of(store.count_lacking_vectors(model.hash)) << '\n';
  for (const auto& backlog : value_of(store.backlog()))
    out << backlog.queued << ' ' << backlog.failed << ' ' << backlog.oldest_ms << '\n';
  for (const auto& blob : value_of(store.blobs())) out << blob << ' ';
  for (const auto& finding : value_of(store.check())) out << "FINDING " << finding << '\n';
  return out.str();
}

class StoreAgreement : public testing::TestWithParam<const char*> {
protected:
  bool over_postgres() const { return std::string_view(GetParam()) == "postgres"; }

  Result<std::unique_ptr<Store>> open_empty(const TemporaryFolder& folder,
                                            std::shared_ptr<Clock> clock) {
    if (over_postgres()) {
      PostgresOptions options;
      options.url = EmptyDatabase().url();
      options.clock = clock;
      return open_postgres_store(options);
    }
    SqliteOptions options;
    options.file = folder.file("store.db");
    options.clock = clock;
    return open_sqlite_store(options);
  }
};

TEST_P(StoreAgreement, WithTheMemoryStoreInEveryAnswer) {
  if (over_postgres()) SKIP_WITHOUT_POSTGRES();
  for (unsigned seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TemporaryFolder folder;
    auto clock = std::make_shared<ManualClock>();
    auto memory = make_memory_store(clock);
    auto opened = open_empty(folder, clock);
    ASSERT_TRUE(opened) << opened.error().detail;
    auto& other = *opened;
    Script script(seed);
    for (int step = 0; step < 50; ++step) {
      clock->advance(std::chrono::milliseconds(script.pick(2)));
      auto ops = script.batch();
      auto summary = other->write(ops);
      ASSERT_TRUE(summary) << summary.error().detail;
      ASSERT_EQ(answers(*memory->write(ops)), answers(*summary)) << "step " << step;
      if (script.pick(10) == 0) {
        auto seq = *memory->last_seq() / 2;
        ASSERT_TRUE(memory->trim_changes(seq) && other->trim_changes(seq));
      }
      if (step % 5 != 4) continue;
      auto now_ms = 1000 + 50 * step;
      auto left = state(*memory, now_ms), right = state(*other, now_ms);
      ASSERT_EQ(left, right) << "step " << step;
      ASSERT_EQ(left.find("FINDING"), std::string::npos) << left;
    }
  }
}

// A store that moves from one adapter to the other in the middle goes on as if it had stayed.
TEST(StoreMove, IsInNoAnswer) {
  SKIP_WITHOUT_POSTGRES();
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TemporaryFolder folder;
    auto clock = std::make_shared<ManualClock>();
    SqliteOptions from;
    from.file = folder.file("store.db");
    from.clock = clock;
    auto stays = value_of(open_sqlite_store(from));
    Script script(100 + seed);
    for (int step = 0; step < 60; ++step) {
      clock->advance(std::chrono::milliseconds(script.pick(2)));
      ASSERT_TRUE(stays->write(script.batch()));
      if (script.pick(15) != 0) continue;
      ASSERT_TRUE(stays->trim_changes(*stays->last_seq() / 2));
    }
    PostgresOptions to;
    to.url = EmptyDatabase().url();
    to.clock = clock;
    auto moved = value_of(open_postgres_store(to));
    ASSERT_TRUE(value_of(move::is_empty(to.url)));
    auto copied = move::copy_rows(from.file, to.url);
    ASSERT_TRUE(copied) << copied.error().detail;
    EXPECT_EQ(copied->last_seq, value_of(stays->last_seq()));
    EXPECT_EQ(value_of(move::contents_of(*stays)), value_of(move::contents_of(*moved)));
    EXPECT_EQ(value_of(move::differing_table(from.file, to.url)), "");
    EXPECT_FALSE(value_of(move::is_empty(to.url)));
    EXPECT_EQ(move::copy_rows(from.file, to.url).error().code, Errc::conflict);
    for (int step = 0; step < 40; ++step) {
      if (step % 5 == 0) {
        ASSERT_EQ(state(*stays, 2000), state(*moved, 2000)) << "step " << step;
      }
      clock->advance(std::chrono::milliseconds(script.pick(2)));
      auto ops = script.batch();
      auto summary = moved->write(ops);
      ASSERT_TRUE(summary) << summary.error().detail;
      ASSERT_EQ(answers(*stays->write(ops)), answers(*summary)) << "step " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Adapters, StoreAgreement, testing::Values("sqlite", "postgres"),
                         [](const auto& info) { return std::string(info.param); });

} // namespace
} // namespace graphrag::runtime
