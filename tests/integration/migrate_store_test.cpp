// `graphrag migrate-store`: all of a data folder in a PostgreSQL, whatever happens on the way.
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>

#include "runtime/store/blobs/blob_key.hpp"
#include "runtime/store/blobs/postgres_blobs.hpp"
#include "runtime/store/move/comparison.hpp"
#include "runtime/store/open_store.hpp"
#include "runtime/store/postgres/connection.hpp"
#include "tests/integration/process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/fake_s3.hpp"
#include "tests/support/moved_store.hpp"
#include "tests/support/postgres_server.hpp"

namespace graphrag::test {
namespace {

using nlohmann::json;
namespace pg = runtime::postgres;
using testing::HasSubstr;

class MigrateStore : public testing::Test {
protected:
  void SetUp() override {
    if (auto why = PostgresServer::why_not(); !why.empty()) GTEST_SKIP() << "NOT TESTED: " << why;
    source = std::make_unique<MovedStore>();
    database = PostgresServer::shared().make_database();
    url = PostgresServer::shared().url(database);
  }

  std::vector<std::string> words(std::vector<std::string> more = {}) const {
    std::vector<std::string> out{"migrate-store", "--data", source->data().string(), "--to", url};
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  Finished migrate(std::vector<std::string> more = {}) const { return graphrag(words(more)); }
  std::string ask(const std::string& sql) const {
    auto out = PostgresServer::shared().sql(sql, database);
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }
  std::unique_ptr<runtime::Store> target() const {
    return std::move(*runtime::open_store({url, ""}));
  }

  // Runs it until `reached`, and kills it there.
  template <class Condition>
  void kill_when(Condition reached) {
    auto all = words();
    all.insert(all.begin(), GRAPHRAG_BINARY);
    std::vector<char*> arguments;
    for (auto& word : all) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const auto pid = ::fork();
    if (pid == 0) {
      ::close(STDOUT_FILENO);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    EXPECT_TRUE(eventually(reached));
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }

  std::unique_ptr<MovedStore> source;
  std::string database, url;
};

// Holds a lock on a table until it is destroyed.
class HeldTable {
public:
  HeldTable(const std::string& url, const std::string& table)
      : connection_(std::move(*pg::Connection::open(url, std::chrono::seconds(5)))) {
    std::vector<pg::Statement> flight;
    flight.emplace_back("BEGIN");
    flight.emplace_back("LOCK TABLE " + table + " IN SHARE MODE");
    EXPECT_TRUE(connection_->fly(flight, std::chrono::seconds(20)));
  }

private:
  std::unique_ptr<pg::Connection> connection_;
};

TEST_F(MigrateStore, SaysWhatItComparedAndThatAllWasThereBefore) {
  auto ended = migrate();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out,
              HasSubstr("library: 29 documents, 29 passages, 0 with vectors, 1 verdicts, "
                        "1 jobs, sha256 "));
  EXPECT_THAT(ended.out, HasSubstr("copied, and both sides are the same"));
  ended = migrate();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("it was copied before, and both sides are the same"));
}

TEST_F(MigrateStore, AnythingThatDiffersIsAFinding) {
  ASSERT_EQ(migrate().code, 0);
  const auto finds = [&](const std::string& change, const std::string& undo,
                         const std::string& finding) {
    ask(change);
    const auto ended = migrate();
    EXPECT_EQ(ended.code, 1) << change;
    EXPECT_THAT(ended.out, HasSubstr(finding)) << change;
    ask(undo);
    EXPECT_EQ(migrate().code, 0) << undo;
  };
  finds("UPDATE texts SET text = text || '.' WHERE collection = 'library'",
        "UPDATE texts SET text = left(text, -1) WHERE collection = 'library'",
        "collection library differs");
  finds(
      "UPDATE chunks SET facts = facts || 'x'::bytea WHERE collection = 'default'",
      "UPDATE chunks SET facts = substr(facts, 1, length(facts) - 1) WHERE collection = 'default'",
      "collection default differs");
  finds("UPDATE verdicts SET same = NOT same", "UPDATE verdicts SET same = NOT same",
        "collection library differs");
  finds("UPDATE replies SET status = status + 1", "UPDATE replies SET status = status - 1",
        "the rows of replies differ");
  finds("UPDATE documents SET created_at = created_at + interval '1 ms' WHERE id = 'last'",
        "UPDATE documents SET created_at = created_at - interval '1 ms' WHERE id = 'last'",
        "collection default differs");
  finds("UPDATE blob_parts SET bytes = bytes || 'x'::bytea",
        "UPDATE blob_parts SET bytes = substr(bytes, 1, length(bytes) - 1)", "blob ");
}

TEST_F(MigrateStore, KilledBetweenRowsItLeavesNoneAndStartsAgain) {
  ASSERT_TRUE(target()); // makes the tables
  const auto before = runtime::move::contents_of(*source->store());
  for (const char* table : {"texts", "replies"}) {
    HeldTable held{url, table};
    const auto waits =
        std::string{"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '"} + table +
        "'::regclass";
    kill_when([&] { return ask(waits) != "0"; });
    EXPECT_EQ(ask("SELECT count(*) FROM documents"), "0");
    EXPECT_EQ(ask("SELECT count(*) FROM blobs"), std::to_string(MovedStore::files + 2));
  }
  EXPECT_EQ(*runtime::move::contents_of(*source->store()), *before) << "the source is as it was";
  const auto ended = migrate({"--json"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(json::parse(ended.out, nullptr, false)["blobs_copied"], 0) << "they were there";
  EXPECT_EQ(*runtime::move::contents_of(*target()), *before);
}

TEST_F(MigrateStore, KilledBetweenFilesItGoesOnWithTheRest) {
  ASSERT_TRUE(target());
  ask("CREATE FUNCTION stop_after_five() RETURNS trigger LANGUAGE plpgsql AS "
      "'BEGIN IF (SELECT count(*) FROM blobs) >= 5 THEN PERFORM pg_sleep(60); END IF; "
      "RETURN NEW; END'; CREATE TRIGGER stop BEFORE INSERT ON blobs FOR EACH ROW "
      "EXECUTE FUNCTION stop_after_five()");
  kill_when([&] {
    return ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != "0";
  });
  ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  ask("DROP TRIGGER stop ON blobs");
  const auto ended = migrate({"--json"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(json::parse(ended.out, nullptr, false)["blobs_copied"], MovedStore::files + 2 - 5);
}

TEST_F(MigrateStore, KilledAfterTheRowsItComparesWhatIsThere) {
  ASSERT_TRUE(target());
  kill_when([&] { return ask("SELECT count(*) FROM documents") != "0"; });
  const auto ended = migrate();
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("it was copied before, and both sides are the same"));
}

TEST_F(MigrateStore, OriginalsMayGoToS3) {
  FakeS3 s3;
  const auto options = s3.options();
  const std::vector<std::string> to_s3{
      "--blobs-to", "s3://" + options.bucket + "/" + options.prefix,
      "--set",      "blobs.endpoint=" + options.endpoint,
      "--set",      "blobs.region=" + options.region};
  const auto run = [&](std::vector<std::string> environment) {
    auto all = words(to_s3);
    return graphrag(all, environment);
  };
  auto ended = run({"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err, HasSubstr("blobs.access_key_file: keys for S3"));
  ended = run(
      {"AWS_ACCESS_KEY_ID=" + options.access_key, "AWS_SECRET_ACCESS_KEY=" + options.secret_key});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(s3.count(), MovedStore::files + 2U);
  EXPECT_EQ(ask("SELECT count(*) FROM blobs"), "0");
  EXPECT_EQ((ended.out + ended.err).find(options.secret_key), std::string::npos);
}

TEST_F(MigrateStore, RefusesWhatIsInUseOrNotEmpty) {
  {
    ServerProcess server{source->data()};
    const auto ended = migrate();
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.err, HasSubstr("is in use by pid " + std::to_string(server.pid())));
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait_for_exit(std::chrono::seconds(60)), 0);
  }
  const auto refused = [&](const std::string& why) {
    const auto ended = migrate();
    EXPECT_EQ(ended.code, 1);
    EXPECT_THAT(ended.err, HasSubstr(why));
  };
  const auto stranger = runtime::make_blob_key("");
  ASSERT_TRUE(target());
  ask("INSERT INTO blobs VALUES('" + stranger + "', 0, now())");
  refused("holds others, such as " + stranger);
  ask("DELETE FROM blobs");
  ask("INSERT INTO cluster_member VALUES(0, 1, 1, now(), '')");
  refused("not empty");
  ask("DELETE FROM cluster_member");
  const std::vector<runtime::WriteOp> other{runtime::CreateCollectionOp{"other"}};
  ASSERT_TRUE(target()->write(other));
  refused("not empty, and not a copy of this store");
  EXPECT_EQ(ask("SELECT count(*) FROM documents"), "0");
  EXPECT_EQ(ask("SELECT count(*) FROM blobs"), "0");

  url = "mysql://somewhere";
  EXPECT_EQ(migrate().code, 2);
}

} // namespace
} // namespace graphrag::test
