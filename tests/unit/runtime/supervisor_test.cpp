#include "runtime/actor/supervisor.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <random>
#include <stdexcept>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "observability/log.hpp"
#include "observability/metrics.hpp"
#include "runtime/actor/end_reason.hpp"
#include "tests/unit/runtime/actor_test_kit.hpp"

namespace {
struct Crash {};
struct Pause {};
struct Hang { // until it is opened
  std::shared_future<void> open;
};
struct Watch { // for a temporary actor
  caf::actor child;
};
} // namespace
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Crash)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Pause)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Hang)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Watch)

namespace graphrag::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Who started and ended, in order; and whether there ever were twins.
class Diary {
public:
  void started(const std::string& path) {
    std::lock_guard lock{mutex_};
    lines_.push_back("+" + path);
    if (++alive_[path] > 1) twins_ = true;
  }
  void ended(const std::string& path) {
    std::lock_guard lock{mutex_};
    lines_.push_back("-" + path);
    --alive_[path];
  }
  std::vector<std::string> take() {
    std::lock_guard lock{mutex_};
    return std::exchange(lines_, {});
  }
  bool twins() const {
    std::lock_guard lock{mutex_};
    return twins_;
  }
  int alive() const {
    std::lock_guard lock{mutex_};
    int result = 0;
    for (const auto& entry : alive_) result += entry.second;
    return result;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::map<std::string, int> alive_;
  bool twins_ = false;
};

class Worker : public MeteredActor {
public:
  Worker(caf::actor_config& config, std::string path, Diary* diary, bool deaf)
      : MeteredActor(config, {"worker", path, path}), diary_(diary) {
    diary_->started(path);
    if (deaf) set_exit_handler([](caf::exit_msg&) {});
  }
  caf::behavior make_behavior() override {
    return {[](const Crash&) { throw std::runtime_error("crash of a test"); },
            [this](const Pause&) { pause_on_dependency("the test's database"); },
            [](const Hang& hang) { hang.open.wait(); }};
  }
  void on_exit() override { diary_->ended(identity().path); }

private:
  Diary* diary_;
};

class SupervisorTest : public ::testing::Test {
protected:
  ChildSpec worker(const std::string& name, bool detached = false, bool deaf = false) {
    ChildSpec child;
    child.name = name;
    child.kind = "worker";
    child.backoff = {.min = 1ms, .max = 20ms};
    child.start = [this, detached, deaf](caf::actor_system& system, const std::string& path) {
      return detached ? system.spawn<Worker, caf::detached>(path, &diary_, deaf)
                      : system.spawn<Worker>(path, &diary_, deaf);
    };
    return child;
  }
  static ChildSpec inner(const std::string& name, SupervisorSpec spec) {
    ChildSpec child;
    child.name = name;
    child.kind = "supervisor";
    child.backoff = {.min = 1ms, .max = 20ms};
    child.supervisor = std::make_shared<SupervisorSpec>(std::move(spec));
    return child;
  }
  void make(SupervisorSpec root) {
    tree_ = std::make_unique<SupervisionTree>(test_.system, "node", std::move(root),
                                              [this](const std::string& reason) {
                                                std::lock_guard lock{mutex_};
                                                give_ups_.push_back(reason);
                                              });
  }
  std::vector<std::string> give_ups() {
    std::lock_guard lock{mutex_};
    return give_ups_;
  }
  // The node at `path` of the tree's JSON.
  nlohmann::json node(const std::string& path) const { return find(tree_->json(), path); }
  static nlohmann::json find(const nlohmann::json& from, const std::string& path) {
    if (from["path"] == path) return from;
    for (const auto& child : from["children"]) {
      auto found = find(child, path);
      if (!found.is_null()) return found;
    }
    return nullptr;
  }
  bool runs_again(const std::string& path, int restarts) const {
    return eventually([&] {
      const auto at = node(path);
      return at["state"] == "running" && at["restarts"] == restarts;
    });
  }

