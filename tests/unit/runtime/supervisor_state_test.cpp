#include "runtime/actor/supervisor_state.hpp"

#include <gmock/gmock.h>

namespace graphrag::runtime {
namespace {

using namespace std::chrono_literals;
using Kind = SupervisorCommand::Kind;
using Commands = SupervisorState::Commands;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "start 0", "stop 2", "finish" ...
std::vector<std::string> words(const Commands& commands) {
  std::vector<std::string> result;
  for (const auto& command : commands) {
    const auto child = " " + std::to_string(command.child);
    switch (command.kind) {
    case Kind::start:
      result.push_back("start" + child);
      break;
    case Kind::stop:
      result.push_back("stop" + child);
      break;
    case Kind::kill:
      result.push_back("kill" + child);
      break;
    case Kind::overdue:
      result.push_back("overdue" + child);
      break;
    case Kind::probe:
      result.push_back("probe" + child);
      break;
    case Kind::restarting:
      result.push_back("restarting" + child);
      break;
    case Kind::pausing:
      result.push_back("pausing" + child);
      break;
    case Kind::up:
      result.push_back("up");
      break;
    case Kind::finish:
      result.push_back("finish");
      break;
    }
  }
  return result;
}

class SupervisorStateTest : public ::testing::Test {
protected:
  static ChildRules rules(Restart restart = Restart::permanent) {
    return {restart, {.min = 100ms, .max = 1s, .jitter = 0, .reset_after = 30s}, 5s};
  }
  void make(Strategy strategy, const std::vector<ChildRules>& children,
            Intensity limit = {5, 30s}) {
    state_.emplace(strategy, limit, children, 7);
  }
  // Carries out begin() with every start succeeding.
  void bring_up() {
    auto commands = state_->begin(clock_.now());
    while (!commands.empty()) {
      const auto command = commands.front();
      commands.erase(commands.begin());
      if (command.kind != Kind::start) continue;
      for (auto& next : state_->started(command.child, clock_.now())) commands.push_back(next);
    }
  }
  auto started(std::size_t child) { return words(state_->started(child, clock_.now())); }
  auto crashed(std::size_t child) {
    return words(state_->ended(child, EndKind::abnormal, "crash", clock_.now()));
  }
  auto ended(std::size_t child, EndKind kind) {
    return words(state_->ended(child, kind, "end", clock_.now()));
  }
  auto stop() { return words(state_->stop(clock_.now())); }
  auto after(std::chrono::milliseconds time) {
    clock_.advance(time);
    return words(state_->tick(clock_.now()));
  }
  ChildState at(std::size_t child) const { return state_->children()[child].state; }

