// One random fault after the other, for as long as one likes:
//
//   SOAK_FAULTS=500 build/release/tests/chaos --gtest_filter='SoakCluster.*'
//
// The seed is printed; SOAK_SEED takes one, which makes the same faults in the same order.
// Node 1 lives through it all, so its memory, threads and file descriptors must come back to what
// they were.
#include <csignal>
#include <random>

#include "cluster_chaos.hpp"
#include "tests/support/process_size.hpp"

namespace graphrag::test {
namespace {

using std::chrono::milliseconds;
constexpr std::size_t survivor = 1;
constexpr int faults_of_round = 10; // then every document is looked for at every node
constexpr milliseconds pause{50};

int number_of(const char* variable) {
  const char* text = std::getenv(variable);
  return text ? std::atoi(text) : 0;
}

class SoakCluster : public ClusterFixture {
protected:
  void SetUp() override {
    faults_ = number_of("SOAK_FAULTS");
    if (faults_ <= 0) GTEST_SKIP() << "SOAK_FAULTS=500 runs it";
    auto why = PostgresServer::why_not();
    if (why.empty()) why = TestNetwork::why_not();
    if (!why.empty()) GTEST_SKIP() << "NOT TESTED: the soak. " << why;
    const auto given = number_of("SOAK_SEED");
    const auto seed = given ? static_cast<unsigned>(given) : std::random_device{}() % 1'000'000 + 1;
    std::printf("SOAK_SEED=%u\n", seed);
    random_.seed(seed);
    network_ = std::make_unique<TestNetwork>(4, seed);
    make_cluster(3, network_.get());
  }
  void TearDown() override {
    ClusterFixture::TearDown();
    cluster_.reset();
  }

