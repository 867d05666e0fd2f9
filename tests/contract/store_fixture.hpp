#pragma once
// What the contract tests of the Store port share: the adapters to run over, a clock moved by hand,
// a folder that goes away, and short ways to write one operation.
#include <filesystem>
#include <gtest/gtest.h>

#include "runtime/store/postgres/postgres_store.hpp"
#include "runtime/store/store.hpp"
#include "tests/support/postgres_server.hpp"

namespace graphrag::runtime {

class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "graphrag-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

// The value by value, so that a loop may run over it.
template <class T>
T value_of(Result<T> result) {
  EXPECT_TRUE(result) << result.error().detail;
  return result ? std::move(*result) : T{};
}

inline DocumentInput input_of(const std::string& id, const std::string& content,
                              const std::string& collection = "default") {
  DocumentInput input;
  input.key = {collection, id};
  input.title = "Title of " + id;
  input.filename = id + ".txt";
  input.mime = "text/plain";
  input.content_hash = "hash-" + content;
  input.bytes = content.size();
  return input;
}

// A commit of an ASCII text with one chunk that covers it.
inline CommitOp commit_of(const std::string& id, const std::string& text,
                          const std::string& collection = "default") {
  CommitOp op;
  op.input = input_of(id, text, collection);
  op.text = text;
  op.analysis_version = 1;
  op.entity_count = 2;
  ChunkRecord chunk;
  chunk.id = chunk_id(op.input.key, op.input.content_hash, 0);
  chunk.end = static_cast<std::uint32_t>(text.size());
  chunk.facts = "facts of " + text;
  op.chunks.push_back(chunk);
  return op;
}

inline AcceptOp accept_of(const std::string& id, const std::string& text,
                          const std::string& collection = "default") {
  return AcceptOp{input_of(id, text, collection)};
}

// A commit that finishes an accepted version.
inline CommitOp claimed(CommitOp op, std::uint64_t epoch) {
  op.claim = epoch;
  return op;
}

inline DocumentKey key_of(const std::string& id) { return {"default", id}; }

// The database of the shared server that contract tests use one after the other: empty again.
class EmptyDatabase {
public:
  EmptyDatabase() {
    static const std::string name = test::PostgresServer::shared().make_database();
    test::PostgresServer::shared().sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public", name);
    name_ = name;
  }
  const std::string& name() const { return name_; }
  std::string url() const { return test::PostgresServer::shared().url(name_); }

private:
  std::string name_;
};

// The one in front of the shared server.
inline const test::PgBouncer& shared_bouncer() {
  static test::PgBouncer bouncer(test::PostgresServer::shared());
  return bouncer;
}

#define SKIP_WITHOUT_POSTGRES()                                                                    \
  if (auto why = test::PostgresServer::why_not(); !why.empty())                                    \
  GTEST_SKIP() << "NOT TESTED: " << why

class StoreTest : public testing::TestWithParam<const char*> {
protected:
  void SetUp() override {
    if (over("postgres") || over("pgbouncer")) {
      SKIP_WITHOUT_POSTGRES();
      if (over("pgbouncer") && !test::PgBouncer::why_not().empty())
        GTEST_SKIP() << "NOT TESTED: " << test::PgBouncer::why_not();
      database_ = std::make_unique<EmptyDatabase>();
    }
    open();
  }

  bool over(std::string_view adapter) const { return adapter == GetParam(); }
  bool on_disk() const { return !over("memory"); }

  void open() {
    if (!on_disk()) {
      store_ = make_memory_store(clock_);
      return;
    }
    auto opened = over("sqlite") ? open_sqlite() : open_postgres();
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
  }

  Result<std::unique_ptr<Store>> open_sqlite() {
    SqliteOptions options;
    options.file = folder_.file("store.db");
    options.clock = clock_;
    return open_sqlite_store(options);
  }

  Result<std::unique_ptr<Store>> open_postgres() {
    PostgresOptions options;
    options.url = over("postgres") ? database_->url() : shared_bouncer().url(database_->name());
    options.clock = clock_;
    return open_postgres_store(options);
  }

  // What a restart does; the memory store lives on.
  void reopen() {
    if (!on_disk()) return;
    store_.reset();
    open();
  }

  WriteSummary write_all(std::vector<WriteOp> ops) {
    auto summary = store_->write(ops);
    EXPECT_TRUE(summary) << summary.error().detail;
    return summary ? *summary : WriteSummary{0, 0, std::vector<WriteResult>(ops.size())};
  }

  WriteResult write(WriteOp op) { return write_all({std::move(op)}).results.at(0); }

  // Writes an operation that must be allowed.
  WriteResult done(WriteOp op) {
    auto result = write(std::move(op));
    EXPECT_FALSE(result.error) << result.error->detail;
    return result;
  }

  // Writes an operation that must be refused, and says why it was.
  Errc refused(WriteOp op) {
    auto result = write(std::move(op));
    EXPECT_TRUE(result.error) << "allowed";
    return result.error ? result.error->code : Errc::io;
  }

  DocumentRecord record(const std::string& id) {
    auto found = store_->document(key_of(id));
    EXPECT_TRUE(found) << found.error().detail;
    return found ? *found : DocumentRecord{};
  }

  // The live version, which must be there.
  DocumentContent content(const std::string& id) {
    auto found = store_->content(key_of(id));
    EXPECT_TRUE(found) << found.error().detail;
    return found ? *found : DocumentContent{};
  }

  // The live text, or the name of the error.
  std::string text(const std::string& id, const std::string& collection = "default") {
    auto found = store_->content({collection, id});
    return found ? found->text : std::string(to_string(found.error().code));
  }

  void expect_no_findings() {
    auto findings = store_->check();
    ASSERT_TRUE(findings) << findings.error().detail;
    EXPECT_EQ(*findings, std::vector<std::string>{});
  }

  TemporaryFolder folder_;
  std::unique_ptr<EmptyDatabase> database_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  std::unique_ptr<Store> store_;
};

#define OVER_ALL_STORES(suite)                                                                     \
  INSTANTIATE_TEST_SUITE_P(Adapters, suite,                                                        \
                           testing::Values("memory", "sqlite", "postgres", "pgbouncer"),           \
                           [](const auto& info) { return std::string(info.param); })

} // namespace graphrag::runtime
