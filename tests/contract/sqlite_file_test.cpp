// The SQLite file itself: what check() finds, backup, migrations, files that are not ours.
#include <fstream>
#include <sqlite3.h>

#include "runtime/store/sqlite/migrations.hpp"
#include "tests/contract/store_fixture.hpp"

namespace graphrag::runtime {
namespace {

class SqliteFile : public testing::Test {
protected:
  void SetUp() override { open(); }

  Result<std::unique_ptr<Store>> try_open(const std::string& file) {
    SqliteOptions options;
    options.file = file;
    return open_sqlite_store(options);
  }
  void open() {
    auto opened = try_open(file_);
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
  }
  void fill() {
    auto vector = commit_of("v", "with a vector");
    vector.vector = {1, 2};
    auto ok = store_->write(
        std::vector<WriteOp>{commit_of("a", "hello"), commit_of("b", "world"), vector});
    ASSERT_TRUE(ok);
  }
  // Changes the file behind the store's back.
  void damage(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &database), SQLITE_OK);
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, &error), SQLITE_OK) << error;
    sqlite3_close(database);
  }
  bool finds(const std::string& what) {
    auto findings = value_of(store_->check());
    for (const auto& finding : findings)
      if (finding.find(what) != std::string::npos) return true;
    ADD_FAILURE() << "not found: " << what << "; but " << testing::PrintToString(findings);
    return false;
  }

  TemporaryFolder folder_;
  std::string file_ = folder_.file("store.db");
  std::unique_ptr<Store> store_;
};

TEST_F(SqliteFile, CheckFindsNothingInASoundStore) {
  fill();
  EXPECT_TRUE(value_of(store_->check()).empty());
}

TEST_F(SqliteFile, CheckFindsWhatDoesNotFit) {
  fill();
  damage("INSERT INTO chunks VALUES(999 << 20, 'default', 'orphan', 0, 0, x'00')");
  EXPECT_TRUE(finds("orphan chunk: default/orphan"));
  damage("UPDATE documents SET chunk_count = 7 WHERE id = 'a'");
  EXPECT_TRUE(finds("wrong chunk count: default/a"));
  damage("UPDATE collections SET documents = 9");
  EXPECT_TRUE(finds("wrong document count of collection: default"));
  damage("UPDATE chunks SET end_point = 100 WHERE number >> 20 = "
         "(SELECT doc FROM documents WHERE id = 'b')");
  EXPECT_TRUE(finds("chunk outside its text: default/b"));
  damage("UPDATE texts SET text = CAST(x'fffe' AS TEXT) WHERE doc = "
         "(SELECT doc FROM documents WHERE id = 'a')");
  EXPECT_TRUE(finds("text is not UTF-8: default/a"));
  damage("DELETE FROM texts WHERE doc = (SELECT doc FROM documents WHERE id = 'b')");
  EXPECT_TRUE(finds("live document without text: default/b"));
  damage("DELETE FROM vectors");
  EXPECT_TRUE(finds("wrong vector flag: default/v"));
  damage("UPDATE documents SET seq = 77 WHERE id = 'a'");
  EXPECT_TRUE(finds("sequence number from the future: default/a"));
  damage("UPDATE documents SET live_version = 5 WHERE id = 'v'");
  EXPECT_TRUE(finds("newest version is not live: default/v"));
  damage("INSERT INTO tombstones VALUES('default', 'a', 1, 1, 1, 1)");
  EXPECT_TRUE(finds("deletion of a live document: default/a"));
  damage("DELETE FROM documents WHERE id = 'a'");
  EXPECT_TRUE(finds("text without a live document"));
  EXPECT_TRUE(finds("foreign key"));
}

TEST_F(SqliteFile, CheckFindsDuplicateChunkIds) {
  fill();
  damage("DROP INDEX chunks_by_id;"
         "UPDATE chunks SET id = 'same'");
  EXPECT_TRUE(finds("duplicate chunk id: default/same"));
}

TEST_F(SqliteFile, CheckFindsDamagedPages) {
  std::vector<WriteOp> ops;
  for (int i = 0; i < 200; ++i) ops.push_back(commit_of(std::to_string(i), std::string(3000, 'x')));
  ASSERT_TRUE(store_->write(ops));
  store_.reset(); // copies the WAL back
  auto size = std::filesystem::file_size(file_);
  {
    std::fstream raw(file_, std::ios::in | std::ios::out | std::ios::binary);
    raw.seekp(static_cast<std::streamoff>(size / 2 / 4096 * 4096));
    raw << std::string(8192, '\x5a');
  }
  open();
  EXPECT_FALSE(value_of(store_->check()).empty());
}

TEST_F(SqliteFile, ABackupIsAWholeStore) {
  fill();
  auto copy = folder_.file("backup.db");
  auto ok = store_->backup_to(copy);
  ASSERT_TRUE(ok) << ok.error().detail;
  ASSERT_TRUE(store_->write(std::vector<WriteOp>{commit_of("later", "not in the backup")}));
  auto restored = try_open(copy);
  ASSERT_TRUE(restored) << restored.error().detail;
  EXPECT_EQ((*restored)->content(key_of("a"))->text, "hello");
  EXPECT_EQ((*restored)->content(key_of("v"))->vector, (std::vector<float>{1, 2}));
  EXPECT_FALSE((*restored)->document(key_of("later")));
  EXPECT_EQ(*(*restored)->last_seq(), 1U);
  EXPECT_TRUE(value_of((*restored)->check()).empty());
  EXPECT_TRUE((*restored)->write(std::vector<WriteOp>{commit_of("new", "goes on")}));
}