  int upto(int most) { return std::uniform_int_distribution<>{1, most}(random_); }
  // The survivor is only hurt for less than its lease.
  void hold(std::size_t node) {
    std::this_thread::sleep_for(milliseconds{1'500 + upto(node == survivor ? 1'000 : 8'000)});
  }
  void lines(std::size_t node, const TestNetwork::Line& line, bool out, bool in) {
    for (std::size_t peer = 0; peer < 3; ++peer) {
      if (peer == node) continue;
      if (out) network_->set(node + 1, peer + 1, line);
      if (in) network_->set(peer + 1, node + 1, line);
    }
  }
  std::uint64_t stopped(std::size_t node) const { // packets from and to it
    std::uint64_t sum = 0;
    for (std::size_t place = 0; place < 4; ++place)
      for (const auto& way :
           {network_->counted(node + 1, place), network_->counted(place, node + 1)})
        sum += way.cut + way.delayed;
    return sum;
  }

  // One fault and its end. What it was.
  std::string fault() {
    const auto node = random_() % 3;
    hurt_ = static_cast<int>(node);
    const auto name = " node " + std::to_string(node);
    const auto note = [&](const std::string& what) {
      say(what);
      return what;
    };
    const auto on_lines = [&](const std::string& what, const auto& begin) {
      note(what);
      const auto before = stopped(node);
      begin();
      hold(node);
      network_->heal();
      EXPECT_GT(stopped(node), before) << what << ": not observed";
      return what;
    };
    const TestNetwork::Line cut{.cut = true};
    const TestNetwork::Line slow{
        .delay = milliseconds{100}, .jitter = milliseconds{50}, .loss = 0.01};
    switch (upto(9)) {
    case 1:
      if (node == survivor) break;
      note("kill" + name);
      cluster_->kill(node);
      hold(node);
      return "kill" + name;
    case 2:
      if (node == survivor) break;
      note("SIGTERM to" + name);
      EXPECT_EQ(cluster_->stop(node), 0);
      hold(node);
      return "SIGTERM to" + name;
    case 3:
      return on_lines("cut off" + name, [&] {
        lines(node, cut, true, true);
        network_->set_both(node + 1, 0, cut);
      });
    case 4:
      return on_lines("cut from peers" + name, [&] { lines(node, cut, true, true); });
    case 5:
      return on_lines("cut from the database" + name,
                      [&] { network_->set_both(node + 1, 0, cut); });
    case 6:
      return on_lines("nothing from" + name, [&] { lines(node, cut, true, false); });
    case 7:
      return on_lines("nothing to" + name, [&] { lines(node, cut, false, true); });
    case 8:
      return on_lines("slow lines of" + name, [&] { lines(node, slow, true, true); });
    default:
      break;
    }
    if (node == survivor || upto(3) == 1) {
      note("the database restarts");
      hurt_ = nobody;
      cluster_->database().kill();
      std::this_thread::sleep_for(milliseconds{upto(5'000)});
      cluster_->database().start();
      return "the database restarts";
    }
    note("stands still," + name);
    cluster_->node(node).stand_still();
    hold(node);
    cluster_->node(node).signal(SIGCONT);
    return "stands still," + name;
  }
  // Questions may fail at the node that was hurt only.
  void judge_failures() {
    const auto failed = load_->failed_so_far();
    for (; judged_ < failed.size(); ++judged_)
      EXPECT_EQ(failed[judged_].gateway, hurt_) << failed[judged_].why;
  }
  void start_who_ended() {
    for (std::size_t i = 0; i < 3; ++i)
      if (!cluster_->runs(i) || cluster_->node(i).ended()) restart(i);
  }
  bool whole() {
    start_who_ended();
    return cluster_->settled();
  }
  // A new load over the same first documents, without what the last one wrote.
  void next_load() {
    ASSERT_TRUE(eventually([&] { return load_->remove_written(cluster_->gateway(survivor)); }));
    std::vector<Address> gateways;
    for (std::size_t i = 0; i < 3; ++i) gateways.push_back(cluster_->gateway(i));
    load_ = std::make_unique<ClusterLoad>(gateways, 200, history_.get());
  }
  ProcessSize survivor_size() { return size_of(cluster_->node(survivor).pid()); }
  static void print(const char* when, const ProcessSize& size) {
    std::printf("%s: %zu descriptors, %zu threads, %zu MiB\n", when, size.descriptors, size.threads,
                size.resident_kib / 1024);
  }

  static constexpr int nobody = -2;
  int faults_ = 0, hurt_ = nobody;
  std::size_t judged_ = 0;
  std::mt19937 random_;
  std::unique_ptr<TestNetwork> network_;
};

TEST_F(SoakCluster, NothingIsLostAndAllComesBack) {
  const auto pid = cluster_->node(survivor).pid();
  begin_load(pause);
  for (int i = 0; i < 5; ++i) more_load();
  const auto before = survivor_size();
  print("before", before);
  std::map<std::string, int> counted;
  std::size_t failed = 0;
  for (int done = 0; done < faults_;) {
    for (int i = 0; i < faults_of_round && done < faults_; ++i, ++done) {
      const auto what = fault();
      ++counted[what.substr(0, what.find(" node"))];
      ASSERT_TRUE(eventually([&] { return whole(); }, seconds(180))) << "after " << what;
      more_load();
      judge_failures();
      ASSERT_FALSE(HasFailure()) << "after " << what << ", fault " << done + 1;
    }
    failed += end_of_load().failed.size();
    judged_ = 0;
    ASSERT_FALSE(HasFailure()) << "after " << done << " faults";
    next_load();
    std::printf("%d faults\n", done);
    std::fflush(stdout);
    begin_load(pause);
    more_load();
  }
  end_of_load();
  for (const auto& [what, times] : counted) std::printf("%s: %d\n", what.c_str(), times);
  std::printf("%zu questions without an answer\n", failed);
  ASSERT_EQ(cluster_->node(survivor).pid(), pid) << "it lived through it all";
  EXPECT_TRUE(eventually([&] {
    return survivor_size().descriptors <= before.descriptors + 5 &&
           survivor_size().threads <= before.threads + 2;
  }));
  const auto after = survivor_size();
  print("after", after);
  EXPECT_LE(after.resident_kib, before.resident_kib * 5 / 4 + 64 * 1024);
}

} // namespace
} // namespace graphrag::test