  ManualClock clock_;
  std::optional<SupervisorState> state_;
};

TEST_F(SupervisorStateTest, StartsInOrderOneAfterTheOther) {
  make(Strategy::one_for_one, {rules(), rules(), rules()});
  EXPECT_THAT(words(state_->begin(clock_.now())), ElementsAre("start 0"));
  EXPECT_THAT(started(0), ElementsAre("start 1"));
  EXPECT_THAT(started(1), ElementsAre("start 2"));
  EXPECT_THAT(started(2), ElementsAre("up"));
}

TEST_F(SupervisorStateTest, ASupervisorWithoutChildrenIsUp) {
  make(Strategy::one_for_one, {});
  EXPECT_THAT(words(state_->begin(clock_.now())), ElementsAre("up"));
  EXPECT_THAT(stop(), ElementsAre("finish"));
}

TEST_F(SupervisorStateTest, OneForOneRestartsOnlyTheOneAfterItsDelay) {
  make(Strategy::one_for_one, {rules(), rules(), rules()});
  bring_up();
  EXPECT_THAT(crashed(1), ElementsAre("restarting 1"));
  EXPECT_EQ(at(1), ChildState::backoff);
  EXPECT_EQ(state_->next_wake(), clock_.now() + 100ms);
  EXPECT_THAT(after(99ms), IsEmpty());
  EXPECT_THAT(after(1ms), ElementsAre("start 1"));
  EXPECT_THAT(started(1), IsEmpty());
  EXPECT_EQ(state_->children()[1].restarts, 1u);
  EXPECT_EQ(at(0), ChildState::running);
}

TEST_F(SupervisorStateTest, TheDelayGrowsWhileItKeepsCrashing) {
  make(Strategy::one_for_one, {rules()});
  bring_up();
  crashed(0);
  after(100ms);
  started(0);
  EXPECT_THAT(crashed(0), ElementsAre("restarting 0"));
  EXPECT_EQ(state_->next_wake(), clock_.now() + 200ms);
}

TEST_F(SupervisorStateTest, AFailingStartCountsAsAFailure) {
  make(Strategy::one_for_one, {rules(), rules()});
  EXPECT_THAT(words(state_->begin(clock_.now())), ElementsAre("start 0"));
  EXPECT_THAT(crashed(0), ElementsAre("restarting 0", "start 1"));
  EXPECT_THAT(started(1), ElementsAre("up"));
  EXPECT_THAT(after(100ms), ElementsAre("start 0"));
}

TEST_F(SupervisorStateTest, RestForOneStopsTheYoungerInReverseAndStartsThemAfterIt) {
  make(Strategy::rest_for_one, {rules(), rules(), rules(), rules()});
  bring_up();
  EXPECT_THAT(crashed(1), ElementsAre("restarting 1", "stop 3"));
  EXPECT_THAT(ended(3, EndKind::shutdown), ElementsAre("restarting 3", "stop 2"));
  EXPECT_THAT(after(1s), IsEmpty()); // its delay is over, but its group is not down
  EXPECT_THAT(ended(2, EndKind::shutdown), ElementsAre("restarting 2", "start 1"));
  EXPECT_THAT(started(1), ElementsAre("start 2"));
  EXPECT_THAT(started(2), ElementsAre("start 3"));
  EXPECT_THAT(started(3), IsEmpty());
  EXPECT_EQ(state_->children()[0].restarts, 0u);
  EXPECT_EQ(state_->children()[3].restarts, 1u);
}

TEST_F(SupervisorStateTest, OneForAllStopsAllAndStartsAllTogether) {
  make(Strategy::one_for_all, {rules(), rules(), rules()});
  bring_up();
  EXPECT_THAT(crashed(1), ElementsAre("restarting 1", "stop 2"));
  EXPECT_THAT(ended(2, EndKind::shutdown), ElementsAre("restarting 2", "stop 0"));
  EXPECT_THAT(ended(0, EndKind::shutdown), ElementsAre("restarting 0"));
  EXPECT_THAT(after(99ms), IsEmpty()); // nobody starts before the delay of the one that crashed
  EXPECT_THAT(after(1ms), ElementsAre("start 0"));
  EXPECT_THAT(started(0), ElementsAre("start 1"));
  EXPECT_THAT(started(1), ElementsAre("start 2"));
}

TEST_F(SupervisorStateTest, ASiblingThatCrashesWhileItsGroupStopsIsNotCountedTwice) {
  make(Strategy::one_for_all, {rules(), rules(), rules()}, {1, 30s});
  bring_up();
  EXPECT_THAT(crashed(0), ElementsAre("restarting 0", "stop 2"));
  EXPECT_THAT(crashed(1), ElementsAre("restarting 1"));
  EXPECT_THAT(crashed(2), ElementsAre("restarting 2"));
  EXPECT_THAT(after(100ms), ElementsAre("start 0"));
}

TEST_F(SupervisorStateTest, TransientRestartsOnlyAfterAnAbnormalEnd) {
  make(Strategy::one_for_one, {rules(Restart::transient), rules(Restart::transient)});
  bring_up();
  EXPECT_THAT(ended(0, EndKind::normal), IsEmpty());
  EXPECT_EQ(at(0), ChildState::stopped);
  EXPECT_THAT(crashed(1), ElementsAre("restarting 1"));
}

TEST_F(SupervisorStateTest, PermanentRestartsAfterANormalEndToo) {
  make(Strategy::one_for_one, {rules()});
  bring_up();
  EXPECT_THAT(ended(0, EndKind::normal), ElementsAre("restarting 0"));
}

TEST_F(SupervisorStateTest, TemporaryNeverRestartsAndNeverTroublesItsSiblings) {
  make(Strategy::one_for_all, {rules(Restart::temporary), rules()});
  bring_up();
  EXPECT_THAT(crashed(0), IsEmpty());
  EXPECT_EQ(at(0), ChildState::stopped);
  EXPECT_EQ(at(1), ChildState::running);
}

TEST_F(SupervisorStateTest, TemporaryStoppedWithItsGroupDoesNotComeBack) {
  make(Strategy::one_for_all, {rules(Restart::temporary), rules()});
  bring_up();
  EXPECT_THAT(crashed(1), ElementsAre("restarting 1", "stop 0"));
  EXPECT_THAT(ended(0, EndKind::shutdown), IsEmpty());
  EXPECT_THAT(after(100ms), ElementsAre("start 1"));
  EXPECT_THAT(started(1), IsEmpty());
  EXPECT_EQ(at(0), ChildState::stopped);
}

TEST_F(SupervisorStateTest, AFinishedTransientChildStartsAgainWithItsGroup) {
  make(Strategy::rest_for_one, {rules(), rules(Restart::transient)});
  bring_up();
  ended(1, EndKind::normal);
  EXPECT_THAT(crashed(0), ElementsAre("restarting 0"));
  EXPECT_THAT(after(100ms), ElementsAre("start 0"));
  EXPECT_THAT(started(0), ElementsAre("start 1"));
}

TEST_F(SupervisorStateTest, OverItsIntensityItStopsAllInReverseAndGivesUp) {
  make(Strategy::one_for_one, {rules(), rules(), rules()}, {2, 30s});
  bring_up();
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(crashed(1), ElementsAre("restarting 1"));
    EXPECT_THAT(after(1s), ElementsAre("start 1"));
    started(1);
  }
  EXPECT_THAT(crashed(1), ElementsAre("stop 2"));
  EXPECT_THAT(ended(2, EndKind::shutdown), ElementsAre("stop 0"));
  const auto last = state_->ended(0, EndKind::shutdown, "end", clock_.now());
  ASSERT_THAT(words(last), ElementsAre("finish"));
  EXPECT_THAT(last[0].reason, HasSubstr("more than 2 restarts"));
  EXPECT_THAT(last[0].reason, HasSubstr("crash"));
}

TEST_F(SupervisorStateTest, APausedChildIsProbedWithBackoffAndNeverCounted) {
  make(Strategy::one_for_one, {rules()}, {1, 1h});
  bring_up();
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(ended(0, EndKind::dependency), ElementsAre("pausing 0"));
    EXPECT_EQ(at(0), ChildState::paused);
    EXPECT_THAT(after(1s), ElementsAre("probe 0"));
    EXPECT_THAT(words(state_->probed(0, false, clock_.now())), IsEmpty());
    EXPECT_THAT(after(99ms), IsEmpty());
    EXPECT_THAT(after(1s), ElementsAre("probe 0"));
    EXPECT_THAT(words(state_->probed(0, true, clock_.now())), ElementsAre("start 0"));
    started(0);
  }
  EXPECT_EQ(state_->children()[0].restarts, 0u);
}

