// Blobs in PostgreSQL: parts, damage, and a connection that breaks in the middle.
#include "runtime/store/blobs/postgres_blobs.hpp"
#include "tests/contract/postgres_fixture.hpp"

namespace graphrag::runtime {
namespace {

class PostgresBlobs : public testing::Test {
protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    database_ = std::make_unique<EmptyDatabase>();
    blobs_ = open();
  }
  std::unique_ptr<BlobStore> open() {
    return value_of(open_postgres_blobs({.url = database_->url()}));
  }
  std::string sql(const std::string& statement) {
    return test::PostgresServer::shared().sql(statement, database_->name());
  }
  // Holds back whoever writes parts but the first.
  std::jthread hold_parts_after_the_first() {
    sql("CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.part > 0 THEN "
        "PERFORM pg_advisory_xact_lock(4711); END IF; RETURN NEW; END'; "
        "CREATE TRIGGER hold BEFORE INSERT ON blob_parts FOR EACH ROW EXECUTE FUNCTION hold()");
    std::jthread holder([this] {
      try {
        sql("BEGIN; SELECT pg_advisory_xact_lock(4711); SELECT pg_sleep(600)");
      } catch (const std::runtime_error&) { // it is ended below
      }
    });
    EXPECT_TRUE(eventually([&] { return waiting_for("PgSleep"); }));
    return holder;
  }
  bool waiting_for(const std::string& what) {
    return sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
               "AND wait_event = '" +
               what + "'")
        .starts_with("1");
  }
  void end_who_waits_for(const std::string& what) {
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
        "datname = current_database() AND wait_event = '" +
        what + "'");
  }

  std::unique_ptr<EmptyDatabase> database_;
  std::unique_ptr<BlobStore> blobs_;
};

TEST_F(PostgresBlobs, BytesLieInPartsOfOneMebibyte) {
  const std::size_t part = 1U << 20;
  for (auto size : {std::size_t{0}, std::size_t{1}, part, part + 1, 9 * part}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2'654'435'761U >> 13);
    auto key = value_of(blobs_->put(bytes));
    EXPECT_EQ(sql("SELECT count(*) FROM blob_parts WHERE key = '" + key + "'"),
              std::to_string((size + part - 1) / part) + "\n");
    EXPECT_EQ(value_of(blobs_->get(key)), bytes);
  }
  EXPECT_EQ(sql("SELECT max(octet_length(bytes)) FROM blob_parts"), "1048576\n");
}

TEST_F(PostgresBlobs, AnotherNodeSeesThem) {
  auto key = value_of(blobs_->put("bytes"));
  auto other = open();
  EXPECT_EQ(value_of(other->get(key)), "bytes");
  EXPECT_TRUE(other->remove(key));
  EXPECT_EQ(blobs_->get(key).error().code, Errc::not_found);
  EXPECT_EQ(sql("SELECT count(*) FROM blob_parts"), "0\n") << "nothing of it is left";
}

TEST_F(PostgresBlobs, ChangedOrMissingPartsAreCorrupt) {
  auto changed = value_of(blobs_->put("some bytes"));
  auto cut = value_of(blobs_->put(std::string((1U << 20) + 5, 'c')));
  sql("UPDATE blob_parts SET bytes = 'some bytez' WHERE key = '" + changed + "'");
  sql("DELETE FROM blob_parts WHERE part = 1 AND key = '" + cut + "'");
  EXPECT_EQ(blobs_->get(changed).error().code, Errc::corrupt);
  EXPECT_EQ(blobs_->get(cut).error().code, Errc::corrupt);
}

TEST_F(PostgresBlobs, ACrashInTheMiddleLeavesNothing) {
  auto holder = hold_parts_after_the_first();
  Result<std::string> key = fail(Errc::io, "not put");
  {
    std::jthread writer([&] { key = blobs_->put(std::string(3U << 20, 'x')); });
    ASSERT_TRUE(eventually([&] { return waiting_for("advisory"); }));
    EXPECT_TRUE(value_of(open()->list()).empty()) << "half a blob is not seen";
    end_who_waits_for("advisory");
  }
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, Errc::unavailable) << key.error().detail;
  end_who_waits_for("PgSleep");
  EXPECT_TRUE(value_of(blobs_->list()).empty());
  EXPECT_EQ(sql("SELECT count(*) FROM blob_parts"), "0\n");
  EXPECT_TRUE(blobs_->put(std::string(3U << 20, 'x'))) << "it goes on by itself";
}

TEST_F(PostgresBlobs, ASweepTakesManyAndLeavesThoseThatAreNamed) {
  std::string kept;
  for (int i = 0; i < 600; ++i) {
    auto key = value_of(blobs_->put(std::to_string(i)));
    if (i == 300) kept = key;
  }
  auto swept =
      blobs_->sweep(std::chrono::seconds(0), [&](const std::string& key) { return key == kept; });
  EXPECT_EQ(value_of(swept), 599U);
  EXPECT_EQ(value_of(blobs_->list()), std::vector<std::string>{kept});
  EXPECT_EQ(sql("SELECT count(*) FROM blob_parts"), "1\n");
}

} // namespace
} // namespace graphrag::runtime
