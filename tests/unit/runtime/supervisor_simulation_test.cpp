// A seeded random world of children around SupervisorState: they crash, finish, pause, refuse to
// start, ignore stops and kills, at random; after every command the invariants are checked. Then
// the faults stop, and everything that should run must run.
#include <deque>
#include <random>

#include <gtest/gtest.h>

#include "runtime/actor/supervisor_state.hpp"

namespace graphrag::runtime {
namespace {

using namespace std::chrono_literals;
using Kind = SupervisorCommand::Kind;

class World {
public:
  explicit World(std::uint64_t seed) : random_(seed) {
    strategy_ = static_cast<Strategy>(pick(3));
    limit_ = {static_cast<std::uint32_t>(pick(6)), std::chrono::seconds{1 + pick(60)}};
    if (pick(2) == 0) limit_.restarts = 100'000; // half of the worlds never give up
    std::vector<ChildRules> rules(1 + pick(6));
    for (auto& one : rules) {
      one.restart = static_cast<Restart>(pick(3));
      one.backoff = {.min = 10ms, .max = 2s, .jitter = 0.2, .reset_after = 10s};
      one.stop_deadline = 500ms;
    }
    lives_.resize(rules.size());
    rules_ = rules;
    state_.emplace(strategy_, limit_, rules, seed);
    take(state_->begin(clock_.now()));
    drain();
  }

  void run(int steps) {
    for (int i = 0; i < steps && !finished_ && !failed(); ++i) random_event();
  }

  // No more faults; every deadline passes. What must run then runs, or all has ended.
  void settle() {
    faults_ = false;
    for (int i = 0; i < 1000 && !finished_ && !failed(); ++i) {
      for (std::size_t c = 0; c < lives_.size(); ++c) {
        if (lives_[c].told) end(c, EndKind::shutdown);
        if (lives_[c].slow_start) report_started(c);
      }
      pass_time(state_->next_wake() ? *state_->next_wake() - clock_.now() : 10s);
    }
    if (finished_ || failed()) return;
    for (std::size_t c = 0; c < lives_.size(); ++c) {
      const bool must_run = rules_[c].restart == Restart::permanent ||
                            (rules_[c].restart == Restart::transient && !lives_[c].finished);
      EXPECT_TRUE(lives_[c].alive || !must_run) << "child " << c << " stays down";
      EXPECT_TRUE(!lives_[c].alive || state_->children()[c].state == ChildState::running);
    }
  }

  void shut_down() {
    stop_asked_ = true;
    take(state_->stop(clock_.now()));
    drain();
    for (int i = 0; i < 1000 && !finished_ && !failed(); ++i) {
      if (state_->next_wake() && pick(2) == 0)
        pass_time(*state_->next_wake() - clock_.now());
      else
        random_event();
    }
    EXPECT_TRUE(finished_) << "asked to stop, it did not";
  }

  bool failed() const { return ::testing::Test::HasFailure(); }
  bool finished() const { return finished_; }
  bool gave_up() const { return gave_up_; }
  std::uint64_t restarts() const { return all_restarts_; }

private:
  struct Life {
    bool alive = false;
    bool slow_start = false; // started() not yet reported
    bool told = false;       // to stop, or killed
    bool finished = false;   // a transient that ended normally and was not started since
    int starts = 0;
  };

  std::size_t pick(std::size_t below) {
    return std::uniform_int_distribution<std::size_t>{0, below - 1}(random_);
  }

