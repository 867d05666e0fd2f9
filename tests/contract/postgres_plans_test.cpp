// Plans of statements are kept on a connection of one's own, and never behind a pooler, where the
// next flight may meet another process of the server.
#include "tests/contract/postgres_fixture.hpp"

namespace graphrag::runtime::postgres {
namespace {

constexpr std::chrono::seconds patience{20};

class PostgresPlans : public testing::Test {
protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    database_ = std::make_unique<EmptyDatabase>();
    connection_ = connect(database_->url());
  }
  static std::unique_ptr<Connection> connect(const std::string& url) {
    return value_of(Connection::open(url, patience));
  }
  // The sum of two numbers, by a flight of two statements of one text and another.
  static std::optional<std::int64_t> sum(Connection& connection, int a, int b) {
    std::vector<Statement> flight;
    flight.emplace_back("SELECT $1 + 0", a);
    flight.emplace_back("SELECT $1 + 0", b);
    flight.emplace_back("SELECT $1 + $2", a, b);
    auto answers = connection.fly(flight, patience, Plans::kept);
    if (!answers) return std::nullopt;
    EXPECT_EQ((*answers)[0][0].integer(0), a);
    EXPECT_EQ((*answers)[1][0].integer(0), b);
    return (*answers)[2][0].integer(0);
  }
  static std::int64_t kept(Connection& connection) {
    Statement question("SELECT count(*) FROM pg_prepared_statements");
    return (*connection.fly(std::span(&question, 1), patience))[0][0].integer(0);
  }

  std::unique_ptr<EmptyDatabase> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(PostgresPlans, APlanIsKeptOncePerText) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sum(*connection_, i, 7), i + 7);
  EXPECT_EQ(kept(*connection_), 2);
}

TEST_F(PostgresPlans, AFlightThatFailedDoesNotConfuseTheNext) {
  std::vector<Statement> broken;
  broken.emplace_back("SELECT 1 / $1", 0);
  broken.emplace_back("SELECT $1 + 0", 1); // its plan is not kept any more
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(connection_->fly(broken, patience, Plans::kept));
    EXPECT_FALSE(connection_->lost());
    EXPECT_EQ(sum(*connection_, i, 3), i + 3);
  }
}

TEST_F(PostgresPlans, ThereIsABoundToThem) {
  for (int i = 0; i < 300; ++i) {
    Statement statement("SELECT " + std::to_string(i) + " + $1", 1);
    auto answers = connection_->fly(std::span(&statement, 1), patience, Plans::kept);
    ASSERT_TRUE(answers);
    EXPECT_EQ((*answers)[0][0].integer(0), i + 1);
  }
  EXPECT_LE(kept(*connection_), 200);
}

// As of a table that was empty when its plan was made: the settings stand for its size here.
TEST_F(PostgresPlans, TheyAreMadeAnewFromTimeToTime) {
  ASSERT_TRUE(connection_->run_script("CREATE TABLE t(k bigint PRIMARY KEY, v bigint);"
                                      "SET plan_cache_mode = force_generic_plan;"
                                      "SET enable_seqscan = off; SET enable_bitmapscan = off",
                                      patience));
  Statement lookup("SELECT v FROM t WHERE k = $1", 1);
  Statement explain("EXPLAIN (COSTS OFF) EXECUTE p0(1)");
  auto plan = [&] {
    auto answers = connection_->fly(std::span(&explain, 1), patience);
    return answers ? answers->front()[0].text(0) : "";
  };
  auto look_up = [&] { return connection_->fly(std::span(&lookup, 1), patience, Plans::kept); };
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(look_up());
  EXPECT_EQ(plan(), "Index Scan using t_pkey on t");
  ASSERT_TRUE(
      connection_->run_script("SET enable_seqscan = on; SET enable_indexscan = off", patience));
  ASSERT_TRUE(look_up()); // the fourth
  EXPECT_EQ(plan(), "Seq Scan on t");
}

TEST_F(PostgresPlans, WhenTheServerForgotThemTheConnectionIsGivenUp) {
  ASSERT_TRUE(sum(*connection_, 1, 2));
  ASSERT_TRUE(connection_->run_script("DEALLOCATE ALL", patience));
  EXPECT_FALSE(sum(*connection_, 1, 2));
  EXPECT_TRUE(connection_->lost()) << "so that its user takes another one";
}

TEST_F(PostgresPlans, BehindAPoolerNoneIsKept) {
  if (!test::PgBouncer::why_not().empty())
    GTEST_SKIP() << "NOT TESTED: " << test::PgBouncer::why_not();
  auto pooled = connect(shared_bouncer().url(database_->name()));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sum(*pooled, i, 7), i + 7);
  EXPECT_EQ(kept(*pooled), 0);
}

// The pool: 20 connections, 30 more under load, 30 s of waiting, an hour of life.
TEST(PostgresPool, HasTheSizesAndTimesOfTheSpecification) {
  const PostgresOptions store;
  const PoolOptions pool;
  EXPECT_EQ(store.connections, 20U);
  EXPECT_EQ(store.overflow, 30U);
  EXPECT_EQ(store.wait, std::chrono::seconds(30));
  EXPECT_EQ(store.recycle, std::chrono::hours(1));
  EXPECT_LE(pool.rest, std::chrono::seconds(2));
}

TEST_F(PostgresPlans, AConnectionThatRestedIsAskedBeforeItIsLent) {
  Pool pool({.url = database_->url(), .rest = std::chrono::milliseconds(0)});
  Statement who("SELECT pg_backend_pid()::bigint");
  std::int64_t process = 0;
  {
    auto lease = pool.borrow();
    ASSERT_TRUE(lease);
    process = (*(*lease)->fly(std::span(&who, 1), patience))[0][0].integer(0);
  }
  auto lease = pool.borrow();
  ASSERT_TRUE(lease);
  auto last = test::PostgresServer::shared().sql("SELECT query FROM pg_stat_activity WHERE pid = " +
                                                 std::to_string(process));
  EXPECT_EQ(last, "SELECT 1\n");
}

} // namespace
} // namespace graphrag::runtime::postgres
