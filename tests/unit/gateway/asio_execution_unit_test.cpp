#include "gateway/asio_execution_unit.hpp"

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <caf/all.hpp>
#include <gtest/gtest.h>

#include "runtime/actor/promise.hpp"

namespace graphrag::gateway {
struct Ask {
  runtime::Promise<int> promise;
};
} // namespace graphrag::gateway
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(graphrag::gateway::Ask)

namespace graphrag::gateway {
namespace {

using namespace std::chrono_literals;

// An actor made of a function. CAF's own way to do that dereferences a null pointer, which the
// sanitizers refuse.
class FunctionActor final : public caf::event_based_actor {
public:
  using Init = std::function<caf::behavior(caf::event_based_actor*)>;
  FunctionActor(caf::actor_config& config, Init init)
      : caf::event_based_actor(config), init_(std::move(init)) {}
  caf::behavior make_behavior() override { return init_(this); }

private:
  Init init_;
};

class AsioExecutionUnitTest : public testing::Test {
protected:
  template <caf::spawn_options Options = caf::no_spawn_options>
  caf::actor start(FunctionActor::Init init) {
    return caf::actor{system_.spawn<FunctionActor, Options>(std::move(init))};
  }
  void run_io(int threads = 1) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] {
        {
          std::lock_guard lock{mutex_};
          io_threads_.insert(std::this_thread::get_id());
        }
        io_.run();
      });
    }
  }
  void stop_io() {
    io_.stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }
  ~AsioExecutionUnitTest() override { stop_io(); }

  // Sends from an Asio handler.
  template <class T>
  void send(const caf::actor& to, T value) {
    boost::asio::post(
        io_, [this, to, value = std::move(value)]() mutable { unit_->send(to, std::move(value)); });
  }
  bool on_io_thread() {
    std::lock_guard lock{mutex_};
    return io_threads_.contains(std::this_thread::get_id());
  }
  static bool eventually(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::yield();
    }
    return true;
  }

  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      io_.get_executor()};
  std::shared_ptr<AsioExecutionUnit> unit_ = AsioExecutionUnit::make(system_, io_, 4);
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::set<std::thread::id> io_threads_;
};

TEST_F(AsioExecutionUnitTest, RunsAdoptedActorsOnAsiosThreadAndOthersElsewhere) {
  run_io();
  std::promise<bool> adopted_here, other_here;
  auto other = start<caf::lazy_init>([&](caf::event_based_actor*) -> caf::behavior {
    return {[&](int) { other_here.set_value(on_io_thread()); }};
  });
  auto adopted = start<caf::lazy_init>([&, other](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self, other](int) {
      adopted_here.set_value(on_io_thread());
      self->send(other, 1);
    }};
  });
  unit_->adopt(adopted);
  send(adopted, 1);
  EXPECT_TRUE(adopted_here.get_future().get());
  EXPECT_FALSE(other_here.get_future().get());
  caf::anon_send_exit(adopted, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
}

