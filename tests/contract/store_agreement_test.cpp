// The adapters against each other: the same random operations must give the same answers and leave
// the same store, whatever the order. The seed is in the failure message.
#include <random>
#include <sstream>

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
    switch (pick(14)) {
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
      return FailOp{key, epoch(), {"code", "detail", pick(2) == 0}};
    case 8:
      return StartAttemptOp{key, epoch()};
    case 9:
      return pick(2) ? WriteOp{RetryOp{key}} : WriteOp{CancelOp{key}};
    case 10:
      return DeleteOp{key, pick(4) ? std::nullopt : std::optional<std::uint64_t>(epoch())};
    case 11:
      return PatchOp{key, "title " + std::to_string(pick(2)), std::nullopt, std::nullopt};
    case 12:
      return pick(3) ? WriteOp{CreateCollectionOp{"other"}} : WriteOp{DropCollectionOp{"other"}};
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
  DocumentKey key() { return {pick(4) ? "default" : "other", std::string(1, 'a' + pick(5))}; }
  std::uint64_t epoch() { return 1 + pick(6); }
  std::string blob() { return pick(2) ? "" : "blob" + std::to_string(pick(4)); }

  std::mt19937 random_;
};

void print(std::ostream& out, const DocumentRecord& r) {
  out << r.key.collection << '/' << r.key.id << " v" << r.version << '/' << r.live_version << " e"
      << r.epoch << " s" << r.seq << " st" << static_cast<int>(r.state) << ' ' << r.title << ' '
      << r.content_hash << ' ' << r.blob << ' ' << r.created_ms << ' ' << r.updated_ms << " c"
      << r.chunk_count << " a" << r.attempts << " v" << r.has_vector;
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
  }
  out << *store.scan_live([&](DocumentContent&& content) {
    print(out, content.record);
    out << content.text << ' ' << content.chunks.size() << ' ' << content.vector.size() << '\n';
    return true;
  }) << '\n';
  for (const auto& change : value_of(store.changes_after(0, 1000)))
    out << change.seq << ' ' << static_cast<int>(change.kind) << ' ' << change.key.collection << '/'
        << change.key.id << '\n';
  for (const auto& record : value_of(store.queued(100))) print(out, record);
  for (const auto& backlog : value_of(store.backlog()))
    out << backlog.queued << ' ' << backlog.failed << ' ' << backlog.oldest_ms << '\n';
  for (const auto& blob : value_of(store.blobs())) out << blob << ' ';
  for (const auto& finding : value_of(store.check())) out << "FINDING " << finding << '\n';
  return out.str();
}

TEST(StoreAgreement, BothAdaptersGiveTheSameAnswers) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TemporaryFolder folder;
    auto clock = std::make_shared<ManualClock>();
    auto memory = make_memory_store(clock);
    SqliteOptions options;
    options.file = folder.file("store.db");
    options.clock = clock;
    auto opened = open_sqlite_store(options);
    ASSERT_TRUE(opened);
    auto& sqlite = *opened;
    Script script(seed);
    for (int step = 0; step < 50; ++step) {
      clock->advance(std::chrono::milliseconds(script.pick(2)));
      auto ops = script.batch();
      ASSERT_EQ(answers(*memory->write(ops)), answers(*sqlite->write(ops))) << "step " << step;
      if (script.pick(10) == 0) {
        auto seq = *memory->last_seq() / 2;
        ASSERT_TRUE(memory->trim_changes(seq) && sqlite->trim_changes(seq));
      }
      if (step % 5 != 4) continue;
      auto now_ms = 1000 + 50 * step;
      auto left = state(*memory, now_ms), right = state(*sqlite, now_ms);
      ASSERT_EQ(left, right) << "step " << step;
      ASSERT_EQ(left.find("FINDING"), std::string::npos) << left;
    }
  }
}

} // namespace
} // namespace graphrag::runtime