TEST_F(SqliteFile, ABackupNeedsNoOtherFile) {
  fill();
  ASSERT_TRUE(store_->backup_to(folder_.file("backup.db")));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("backup.db-wal")));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("backup.db-journal")));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("backup.db.partial")));
}

TEST_F(SqliteFile, ABackupNeverOverwrites) {
  fill();
  EXPECT_EQ(store_->backup_to(file_).error().code, Errc::already_exists);
  EXPECT_FALSE(store_->backup_to(folder_.file("no/such/folder/backup.db")));
}

TEST_F(SqliteFile, ANameOfAFileIsNeeded) {
  EXPECT_EQ(try_open(":memory:").error().code, Errc::invalid_argument);
  EXPECT_EQ(try_open("").error().code, Errc::invalid_argument);
  EXPECT_FALSE(try_open(folder_.file("no/such/folder/store.db")));
}

TEST_F(SqliteFile, AFileThatIsNotOursIsNotTouched) {
  auto garbage = folder_.file("garbage");
  std::ofstream(garbage) << std::string(5000, 'g');
  EXPECT_EQ(try_open(garbage).error().code, Errc::corrupt);
  store_.reset();
  file_ = folder_.file("other.db");
  damage("CREATE TABLE somebody_elses(x)");
  EXPECT_EQ(try_open(file_).error().code, Errc::corrupt);
}

TEST_F(SqliteFile, ASchemaThatIsTooNewIsRefusedClearly) {
  fill();
  store_.reset();
  damage("INSERT INTO schema_version VALUES(99, 'from the future', 98, 0)");
  auto refused = try_open(file_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_NE(refused.error().detail.find("schema 99"), std::string::npos) << refused.error().detail;
  EXPECT_NE(refused.error().detail.find("from the future"), std::string::npos);
}

TEST_F(SqliteFile, ANewerSchemaThatAllowsThisCodeIsOpened) {
  fill();
  store_.reset();
  damage("ALTER TABLE documents ADD COLUMN from_the_future INTEGER NOT NULL DEFAULT 0;"
         "INSERT INTO schema_version VALUES(99, 'expands only', 1, 0)");
  open();
  EXPECT_EQ(store_->content(key_of("a"))->text, "hello");
  EXPECT_TRUE(store_->write(std::vector<WriteOp>{commit_of("a", "goes on")}));
}

TEST_F(SqliteFile, AnOlderSchemaIsBroughtUpToDate) {
  auto old = folder_.file("old.db");
  {
    auto connection = value_of(sqlite::Connection::open(old, sqlite::Access::read_write));
    auto ok = sqlite::migrate(*connection, 0, sqlite::migrations().first(1));
    ASSERT_TRUE(ok) << ok.error().detail;
  }
  auto opened = try_open(old);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_TRUE((*opened)->write(std::vector<WriteOp>{SaveJobOp{"j", "", "k", "s", "{}", 1}}));
  EXPECT_TRUE((*opened)->job("j"));
}

TEST_F(SqliteFile, TheReleaseBeforeWritesToTheSchemaWithOwners) {
  fill();
  store_.reset();
  // The statements of schema 4.
  damage("INSERT INTO documents(collection, id, version, live_version, epoch, seq, change_kind, "
         "state, made_id, bytes, created_ms, updated_ms, chunk_count, entity_count, attempts, "
         "has_vector, title, filename, mime, content_hash, blob, metadata) "
         "VALUES('default', 'old', 1, 0, 1, 0, 0, 0, 0, 3, 5, 5, 0, 0, 0, 0, '', '', '', 'h', '', "
         "'{}');"
         "UPDATE collections SET documents = documents + 1 WHERE name = 'default';"
         "INSERT OR REPLACE INTO jobs(id, collection, kind, state, body, updated_ms) "
         "VALUES('j', '', 'bulk', 'running', '{}', 1)");
  open();
  EXPECT_EQ(store_->document(key_of("old"))->owner, "");
  std::vector<WriteOp> ops{ClaimOp{key_of("old"), 1, "n"}, ClaimJobOp{"j", "", "n"}};
  auto summary = value_of(store_->write(ops));
  for (const auto& result : summary.results) EXPECT_FALSE(result.error) << result.error->detail;
  EXPECT_EQ(value_of(store_->check()), std::vector<std::string>{});
}

TEST_F(SqliteFile, AMigrationThatFailsLeavesTheSchemaAsItWas) {
  auto old = folder_.file("old.db");
  auto connection = value_of(sqlite::Connection::open(old, sqlite::Access::read_write));
  std::vector<sqlite::Migration> broken(sqlite::migrations().begin(), sqlite::migrations().end());
  broken[1].sql = "CREATE TABLE half(x); CREATE TABLE half(x)";
  EXPECT_FALSE(sqlite::migrate(*connection, 0, broken));
  EXPECT_FALSE(connection->query("SELECT 1 FROM sqlite_schema WHERE name = 'half'").next());
  EXPECT_TRUE(sqlite::migrate(*connection, 0));
}

} // namespace
} // namespace graphrag::runtime