TEST_F(SupervisorStateTest, ProbesBackOff) {
  make(Strategy::one_for_one, {rules()});
  bring_up();
  ended(0, EndKind::dependency);
  for (const auto delay : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    EXPECT_EQ(state_->next_wake(), clock_.now() + delay);
    EXPECT_THAT(after(delay), ElementsAre("probe 0"));
    EXPECT_EQ(state_->next_wake(), std::nullopt);
    state_->probed(0, false, clock_.now());
  }
}

TEST_F(SupervisorStateTest, ThoseAfterAPausedChildWaitForItInRestForOne) {
  make(Strategy::rest_for_one, {rules(), rules(), rules()});
  bring_up();
  EXPECT_THAT(ended(1, EndKind::dependency), ElementsAre("pausing 1", "stop 2"));
  EXPECT_THAT(ended(2, EndKind::shutdown), ElementsAre("restarting 2"));
  EXPECT_THAT(after(1s), ElementsAre("probe 1"));
  EXPECT_THAT(words(state_->probed(1, true, clock_.now())), ElementsAre("start 1"));
  EXPECT_THAT(started(1), ElementsAre("start 2"));
}

TEST_F(SupervisorStateTest, AllWaitForAPausedChildInOneForAll) {
  make(Strategy::one_for_all, {rules(), rules()});
  bring_up();
  EXPECT_THAT(ended(1, EndKind::dependency), ElementsAre("pausing 1", "stop 0"));
  EXPECT_THAT(ended(0, EndKind::shutdown), ElementsAre("restarting 0"));
  EXPECT_THAT(after(1s), ElementsAre("probe 1"));
  EXPECT_THAT(words(state_->probed(1, true, clock_.now())), ElementsAre("start 0"));
  EXPECT_THAT(started(0), ElementsAre("start 1"));
}

