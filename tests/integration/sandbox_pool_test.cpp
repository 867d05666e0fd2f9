// The pool's life: answers, bounds, replacement of children, its end.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "observability/metrics.hpp"
#include "tests/support/sandbox_pool.hpp"

namespace graphrag::tests {
namespace {

using runtime::Errc;
using runtime::ParserOutcome;
using runtime::ParserPool;
using Kind = ParserOutcome::Kind;

// Children of this process that other tests started, such as a database.
std::set<pid_t> strangers;

OwnChildren pool_children() {
  auto children = children_of(::getpid());
  for (auto* some : {&children.living, &children.zombies, &children.stopped})
    std::erase_if(*some, [](pid_t pid) { return strangers.contains(pid); });
  return children;
}

std::unique_ptr<ParserPool> start(runtime::ParserPoolOptions options = sandbox_options()) {
  strangers = children_of(::getpid()).living;
  auto pool = ParserPool::start(std::move(options));
  if (!pool) {
    ADD_FAILURE() << pool.error().detail;
    return nullptr;
  }
  return std::move(*pool);
}

TEST(SandboxPool, GivesTheAnswerOfTheChild) {
  const auto pool = start();
  const auto outcome = run(*pool, "echo 你好");
  EXPECT_EQ(outcome.kind, Kind::ok);
  EXPECT_EQ(outcome.answer, "你好");
  EXPECT_GT(outcome.took.count(), 0);
  EXPECT_EQ(run(*pool, "echo").answer, "");
}

TEST(SandboxPool, CarriesLargeRequestsAndAnswers) {
  const auto pool = start();
  const std::string body(32 << 20, 'b');
  std::promise<ParserOutcome> done;
  ASSERT_TRUE(pool->submit({.head = "length ", .body = body},
                           [&](ParserOutcome outcome) { done.set_value(std::move(outcome)); }));
  EXPECT_EQ(done.get_future().get().answer, std::to_string(body.size()));
  EXPECT_EQ(run(*pool, "large 60000000").answer.size(), 60'000'000U);
}

TEST(SandboxPool, EveryDocumentHasItsOwnProcess) {
  const auto pool = start();
  std::set<std::string> pids;
  for (int i = 0; i < 10; ++i) pids.insert(run(*pool, "pid").answer);
  EXPECT_EQ(pids.size(), 10U);
}

TEST(SandboxPool, RefusesMoreThanItsQueueHolds) {
  auto options = sandbox_options();
  options.children = 1;
  options.max_queue = 2;
  const auto pool = start(options);
  auto busy = submit(*pool, "sleep", std::chrono::milliseconds(1500));
  std::vector<std::future<ParserOutcome>> waiting;
  Errc refused{};
  for (int i = 0; i < 4; ++i) {
    auto done = std::make_shared<std::promise<ParserOutcome>>();
    waiting.push_back(done->get_future());
    const auto status = pool->submit(
        {.head = "echo x"}, [done](ParserOutcome outcome) { done->set_value(std::move(outcome)); });
    if (!status) {
      refused = status.error().code;
      waiting.pop_back();
    }
  }
  EXPECT_EQ(refused, Errc::overloaded);
  EXPECT_EQ(busy.get().kind, Kind::timeout);
  for (auto& job : waiting) EXPECT_EQ(job.get().answer, "x");
}

TEST(SandboxPool, BoundsTheBytesThatWaitButTakesOneLargeDocument) {
  auto options = sandbox_options();
  options.children = 1;
  options.max_queue_bytes = 100;
  const auto pool = start(options);
  EXPECT_EQ(run(*pool, "length " + std::string(1000, 'x')).answer, "1000");
  auto busy = submit(*pool, "sleep", std::chrono::milliseconds(1500));
  Errc refused{};
  for (int i = 0; i < 3; ++i) {
    const auto status =
        pool->submit({.head = "echo " + std::string(90, 'x')}, [](ParserOutcome) {});
    if (!status) refused = status.error().code;
  }
  EXPECT_EQ(refused, Errc::overloaded);
  EXPECT_EQ(busy.get().kind, Kind::timeout);
}

TEST(SandboxPool, RefusesARequestBeyondItsLimit) {
  auto options = sandbox_options();
  options.max_request = 1000;
  const auto pool = start(options);
  const auto status = pool->submit({.head = std::string(1001, 'x')}, [](ParserOutcome) {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::invalid_argument);
}

TEST(SandboxPool, LeavesNoZombiesAndNoDescriptors) {
  const auto before = open_descriptors();
  {
    const auto pool = start();
    run(*pool, "echo warm");
    const char* mix[] = {"echo a", "segv", "echo b", "exit 3", "fork"};
    std::vector<std::future<ParserOutcome>> jobs;
    for (int i = 0; i < 200; ++i) {
      jobs.push_back(submit(*pool, mix[i % 5]));
      if (jobs.size() < 16) continue;
      for (auto& job : jobs) job.get();
      jobs.clear();
    }
    for (auto& job : jobs) job.get();
    EXPECT_TRUE(eventually([] {
      const auto own = pool_children();
      return own.zombies.empty() && own.living.size() == 2;
    }));
    // Per ready child: channel, pidfd, errors.
    EXPECT_TRUE(eventually([&] { return open_descriptors() <= before + 2 + 2 * 3; }))
        << open_descriptors() << " against " << before;
  }
  EXPECT_EQ(open_descriptors(), before);
  const auto own = pool_children();
  EXPECT_TRUE(own.living.empty() && own.zombies.empty());
}

TEST(SandboxPool, ReplacesChildrenKilledFromOutside) {
  const auto pool = start();
  for (int round = 0; round < 5; ++round) {
    run(*pool, "echo ready");
    for (const pid_t pid : pool_children().living) ::kill(pid, SIGKILL);
  }
  // A job that meets the killing may fail with it; the pool heals.
  EXPECT_TRUE(eventually([&] { return run(*pool, "echo alive").answer == "alive"; }));
}

TEST(SandboxPool, AKilledChildFailsOnlyItsOwnJob) {
  const auto pool = start();
  auto victim = submit(*pool, "stop");
  ASSERT_TRUE(eventually([] { return pool_children().stopped.size() == 1; }));
  auto other = submit(*pool, "sleep");
  ASSERT_TRUE(eventually([] { return pool_children().living.size() == 4; }));
  ::kill(*pool_children().stopped.begin(), SIGKILL);
  const auto outcome = victim.get();
  EXPECT_EQ(outcome.kind, Kind::crashed);
  EXPECT_EQ(outcome.signal, SIGKILL);
  EXPECT_EQ(other.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  pool->stop();
  EXPECT_EQ(other.get().kind, Kind::canceled);
}

TEST(SandboxPool, AStoppedChildMeetsItsDeadline) {
  const auto pool = start();
  EXPECT_EQ(submit(*pool, "stop", std::chrono::milliseconds(200)).get().kind, Kind::timeout);
  EXPECT_EQ(run(*pool, "echo on").answer, "on");
}

TEST(SandboxPool, StopsWhileBusy) {
  const auto pool = start();
  std::vector<std::future<ParserOutcome>> jobs;
  for (int i = 0; i < 6; ++i) jobs.push_back(submit(*pool, i % 2 == 0 ? "sleep" : "spin"));
  pool->stop();
  for (auto& job : jobs) EXPECT_EQ(job.get().kind, Kind::canceled);
  const auto own = pool_children();
  EXPECT_TRUE(own.living.empty() && own.zombies.empty());
  const auto status = pool->submit({.head = "echo"}, [](ParserOutcome) {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::canceled);
}

TEST(SandboxPool, AcceptsJobsFromManyThreadsAndFromItsOwn) {
  const auto pool = start();
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        const auto first = [&](ParserOutcome) {
          if (!pool->submit({.head = "echo again"}, [&](ParserOutcome) { ++answered; })) ++answered;
        };
        EXPECT_TRUE(pool->submit({.head = "echo"}, first));
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(eventually([&] { return answered == 20; })) << answered;
}

TEST(SandboxPool, DoesNotStartWithoutAWorkingChild) {
  auto options = sandbox_options();
  options.executable = "/nonexistent";
  const auto missing = ParserPool::start(options);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::unavailable);

  options = sandbox_options();
  options.arguments = {"sandbox_child", "__broken"};
  const auto broken = ParserPool::start(options);
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().detail.find("cannot load a library"), std::string::npos)
      << broken.error().detail;
}

TEST(SandboxPool, ChildrenDieWithTheServer) {
  int out[2];
  ASSERT_EQ(::pipe(out), 0);
  const pid_t host = ::fork();
  if (host == 0) {
    ::dup2(out[1], 1);
    ::execl(GRAPHRAG_SANDBOX_CHILD, GRAPHRAG_SANDBOX_CHILD, "host", nullptr);
    ::_exit(1);
  }
  ::close(out[1]);
  char word[16];
  ASSERT_GT(::read(out[0], word, sizeof word), 0);
  ASSERT_TRUE(eventually([&] { return children_of(host).living.size() == 4; }));
  const auto children = children_of(host).living;
  ::kill(host, SIGKILL);
  ::waitpid(host, nullptr, 0);
  ::close(out[0]);
  EXPECT_TRUE(eventually([&] {
    return std::ranges::none_of(children, [](pid_t pid) { return ::kill(pid, 0) == 0; });
  }));
}

TEST(SandboxPool, CountsOutcomesByKindAndFormat) {
  const auto pool = start();
  const auto outcomes = [](const char* outcome) {
    return observability::counter("graphrag_parser_outcomes_total",
                                  "Documents given to parser's children, by outcome.",
                                  {{"outcome", outcome}, {"format", "pdf"}})
        .Value();
  };
  const double ok = outcomes("ok"), crashed = outcomes("crashed");
  std::promise<void> both;
  ASSERT_TRUE(pool->submit({.head = "echo", .format = "pdf"}, [](ParserOutcome) {}));
  ASSERT_TRUE(pool->submit({.head = "segv", .format = "pdf"}, [](ParserOutcome) {}));
  EXPECT_TRUE(
      eventually([&] { return outcomes("ok") == ok + 1 && outcomes("crashed") == crashed + 1; }));
}

} // namespace
} // namespace graphrag::tests