  Diary diary_;
  std::mutex mutex_;
  std::vector<std::string> give_ups_;
  TestSystem test_;
  std::unique_ptr<SupervisionTree> tree_;
};

TEST_F(SupervisorTest, StartsDepthFirstInOrderAndStopsInReverse) {
  auto a = worker("a");
  make({.children = {a, inner("mid", {.children = {worker("b"), worker("c")}}), worker("d")}});
  EXPECT_THAT(diary_.take(), ElementsAre("+/node/a", "+/node/mid/b", "+/node/mid/c", "+/node/d"));
  EXPECT_TRUE(a.ref.get());
  EXPECT_EQ(node("/node/mid/c")["state"], "running");
  EXPECT_EQ(node("/node/mid")["strategy"], "one_for_one");
  EXPECT_EQ(node("/node")["intensity"]["restarts"], 5);
  EXPECT_TRUE(tree_->stop(10s));
  EXPECT_THAT(diary_.take(), ElementsAre("-/node/d", "-/node/mid/c", "-/node/mid/b", "-/node/a"));
  EXPECT_FALSE(a.ref.get());
  EXPECT_EQ(node("/node")["state"], "stopped");
  EXPECT_EQ(node("/node/mid/b")["state"], "stopped");
  EXPECT_THAT(give_ups(), IsEmpty());
}

TEST_F(SupervisorTest, ACrashedChildIsRestartedAndItsRefFollows) {
  auto a = worker("a"), b = worker("b");
  make({.children = {a, b}});
  const auto first = a.ref.get();
  const auto untouched = b.ref.get();
  a.ref.send(Crash{});
  ASSERT_TRUE(runs_again("/node/a", 1));
  EXPECT_NE(a.ref.get(), first);
  EXPECT_EQ(b.ref.get(), untouched);
  EXPECT_THAT(node("/node/a")["last_reason"].get<std::string>(), HasSubstr("crash of a test"));
}

TEST_F(SupervisorTest, ARestartIsOneLogLineAndOneCount) {
  const auto file = (std::filesystem::temp_directory_path() /
                     ("graphrag_restart_" + std::to_string(::getpid()) + ".jsonl"))
                        .string();
  observability::configure_log({.file = file});
  make({.children = {worker("logged")}});
  auto& count =
      observability::counter("graphrag_actor_restarts_total", "Restarts of supervised actors.",
                             {{"path", "/node/logged"}, {"kind", "worker"}});
  const double before = count.Value();
  ASSERT_TRUE(tree_->kill("/node/logged"));
  ASSERT_TRUE(runs_again("/node/logged", 1));
  observability::configure_log({});
  EXPECT_EQ(count.Value(), before + 1);
  int lines = 0;
  std::ifstream in{file};
  for (std::string text; std::getline(in, text);) {
    const auto line = nlohmann::json::parse(text);
    if (line["message"] != "An actor is restarted.") continue;
    ++lines;
    EXPECT_EQ(line["graphrag.actor.path"], "/node/logged");
    EXPECT_EQ(line["event.reason"], "kill");
    EXPECT_EQ(line["graphrag.actor.restarts"], 1);
    EXPECT_TRUE(line["graphrag.actor.delay_ms"].is_number_integer());
  }
  EXPECT_EQ(lines, 1);
  std::filesystem::remove(file);
}

TEST_F(SupervisorTest, RestForOneRestartsTheYoungerOnes) {
  auto b = worker("b");
  make({.strategy = Strategy::rest_for_one, .children = {worker("a"), b, worker("c")}});
  diary_.take();
  b.ref.send(Crash{});
  ASSERT_TRUE(runs_again("/node/c", 1));
  EXPECT_THAT(diary_.take(), ElementsAre("-/node/b", "-/node/c", "+/node/b", "+/node/c"));
}

TEST_F(SupervisorTest, OneForAllRestartsEverybody) {
  auto b = worker("b");
  make({.strategy = Strategy::one_for_all, .children = {worker("a"), b, worker("c", true)}});
  diary_.take();
  b.ref.send(Crash{});
  ASSERT_TRUE(runs_again("/node/c", 1));
  EXPECT_THAT(diary_.take(),
              ElementsAre("-/node/b", "-/node/c", "-/node/a", "+/node/a", "+/node/b", "+/node/c"));
}

TEST_F(SupervisorTest, AnInnerSupervisorGivesUpAndItsParentStartsItAgain) {
  auto a = worker("a");
  make({.children = {inner("mid", {.intensity = {1, 1h}, .children = {a, worker("b")}})}});
  a.ref.send(Crash{});
  ASSERT_TRUE(runs_again("/node/mid/a", 1));
  a.ref.send(Crash{});
  ASSERT_TRUE(runs_again("/node/mid", 1));
  EXPECT_THAT(node("/node/mid")["last_reason"].get<std::string>(),
              HasSubstr("gave up: more than 1 restarts"));
  ASSERT_TRUE(eventually([&] { return node("/node/mid/b")["state"] == "running"; }));
  EXPECT_FALSE(diary_.twins());
  EXPECT_THAT(give_ups(), IsEmpty());
}

TEST_F(SupervisorTest, TheRootGivesUpOnceAfterEverybodyHasEnded) {
  auto a = worker("a");
  make({.intensity = {0, 1h}, .children = {a, inner("mid", {.children = {worker("b")}})}});
  a.ref.send(Crash{});
  ASSERT_TRUE(eventually([&] { return !give_ups().empty(); }));
  EXPECT_EQ(diary_.alive(), 0);
  EXPECT_EQ(node("/node")["state"], "gave_up");
  EXPECT_TRUE(tree_->stop(1s));
  ASSERT_EQ(give_ups().size(), 1u);
  EXPECT_THAT(give_ups()[0], HasSubstr("crash of a test"));
}

TEST_F(SupervisorTest, APausedChildWaitsForItsDependencyAndIsNotCounted) {
  auto away = std::make_shared<std::atomic<bool>>(true);
  auto probes = std::make_shared<std::atomic<int>>(0);
  auto a = worker("a");
  a.ready = [away, probes] {
    ++*probes;
    return !*away;
  };
  make({.intensity = {0, 1h}, .children = {a}});
  a.ref.send(Pause{});
  ASSERT_TRUE(eventually([&] { return node("/node/a")["state"] == "paused" && *probes > 2; }));
  EXPECT_FALSE(a.ref.get());
  EXPECT_EQ(node("/node/a")["last_reason"], "waits for the test's database");
  *away = false;
  ASSERT_TRUE(runs_again("/node/a", 0));
  EXPECT_TRUE(a.ref.get());
  EXPECT_FALSE(node("/node/a").contains("next_start_ms"));
}

TEST_F(SupervisorTest, AStartThatFailsIsTriedAgain) {
  auto tries = std::make_shared<std::atomic<int>>(0);
  auto a = worker("a");
  a.start = [tries, start = a.start](caf::actor_system& system, const std::string& path) {
    const int number = ++*tries;
    if (number == 1) throw std::runtime_error("no disk");
    return number == 2 ? caf::actor{} : start(system, path);
  };
  make({.children = {a, worker("b")}});
  EXPECT_EQ(node("/node/b")["state"], "running");
  ASSERT_TRUE(runs_again("/node/a", 2));
}

TEST_F(SupervisorTest, WhoDoesNotStopInTimeIsKilled) {
  auto deaf = worker("deaf", false, true);
  deaf.stop_deadline = 20ms;
  make({.children = {worker("a"), deaf}});
  diary_.take();
  EXPECT_FALSE(tree_->stop(10s));
  EXPECT_THAT(diary_.take(), ElementsAre("-/node/deaf", "-/node/a"));
}

TEST_F(SupervisorTest, StopKeepsItsTimeEvenWhenAChildHangs) {
  std::promise<void> open;
  auto a = worker("a");
  make({.children = {a, worker("own", true), worker("b")}});
  a.ref.send(Hang{open.get_future().share()});
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(tree_->stop(300ms));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  open.set_value();
  EXPECT_TRUE(eventually([&] { return diary_.alive() == 0; }));
}

TEST_F(SupervisorTest, DetachedChildrenAreRestartedAndStopped) {
  auto a = worker("a", true);
  make({.children = {a, worker("b", true)}});
  for (int i = 1; i <= 3; ++i) {
    a.ref.send(Crash{});
    ASSERT_TRUE(runs_again("/node/a", i));
  }
  EXPECT_TRUE(tree_->stop(10s));
  EXPECT_EQ(diary_.alive(), 0);
}

TEST_F(SupervisorTest, KillingAnInnerSupervisorTakesItsChildrenAndMakesNoTwins) {
  make({.children = {
            inner("mid", {.children = {worker("a"), inner("deep", {.children = {worker("b")}}),
                                       worker("c", true)}})}});
  diary_.take();
  ASSERT_TRUE(tree_->kill("/node/mid"));
  ASSERT_TRUE(runs_again("/node/mid", 1));
  ASSERT_TRUE(eventually([&] { return node("/node/mid/deep/b")["state"] == "running"; }));
  ASSERT_TRUE(eventually([&] { return node("/node/mid/c")["state"] == "running"; }));
  EXPECT_FALSE(diary_.twins());
  EXPECT_EQ(diary_.alive(), 3);
  EXPECT_TRUE(tree_->stop(10s));
  EXPECT_EQ(diary_.alive(), 0);
}

TEST_F(SupervisorTest, KillingTheRootIsGivingUp) {
  make({.children = {worker("a"), inner("mid", {.children = {worker("b")}})}});
  ASSERT_TRUE(tree_->kill("/node"));
  ASSERT_TRUE(eventually([&] { return give_ups().size() == 1; }));
  EXPECT_TRUE(eventually([&] { return diary_.alive() == 0; }));
  EXPECT_EQ(node("/node")["state"], "gave_up");
}

TEST_F(SupervisorTest, KillTellsWhenNobodyRunsThere) {
  make({.children = {worker("a")}});
  EXPECT_FALSE(tree_->kill("/node/nobody"));
  EXPECT_TRUE(tree_->stop(10s));
  EXPECT_FALSE(tree_->kill("/node/a"));
}

TEST_F(SupervisorTest, SurvivesManyRandomKillsWithoutTwins) {
  std::vector<ChildSpec> shards;
  for (int i = 0; i < 4; ++i) shards.push_back(worker("s" + std::to_string(i), i % 2 == 0));
  SupervisorSpec stage{.strategy = Strategy::rest_for_one,
                       .intensity = {100'000, 1s},
                       .children = {worker("x"), worker("y", true), worker("z")}};
  make({.intensity = {100'000, 1s},
        .children = {inner("stage", std::move(stage)),
                     inner("shards", {.intensity = {100'000, 1s}, .children = shards})}});
  const std::vector<std::string> paths{"/node/stage",     "/node/stage/x",   "/node/stage/y",
                                       "/node/stage/z",   "/node/shards",    "/node/shards/s0",
                                       "/node/shards/s1", "/node/shards/s2", "/node/shards/s3"};
  std::mt19937 random{42};
  ASSERT_TRUE(eventually([&] {
    tree_->kill(paths[random() % paths.size()]);
    int restarts = 0;
    for (const auto& path : paths) restarts += node(path)["restarts"].get<int>();
    return restarts >= 300;
  }));
  for (const auto& path : paths)
    ASSERT_TRUE(eventually([&] { return node(path)["state"] == "running"; })) << path;
  EXPECT_TRUE(eventually([&] { return diary_.alive() == 7; }));
  EXPECT_FALSE(diary_.twins());
  EXPECT_THAT(give_ups(), IsEmpty());
  EXPECT_TRUE(tree_->stop(10s));
  EXPECT_EQ(diary_.alive(), 0);
}

// An owner of temporary actors, as the document and query rooms have one.
class Owner : public MeteredActor {
public:
  Owner(caf::actor_config& config, std::atomic<int>* foreign)
      : MeteredActor(config, {"owner", "", "/test/owner"}),
        children_(this, "guest", "/test/guests"), foreign_(foreign) {
    set_down_handler([this](caf::down_msg& message) {
      if (!children_.on_down(message)) ++*foreign_;
    });
  }
  caf::behavior make_behavior() override {
    return {[this](const Watch& watch) {
              children_.watch(watch.child);
              children_.watch(watch.child);
            },
            [this](const Crash&) { return children_.kill_one(); },
            [this](const Pause&) { return static_cast<int>(children_.alive()); }};
  }

private:
  TemporaryChildren children_;
  std::atomic<int>* foreign_;
};

TEST_F(SupervisorTest, TemporaryChildrenAreForgottenAndTheirFailuresCounted) {
  std::atomic<int> foreign{0};
  auto owner = test_.system.spawn<Owner>(&foreign);
  auto& failures = observability::counter(
      "graphrag_actor_failures_total",
      "Abnormal ends of temporary actors, which are not restarted.", {{"kind", "guest"}});
  const double before = failures.Value();
  std::vector<caf::actor> guests;
  for (int i = 0; i < 3; ++i) {
    guests.push_back(test_.system.spawn<Worker>("/test/guest", &diary_, false));
    caf::anon_send(owner, Watch{guests.back()});
  }
  caf::scoped_actor self{test_.system};
  auto alive = [&] {
    int count = -1;
    self->request(owner, 10s, Pause{})
        .receive([&](int value) { count = value; }, [](const caf::error&) {});
    return count;
  };
  EXPECT_EQ(alive(), 3);
  caf::anon_send_exit(guests[0], caf::exit_reason::user_shutdown);
  EXPECT_TRUE(eventually([&] { return alive() == 2; }));
  EXPECT_EQ(failures.Value(), before);
  bool killed = false;
  self->request(owner, 10s, Crash{})
      .receive([&](bool value) { killed = value; }, [](const caf::error&) {});
  EXPECT_TRUE(killed);
  EXPECT_TRUE(eventually([&] { return alive() == 1; }));
  EXPECT_EQ(failures.Value(), before + 1);
  EXPECT_EQ(foreign, 0);
  for (const auto& guest : guests) caf::anon_send_exit(guest, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(owner, caf::exit_reason::user_shutdown);
}

} // namespace
} // namespace graphrag::runtime
