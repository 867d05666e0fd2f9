#include "cluster_chaos.hpp"

#include <unistd.h>

namespace graphrag::test {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t first_documents = 200;

fs::path folder_of_failure() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return fs::temp_directory_path() / ("graphrag-chaos-" + std::string{test->test_suite_name()} +
                                      "." + test->name() + "-" + std::to_string(::getpid()));
}

} // namespace

void ClusterFixture::SetUp() {
  if (const auto why = PostgresServer::why_not(); !why.empty())
    GTEST_SKIP() << "NOT TESTED: a cluster of nodes. " << why;
  make_cluster(3);
}

void ClusterFixture::make_cluster(std::size_t nodes, TestNetwork* network,
                                  std::vector<std::string> roles, const std::string& binary) {
  folder_ = std::make_unique<TempDir>();
  history_ = std::make_unique<ClientHistory>(folder_->path() / "history.jsonl");
  cluster_ = std::make_unique<TestCluster>(nodes, std::vector<std::string>{}, network,
                                           std::move(roles), binary);
  ASSERT_TRUE(eventually([&] { return cluster_->settled(); })) << cluster_->logs();
  std::vector<Address> gateways;
  for (std::size_t i = 0; i < nodes; ++i)
    if (cluster_->serves(i)) gateways.push_back(cluster_->gateway(i));
  load_ = std::make_unique<ClusterLoad>(gateways, first_documents, history_.get());
  for (std::size_t i = 0; i < gateways.size(); ++i)
    ASSERT_TRUE(eventually([&] { return load_->check(gateways[i]).empty(); })) << i;
}

void ClusterFixture::TearDown() {
  load_.reset();
  if (!HasFailure() || !cluster_) return;
  const auto kept = folder_of_failure();
  fs::create_directories(kept);
  cluster_->keep_logs(kept);
  history_->flush();
  fs::copy_file(folder_->path() / "history.jsonl", kept / "history.jsonl",
                fs::copy_options::overwrite_existing);
  ADD_FAILURE() << "the history of the clients and all logs are kept in " << kept.string();
}

void ClusterFixture::begin_load(std::chrono::milliseconds pause) {
  loaded_ = true;
  load_->begin(pause);
}

void ClusterFixture::more_load() {
  if (loaded_) {
    const auto asked = load_->asked_so_far(), written = load_->written_so_far();
    ASSERT_TRUE(eventually([&] {
      return load_->asked_so_far() > asked + 50 && load_->written_so_far() > written + 20;
    })) << load_->asked_so_far() - asked
        << " questions, " << load_->written_so_far() - written << " writes";
    return;
  }
  std::size_t looked_at = 0;
  for (std::size_t i = 0; i < cluster_->size(); ++i) {
    if (!cluster_->runs(i) || !cluster_->serves(i) || !cluster_->ready(i)) continue;
    ++looked_at;
    const auto wrong = load_->check(cluster_->gateway(i));
    EXPECT_TRUE(wrong.empty()) << "node " << i << ", " << wrong.size() << ": " << wrong.front();
  }
  EXPECT_GT(looked_at, 0U) << "somebody is ready";
}

void ClusterFixture::expect_settled(seconds within) {
  ASSERT_TRUE(eventually([&] { return cluster_->settled(); }, within));
}

void ClusterFixture::kill(std::size_t i) {
  say("kill node " + std::to_string(i));
  cluster_->kill(i);
}

void ClusterFixture::restart(std::size_t i) {
  say("start node " + std::to_string(i));
  cluster_->start(i);
  if (cluster_->serves(i)) load_->set_gateway(i, cluster_->gateway(i));
}

ClusterLoad::Result ClusterFixture::end_of_load() {
  auto result = load_->end();
  loaded_ = false;
  EXPECT_TRUE(eventually([&] { return cluster_->settled(); }));
  EXPECT_TRUE(result.wrong.empty()) << result.wrong.size() << ": " << result.wrong.front();
  for (std::size_t i = 0; i < cluster_->size(); ++i) {
    if (!cluster_->runs(i) || !cluster_->serves(i)) continue;
    std::vector<std::string> wrong;
    EXPECT_TRUE(eventually([&] {
      wrong = load_->check(cluster_->gateway(i));
      return wrong.empty();
    })) << "node "
        << i << ", " << wrong.size() << ": " << wrong.front();
  }
  std::printf("%zu questions, p50 %.1f ms, p99 %.1f ms, longest %.1f ms; %zu writes, %zu "
              "removals, %zu connections tried again\n",
              result.asked, result.quantile(0.5), result.quantile(0.99), result.quantile(1),
              result.written, result.removed, result.retried);
  std::map<int, std::size_t> failed;
  for (const auto& failure : result.failed) ++failed[failure.gateway];
  for (const auto& [gateway, count] : failed)
    std::printf("%zu without an answer at gateway %d\n", count, gateway);
  return result;
}

void ClusterFixture::none_failed(const ClusterLoad::Result& result, const std::set<int>& but) {
  std::size_t failed = 0;
  std::string first;
  for (const auto& failure : result.failed)
    if (!but.contains(failure.gateway) && failed++ == 0) first = failure.why;
  EXPECT_EQ(failed, 0U) << first;
}

std::uint64_t ClusterFixture::view_of(std::size_t i) {
  const auto seen = cluster_->status(i, TestCluster::only_look);
  return seen.is_object() ? seen["view"].get<std::uint64_t>() : 0;
}

bool ClusterFixture::members_are(std::size_t count, std::size_t seen_by) {
  const auto seen = cluster_->status(seen_by, TestCluster::only_look);
  return seen.is_object() && seen["members"].size() == count;
}

} // namespace graphrag::test