TEST_F(AsioExecutionUnitTest, HandlesEveryMessageInOrderFromManyThreads) {
  run_io(2);
  std::atomic<int> handled{0}, running{0}, overlaps{0}, disorder{0}, last{-1};
  auto actor = start<caf::lazy_init>([&](caf::event_based_actor*) -> caf::behavior {
    return {[&](int n) {
      if (running.fetch_add(1) != 0) ++overlaps;
      if (n >= 0 && last.exchange(n) > n) ++disorder;
      running.fetch_sub(1);
      ++handled; // the last touch: with the last message the test may be over
    }};
  });
  unit_->adopt(actor);
  constexpr int each = 20'000;
  std::thread foreign{[&] {
    for (int i = 0; i < each; ++i) caf::anon_send(actor, -1);
  }};
  boost::asio::post(io_, [&] {
    for (int i = 0; i < each; ++i) unit_->send(actor, i);
  });
  foreign.join();
  EXPECT_TRUE(eventually([&] { return handled == 2 * each; }));
  EXPECT_EQ(overlaps, 0);
  EXPECT_EQ(disorder, 0);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST_F(AsioExecutionUnitTest, GivesTheSocketsTheirTurnBetweenMessages) {
  std::vector<std::string> order;
  auto actor = start<caf::lazy_init>([&](caf::event_based_actor*) -> caf::behavior {
    return {[&](int) { order.emplace_back("message"); }};
  });
  unit_->adopt(actor);
  // Nothing runs the io_context yet: the actor's first turn and a handler wait side by side.
  for (int i = 0; i < 10; ++i) unit_->send(actor, i);
  boost::asio::post(io_, [&] { order.emplace_back("handler"); });
  while (io_.poll() > 0) {
  }
  ASSERT_EQ(order.size(), 11U);
  EXPECT_EQ(order[4], "handler"); // four messages a turn
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST_F(AsioExecutionUnitTest, AKilledActorLosesItsPromisesAloud) {
  run_io();
  auto actor =
      start<caf::lazy_init>([](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  unit_->adopt(actor);
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  std::atomic<int> lost{0};
  for (int i = 0; i < 1000; ++i) {
    send(actor, Ask{runtime::Promise<int>{[&](runtime::Result<int> r) {
           if (!r && r.error().code == runtime::Errc::lost) ++lost;
         }}});
  }
  EXPECT_TRUE(eventually([&] { return lost == 1000; }));
}

TEST_F(AsioExecutionUnitTest, AnActorThatDiesInItsTurnIsGone) {
  run_io();
  std::atomic<int> lost{0};
  auto actor = start<caf::lazy_init>([](caf::event_based_actor* self) -> caf::behavior {
    return {[self](int) { self->quit(); }, [](Ask&) {}};
  });
  unit_->adopt(actor);
  send(actor, 1);
  for (int i = 0; i < 100; ++i) {
    send(actor, Ask{runtime::Promise<int>{[&](runtime::Result<int>) { ++lost; }}});
  }
  caf::weak_actor_ptr weak = caf::actor_cast<caf::weak_actor_ptr>(actor);
  actor = nullptr;
  EXPECT_TRUE(eventually([&] { return lost == 100; }));
  EXPECT_TRUE(eventually([&] { return !weak.lock(); }));
}

TEST_F(AsioExecutionUnitTest, StrandsNobodyWhenTheIoContextStops) {
  std::atomic<int> handled{0};
  auto actor = start<caf::lazy_init>(
      [&](caf::event_based_actor*) -> caf::behavior { return {[&](int) { ++handled; }}; });
  unit_->adopt(actor);
  for (int i = 0; i < 10; ++i) unit_->send(actor, i); // nobody runs the io_context
  EXPECT_EQ(handled, 0);
  unit_->stop();
  EXPECT_TRUE(eventually([&] { return handled == 10; }));
  unit_->send(actor, 1); // from now on by the scheduler
  EXPECT_TRUE(eventually([&] { return handled == 11; }));
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST_F(AsioExecutionUnitTest, StrandsNobodyWhenStoppedInTheMiddle) {
  for (int round = 0; round < 20; ++round) {
    auto unit = AsioExecutionUnit::make(system_, io_, 4);
    io_.restart();
    run_io();
    std::atomic<int> handled{0};
    auto actor =
        start([&](caf::event_based_actor*) -> caf::behavior { return {[&](int) { ++handled; }}; });
    unit->adopt(actor);
    std::thread sender{[&] {
      for (int i = 0; i < 1000; ++i) unit->send(actor, i);
    }};
    EXPECT_TRUE(eventually([&] { return handled > 10; }));
    io_.stop();
    unit->stop();
    sender.join();
    EXPECT_TRUE(eventually([&] { return handled == 1000; })) << handled;
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    stop_io();
  }
}

} // namespace
} // namespace graphrag::gateway