TEST_F(SupervisorStateTest, StopsInReverseAndKillsWhoMissesItsDeadline) {
  make(Strategy::one_for_one, {rules(), rules()});
  bring_up();
  EXPECT_THAT(stop(), ElementsAre("stop 1"));
  EXPECT_EQ(state_->next_wake(), clock_.now() + 5s);
  EXPECT_THAT(after(5s), ElementsAre("kill 1"));
  EXPECT_THAT(ended(1, EndKind::abnormal), ElementsAre("stop 0"));
  EXPECT_THAT(ended(0, EndKind::shutdown), ElementsAre("finish"));
  EXPECT_THAT(stop(), IsEmpty());
}

TEST_F(SupervisorStateTest, WhenEndingAChildThatSurvivesItsKillIsLeftBehind) {
  make(Strategy::one_for_one, {rules(), rules()});
  bring_up();
  stop();
  after(5s);
  EXPECT_THAT(after(1s), ElementsAre("overdue 1", "stop 0"));
  EXPECT_THAT(ended(0, EndKind::shutdown), ElementsAre("finish"));
  EXPECT_THAT(ended(1, EndKind::abnormal), IsEmpty());
}

TEST_F(SupervisorStateTest, WhenRestartingAChildThatSurvivesItsKillIsWaitedFor) {
  make(Strategy::one_for_all, {rules(), rules()});
  bring_up();
  EXPECT_THAT(crashed(0), ElementsAre("restarting 0", "stop 1"));
  EXPECT_THAT(after(5s), ElementsAre("kill 1"));
  EXPECT_THAT(after(1s), ElementsAre("overdue 1"));
  EXPECT_EQ(state_->next_wake(), std::nullopt);
  EXPECT_THAT(after(1h), IsEmpty()); // a twin would be worse than waiting
  EXPECT_THAT(ended(1, EndKind::abnormal), ElementsAre("restarting 1", "start 0"));
}

TEST_F(SupervisorStateTest, StoppingCallsOffWhatWaits) {
  make(Strategy::one_for_one, {rules(), rules(), rules()});
  bring_up();
  crashed(0);
  ended(1, EndKind::dependency);
  EXPECT_THAT(stop(), ElementsAre("stop 2"));
  EXPECT_THAT(ended(2, EndKind::shutdown), ElementsAre("finish"));
  EXPECT_EQ(at(0), ChildState::stopped);
  EXPECT_EQ(at(1), ChildState::stopped);
}

TEST_F(SupervisorStateTest, AStartThatTakesLongCanBeStopped) {
  make(Strategy::rest_for_one, {rules(), rules()});
  EXPECT_THAT(words(state_->begin(clock_.now())), ElementsAre("start 0"));
  EXPECT_THAT(stop(), ElementsAre("stop 0"));
  EXPECT_THAT(started(0), IsEmpty());
  EXPECT_EQ(at(0), ChildState::stopping);
  EXPECT_THAT(ended(0, EndKind::shutdown), ElementsAre("finish"));
}

} // namespace
} // namespace graphrag::runtime
