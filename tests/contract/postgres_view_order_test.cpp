// Views and the log's numbers have one order: a write that comes before a view has a number up to
// the view's and an older version, all others have a higher number and that version or a newer one.
#include <atomic>
#include <mutex>

#include "runtime/store/postgres/postgres_member_rows.hpp"
#include "tests/contract/postgres_fixture.hpp"

namespace graphrag::runtime {
namespace {

constexpr int writers = 4;

class PostgresViewOrder : public testing::Test {
protected:
  void SetUp() override {
    SKIP_WITHOUT_POSTGRES();
    database_ = std::make_unique<EmptyDatabase>();
    rows_ = value_of(
        open_postgres_member_rows({.url = database_->url(), .timeout = std::chrono::seconds(20)}));
  }
  // Writes the view of the next version; gives the log's number at its writing.
  std::uint64_t change_view() {
    auto table = rows_->replace({.version = ++version_, .view = "view"});
    EXPECT_TRUE(table) << table.error().detail;
    return table ? table->view_seq : 0;
  }

  std::unique_ptr<EmptyDatabase> database_;
  std::unique_ptr<MemberRows> rows_;
  std::uint64_t version_ = 0;
};

TEST_F(PostgresViewOrder, AWriteSaysTheVersionOfItsInstant) {
  auto store = open_node(options_for(database_->url()));
  std::vector<WriteOp> ops{commit_of("a", "text")};
  EXPECT_EQ(store->write(ops)->view_version, 0U);
  EXPECT_EQ(change_view(), 1U);
  std::vector<WriteOp> invisible{accept_of("b", "text")};
  auto summary = store->write(invisible);
  EXPECT_EQ(summary->seq, summary->previous_seq);
  EXPECT_EQ(summary->view_version, 1U);
  ops = {DeleteOp{key_of("a")}};
  EXPECT_EQ(store->write(ops)->view_version, 1U);
  EXPECT_EQ(change_view(), 2U);
}

TEST_F(PostgresViewOrder, WritersAndViewsThatRaceAgreeOnTheirOrder) {
  struct Number {
    std::uint64_t seq, view_version;
  };
  std::mutex mutex;
  std::vector<Number> written;
  std::vector<std::uint64_t> views{0}; // by version: the number that the log had
  std::atomic<std::size_t> views_made = 0;
  std::jthread changer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      views.push_back(change_view());
      ++views_made;
    }
  });
  all_at_once(writers, [&](int who) {
    auto store = open_node(options_for(database_->url()));
    // Until there were enough of both that they met often.
    for (int i = 0; i < 40 || (views_made < 40 && i < 4000); ++i) {
      std::vector<WriteOp> ops{commit_of(std::to_string(who), std::to_string(i))};
      auto summary = store->write(ops);
      ASSERT_TRUE(summary) << summary.error().detail;
      std::lock_guard lock(mutex);
      written.push_back({summary->seq, summary->view_version});
    }
  });
  changer.request_stop();
  changer.join();
  ASSERT_GE(views.size(), 40U);
  int between = 0; // writes that saw neither no view nor the last
  for (const auto& [seq, view_version] : written) {
    ASSERT_LT(view_version, views.size());
    EXPECT_GT(seq, views[view_version]) << "it came before the view that it saw";
    if (view_version + 1 < views.size()) {
      EXPECT_LE(seq, views[view_version + 1]) << "it came after a view that it did not see";
      between += view_version > 0;
    }
  }
  EXPECT_GT(between, 10) << "nothing raced";
}

} // namespace
} // namespace graphrag::runtime