  void random_event() {
    const auto child = pick(lives_.size());
    auto& life = lives_[child];
    switch (pick(8)) {
    case 0:
      return end(child, EndKind::abnormal);
    case 1:
      return end(child, EndKind::normal);
    case 2:
      return end(child, EndKind::dependency);
    case 3:
      if (life.told) end(child, EndKind::shutdown);
      return;
    case 4:
      if (life.slow_start) report_started(child);
      return;
    case 5:
      return pass_time(std::chrono::milliseconds{pick(20'000)});
    default:
      return pass_time(std::chrono::milliseconds{pick(300)});
    }
  }

  void end(std::size_t child, EndKind kind) {
    auto& life = lives_[child];
    if (!life.alive) return;
    const bool unexpected = !life.told && !state_->ending() && !state_->children()[child].leaving;
    life.alive = life.told = life.slow_start = false;
    const bool clean = kind == EndKind::normal || kind == EndKind::shutdown;
    if (rules_[child].restart == Restart::transient && clean && unexpected) life.finished = true;
    if (unexpected) expect_count(child, kind);
    take(state_->ended(child, kind, "end", clock_.now()));
    drain();
  }

  // The truth about intensity, counted on its own.
  void expect_count(std::size_t child, EndKind kind) {
    const auto restart = rules_[child].restart;
    const bool clean = kind == EndKind::normal || kind == EndKind::shutdown;
    if (restart == Restart::temporary || kind == EndKind::dependency) return;
    if (restart == Restart::transient && clean) return;
    while (!failures_.empty() && clock_.now() - failures_.front() > limit_.period)
      failures_.pop_front();
    if (failures_.size() >= limit_.restarts)
      must_give_up_ = true;
    else
      failures_.push_back(clock_.now());
  }

  void report_started(std::size_t child) {
    lives_[child].slow_start = false;
    take(state_->started(child, clock_.now()));
    drain();
  }

  void pass_time(std::chrono::nanoseconds time) {
    clock_.advance(std::max(time, std::chrono::nanoseconds{0}));
    take(state_->tick(clock_.now()));
    drain();
  }

  void take(const SupervisorState::Commands& commands) {
    for (const auto& command : commands) queue_.push_back(command);
  }

  void drain() {
    while (!queue_.empty() && !failed()) {
      const auto command = queue_.front();
      queue_.pop_front();
      carry_out(command);
    }
    EXPECT_EQ(must_give_up_ || stop_asked_, state_->ending()) << "intensity";
    EXPECT_TRUE(must_give_up_ || !gave_up_) << "intensity";
  }

  void carry_out(const SupervisorCommand& command) {
    EXPECT_FALSE(finished_) << "a command after the last one";
    const auto child = command.child;
    switch (command.kind) {
    case Kind::start:
      return start(child);
    case Kind::stop:
      return stop(child);
    case Kind::kill:
      EXPECT_TRUE(lives_[child].told) << "killed without being asked";
      return;
    case Kind::overdue:
      if (state_->ending()) lives_[child] = {}; // left behind
      return;
    case Kind::probe:
      return take(state_->probed(child, !faults_ || pick(3) == 0, clock_.now()));
    case Kind::restarting:
      ++all_restarts_;
      EXPECT_NE(rules_[child].restart, Restart::temporary);
      return;
    case Kind::pausing:
      return;
    case Kind::up:
      EXPECT_FALSE(std::exchange(up_, true)) << "up twice";
      return;
    case Kind::finish:
      for (const auto& life : lives_) EXPECT_FALSE(life.alive) << "finished over a living child";
      finished_ = true;
      gave_up_ = !command.reason.empty();
      return;
    }
  }

  void start(std::size_t child) {
    auto& life = lives_[child];
    EXPECT_FALSE(life.alive) << "a twin of child " << child;
    if (state_->children()[child].state != ChildState::starting) // called off meanwhile
      return take(state_->ended(child, EndKind::shutdown, "called off", clock_.now()));
    EXPECT_FALSE(rules_[child].restart == Restart::temporary && life.starts > 0)
        << "a temporary child came back";
    for (std::size_t c = 0; c < lives_.size(); ++c) {
      EXPECT_FALSE(lives_[c].told && lives_[c].alive) << "a start beside an unfinished stop";
      if (strategy_ == Strategy::one_for_one || c >= child) continue;
      const auto state = state_->children()[c].state;
      EXPECT_TRUE(state == ChildState::running || state == ChildState::stopped)
          << "child " << child << " started before " << c;
    }
    ++life.starts;
    life.finished = false;
    if (faults_ && pick(10) == 0) {
      expect_count(child, EndKind::abnormal);
      return take(state_->ended(child, EndKind::abnormal, "did not start", clock_.now()));
    }
    life.alive = true;
    life.slow_start = faults_ && pick(3) == 0;
    if (!life.slow_start) take(state_->started(child, clock_.now()));
  }

  void stop(std::size_t child) {
    if (!lives_[child].alive) return; // its start was called off
    for (std::size_t c = 0; c < lives_.size(); ++c) {
      EXPECT_FALSE(lives_[c].alive && lives_[c].told) << "two stops at once";
      EXPECT_FALSE(c > child && state_->ending() && lives_[c].alive)
          << "stopped before a younger one";
    }
    lives_[child].told = true;
  }

  std::mt19937_64 random_;
  ManualClock clock_;
  Strategy strategy_{};
  Intensity limit_{};
  std::vector<ChildRules> rules_;
  std::vector<Life> lives_;
  std::optional<SupervisorState> state_;
  std::deque<SupervisorCommand> queue_;
  std::deque<SteadyTime> failures_;
  bool faults_ = true, finished_ = false, gave_up_ = false, must_give_up_ = false, up_ = false;
  bool stop_asked_ = false;
  std::uint64_t all_restarts_ = 0;
};

TEST(SupervisorSimulation, HoldsItsInvariantsUnderRandomFaults) {
  int gave_up = 0, settled = 0;
  std::uint64_t restarts = 0;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world{seed};
    world.run(200);
    world.settle();
    if (!world.finished()) ++settled;
    if (!world.finished() && !world.failed()) world.shut_down();
    if (world.gave_up()) ++gave_up;
    restarts += world.restarts();
    ASSERT_FALSE(world.failed()) << "seed " << seed;
  }
  // The worlds did exercise what they are for.
  EXPECT_GT(gave_up, 300);
  EXPECT_GT(settled, 300);
  EXPECT_GT(restarts, 10'000u);
}

} // namespace
} // namespace graphrag::runtime
