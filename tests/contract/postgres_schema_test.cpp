// Migrations of the PostgreSQL store, what it refuses to open, and values that PostgreSQL itself
// would not take.
#include <set>

#include "runtime/store/postgres/migrations.hpp"
#include "runtime/store/postgres/postgres_member_rows.hpp"
#include "tests/contract/postgres_fixture.hpp"

namespace graphrag::runtime {
namespace {

class PostgresSchema : public testing::Test {
protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    database_ = std::make_unique<EmptyDatabase>();
  }
  std::string sql(const std::string& statement) {
    return test::PostgresServer::shared().sql(statement, database_->name());
  }
  Result<std::unique_ptr<Store>> open() {
    return open_postgres_store(options_for(database_->url()));
  }

  std::unique_ptr<EmptyDatabase> database_;
};

TEST_F(PostgresSchema, ANewerSchemaOpensWhenItAllowsThisCode) {
  ASSERT_TRUE(open());
  sql("ALTER TABLE documents ADD COLUMN from_the_future bigint NOT NULL DEFAULT 0");
  sql("INSERT INTO graphrag_schema VALUES(900, 'future', 1, now())");
  auto store = open();
  ASSERT_TRUE(store) << store.error().detail;
  std::vector<WriteOp> ops{commit_of("a", "text")};
  EXPECT_TRUE((*store)->write(ops));
}

// What the code of schema 2 writes for a live document of one chunk, beside newer nodes or before
// there were any.
const char* const rows_of_schema_2 =
    "INSERT INTO documents(document_id, collection, id, version, live_version, epoch, seq, bytes, "
    "created_at, updated_at, chunk_count, entity_count, attempts, change_kind, state, made_id, "
    "has_vector, error_retryable, title, filename, mime, content_hash, blob, error_code, "
    "error_detail, metadata) "
    "SELECT nextval('document_numbers'), 'default', 'old' || i, 1, 1, 1, 0, 3, now(), now(), 0, 0, "
    "0, 0, 1, false, false, false, '', '', '', 'h', '', NULL, '', '{}' "
    "FROM generate_series($from, $to) i;"
    "INSERT INTO texts(document_id, collection, bytes, updated_at, analysis_version, title, "
    "filename, mime, content_hash, blob, metadata, text) "
    "SELECT document_id, 'default', 3, now(), 1, '', '', '', 'h', '', '{}', 'old' FROM documents "
    "WHERE document_id NOT IN (SELECT document_id FROM texts);"
    "UPDATE collections SET documents = (SELECT count(*) FROM documents)";

std::string old_rows(int from, int to) {
  std::string sql = rows_of_schema_2;
  sql.replace(sql.find("$from"), 5, std::to_string(from));
  return sql.replace(sql.find("$to"), 3, std::to_string(to));
}

TEST_F(PostgresSchema, DocumentsOfOlderNodesAreFound) {
  {
    postgres::Pool pool({.url = database_->url()});
    auto old = postgres::migrate(pool, std::chrono::seconds(30), postgres::migrations().first(2));
    ASSERT_TRUE(old) << old.error().detail;
  }
  sql(old_rows(1, 2'500)); // more than a page
  auto store = value_of(open());
  sql(old_rows(2'501, 2'600)); // of a node of the release before, beside this one
  std::set<std::string> seen;
  EXPECT_TRUE(store->scan_live([&](DocumentContent&& content) {
    EXPECT_EQ(content.text, "old");
    EXPECT_TRUE(seen.insert(content.record.key.id).second);
    return true;
  }));
  EXPECT_EQ(seen.size(), 2'600U);
  EXPECT_EQ(value_of(store->document(key_of("old2600"))).owner, "");
  EXPECT_EQ(value_of(store->check()), std::vector<std::string>{});
}

TEST_F(PostgresSchema, JobsAndClaimsOfOlderNodesAreOfNobody) {
  auto store = value_of(open());
  sql("INSERT INTO jobs(id, collection, kind, state, body, updated_at) "
      "VALUES('j', '', 'bulk', 'running', '{}', now())");
  std::vector<WriteOp> ops{ClaimJobOp{"j", "", "one"}};
  EXPECT_FALSE(value_of(store->write(ops)).results.at(0).error);
  // What the older code does to a job that somebody owns: the owner stays.
  sql("INSERT INTO jobs(id, collection, kind, state, body, updated_at) "
      "VALUES('j', '', 'bulk', 'running', '{2}', now()) ON CONFLICT(id) DO UPDATE SET "
      "collection = excluded.collection, kind = excluded.kind, state = excluded.state, "
      "body = excluded.body, updated_at = excluded.updated_at");
  EXPECT_EQ(value_of(store->job("j")).owner, "one");
}

// What the code of schema 6 does with its member, beside newer nodes: it knows no `needed_after`.
TEST_F(PostgresSchema, MembersOfOlderNodesDoNotSayWhatTheyNeed) {
  {
    postgres::Pool pool({.url = database_->url()});
    ASSERT_TRUE(postgres::migrate(pool, std::chrono::seconds(30), postgres::migrations().first(6)));
  }
  const auto come = [&](const char* ordinal) {
    sql(std::string{"INSERT INTO cluster_member(ordinal, incarnation, renewal, expires_at, body) "
                    "VALUES("} +
        ordinal + ", 7, 0, now(), 'x')");
  };
  come("1");
  const auto rows = value_of(open_postgres_member_rows({.url = database_->url()}));
  come("2");
  sql("UPDATE cluster_member SET renewal = 1, body = 'y', expires_at = now() + interval '1 day'");
  const auto table = value_of(rows->read());
  ASSERT_EQ(table.members.size(), 2U);
  for (const auto& member : table.members) {
    EXPECT_EQ(member.body, "y");
    EXPECT_EQ(member.needed_after, 0U);
  }
  EXPECT_EQ(value_of(rows->renew({{2, 7}, 2, "z", std::chrono::seconds(6), 9}))
                .members.at(1)
                .needed_after,
            9U);
}

TEST_F(PostgresSchema, ANewerSchemaThatNeedsNewerCodeIsRefusedAndSaysWhatToDo) {
  ASSERT_TRUE(open());
  sql("INSERT INTO graphrag_schema VALUES(900, 'future', 900, now())");
  auto store = open();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::conflict);
  EXPECT_NE(store.error().detail.find("start a newer program"), std::string::npos);
}

TEST_F(PostgresSchema, TablesOfSomebodyElseAreNotTouched) {
  sql("CREATE TABLE documents(theirs int)");
  auto store = open();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::corrupt);
  EXPECT_EQ(sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "1\n");
}

TEST_F(PostgresSchema, AMigrationThatFailsLeavesNothingBehind) {
  ASSERT_TRUE(open());
  postgres::Pool pool({.url = database_->url()});
  const postgres::Migration broken[] = {
      {900, 1, "broken", "CREATE TABLE half(x int); CREATE TABLE half(x int)"}};
  EXPECT_FALSE(postgres::migrate(pool, std::chrono::seconds(30), broken));
  EXPECT_EQ(sql("SELECT to_regclass('half') IS NULL"), "t\n");
  EXPECT_EQ(sql("SELECT count(*) FROM graphrag_schema WHERE number = 900"), "0\n");
}

TEST_F(PostgresSchema, HasTheIndexesOfTheSpecification) {
  ASSERT_TRUE(open());
  EXPECT_NE(
      sql("SELECT indexdef FROM pg_indexes WHERE tablename = 'documents'").find("(created_at)"),
      std::string::npos);
  EXPECT_NE(
      sql("SELECT indexdef FROM pg_indexes WHERE tablename = 'chunks'").find("(document_id, "),
      std::string::npos);
}

TEST_F(PostgresSchema, TextsThatPostgresWouldNotTakeComeBackAsTheyWere) {
  auto store = open();
  ASSERT_TRUE(store);
  auto op = commit_of("a", "text");
  op.input.title = std::string("nul \0, one \1, \1 0 and \xF0\x9F\x98\x80", 26);
  op.input.filename = std::string("\0\0\1\1", 4);
  op.chunks.front().facts = std::string("\0\xff\1", 3);
  std::vector<WriteOp> ops{op};
  ASSERT_FALSE((*store)->write(ops)->results.at(0).error);
  auto content = (*store)->content(op.input.key);
  ASSERT_TRUE(content);
  EXPECT_EQ(content->record.title, op.input.title);
  EXPECT_EQ(content->record.filename, op.input.filename);
  EXPECT_EQ(content->chunks.at(0).facts, op.chunks.front().facts);
}

TEST_F(PostgresSchema, BackupSaysWhatToUseInstead) {
  auto store = open();
  ASSERT_TRUE(store);
  auto refused = (*store)->backup_to("/nowhere");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("pg_dump"), std::string::npos);
}

TEST_F(PostgresSchema, ThePoolHandsOutWhatItMayAndNoMore) {
  postgres::Pool pool(
      {.url = database_->url(), .kept = 1, .overflow = 1, .wait = std::chrono::milliseconds(50)});
  {
    auto first = pool.borrow(), second = pool.borrow();
    ASSERT_TRUE(first && second);
    auto third = pool.borrow();
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, Errc::overloaded);
    EXPECT_EQ(pool.open_connections(), 2U);
  }
  EXPECT_EQ(pool.open_connections(), 1U) << "the overflow is closed";
  EXPECT_TRUE(pool.borrow());
}

TEST_F(PostgresSchema, AConnectionThatTheServerClosedIsNotLent) {
  postgres::Pool pool({.url = database_->url()});
  { ASSERT_TRUE(pool.borrow()); }
  sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'graphrag' "
      "AND datname = current_database()");
  ASSERT_TRUE(eventually([&] {
    auto lease = pool.borrow();
    postgres::Statement question("SELECT 1");
    return lease && (*lease)->fly(std::span(&question, 1), std::chrono::seconds(5));
  }));
}

TEST_F(PostgresSchema, AnOldConnectionIsReplaced) {
  postgres::Pool pool({.url = database_->url(), .recycle = std::chrono::milliseconds(0)});
  auto process_of_next = [&] {
    auto lease = pool.borrow();
    postgres::Statement question("SELECT pg_backend_pid()::bigint");
    return (*(*lease)->fly(std::span(&question, 1), std::chrono::seconds(5)))[0][0].integer(0);
  };
  auto first = process_of_next();
  EXPECT_NE(process_of_next(), first);
}

} // namespace
} // namespace graphrag::runtime
