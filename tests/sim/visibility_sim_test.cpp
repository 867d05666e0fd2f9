// The visibility protocol (docs/visibility.md) under random schedules: clients change documents
// while the node stops between any two steps, messages get lost, doubled and late, and the store
// fails. After every step nothing acknowledged is lost, no half or dead version is seen, no client
// sees a version go back, and every request ends. The seed of a failure is printed.
#include <gtest/gtest.h>

#include "runtime/store/faulty_store.hpp"
#include "tests/sim/visibility_oracle.hpp"

namespace graphrag::visibility {
namespace {

constexpr int clients = 3;
constexpr int events = 200;
const std::vector<std::string> documents{"a0", "a1", "b0", "b1", "c0", "c1"};

class Simulation {
public:
  Simulation(std::uint64_t seed, Bugs bugs) : random_(seed), bugs_(bugs) { start(); }

  // What went wrong, or nothing.
  std::optional<std::string> run() {
    for (now_ = 1; now_ <= events && !oracle_.violation(); ++now_) event();
    if (!oracle_.violation()) settle();
    return oracle_.violation();
  }

  const Oracle::Tally& tally() const { return oracle_.tally(); }
  std::uint64_t stops() const { return stops_; }

private:
  void start() { node_ = std::make_unique<Pipeline>(*store_, bugs_); }

  void stop_and_start() {
    collect();
    ++stops_; // requests that were open are never answered: nobody knows
    node_.reset();
    start();
  }

  void event() {
    clock_->advance(std::chrono::milliseconds(1));
    auto roll = below(random_, 100);
    if (roll < 25) {
      submit();
    } else if (roll < 28) {
      stop_and_start();
    } else if (roll < 32) {
      break_store();
    } else if (roll < 34) {
      node_->stall_view(below(random_, 100));
    } else if (roll < 37 && node_->view().ready()) {
      EXPECT_TRUE(store_->trim_changes(node_->view().applied()));
    }
    for (int i = 0; i < 4; ++i) step(false);
    oracle_.check_terms(node_->view(), random_);
    node_->tick(now_);
    collect();
    for (const auto& request : node_->open_requests())
      EXPECT_GT(request.deadline, now_) << "a request outlived its deadline";
  }

  void step(bool calm) {
    node_->step(random_, calm);
    if (auto tag = node_->crashed()) {
      oracle_.parse_crashed(*tag);
      stop_and_start();
    }
    collect();
    oracle_.check_store(*durable_);
    oracle_.check_view(node_->view());
    oracle_.read(static_cast<int>(below(random_, clients)), node_->view(), random_);
  }

  void collect() {
    for (const auto& ended : node_->take_ended()) oracle_.ended(ended);
  }

  // A client that has no request open changes one of its own documents.
  void submit() {
    auto client = below(random_, clients);
    auto prefix = static_cast<char>('a' + client);
    for (const auto& open : node_->open_requests())
      if (open.document[0] == prefix) return;
    Request request;
    request.id = ++last_request_;
    request.document = std::string(1, prefix) + std::to_string(below(random_, 2));
    request.tag = ++last_tag_;
    request.wait_until_searchable = below(random_, 3) != 0;
    request.deadline = now_ + 1 + below(random_, 20);
    auto roll = below(random_, 20);
    request.kind = roll < 6    ? Kind::put_direct
                   : roll < 12 ? Kind::put_queued
                   : roll < 14 ? Kind::patch
                   : roll < 18 ? Kind::remove
                   : roll < 19 ? Kind::retry
                               : Kind::cancel;
    if (request.kind == Kind::put_direct && poisonous(request.tag)) request.kind = Kind::put_queued;
    oracle_.submitted(request);
    node_->submit(std::move(request));
  }

  void break_store() {
    using runtime::Errc, runtime::FaultPoint;
    switch (below(random_, 4)) {
    case 0:
      return store_->fail_writes(Errc::no_space, FaultPoint::before_commit);
    case 1:
      return store_->fail_writes(Errc::io, FaultPoint::before_commit);
    case 2:
      return store_->fail_writes(Errc::unavailable, FaultPoint::after_commit);
    default:
      return store_->fail_reads(Errc::unavailable, 1 + below(random_, 3));
    }
  }

  // After the faults stop, everything comes to an end and the view shows what the store holds.
  void settle() {
    for (int i = 0; i < 20'000 && !oracle_.violation(); ++i) {
      step(true);
      node_->tick(++now_);
      collect();
      bool quiet = node_->idle() && durable_->claimable(1, 1)->empty() && node_->view().ready() &&
                   node_->view().applied() == *durable_->last_seq();
      if (quiet) break;
    }
    oracle_.check_converged(*durable_, node_->view());
    oracle_.check_store(*durable_);
  }

  Random random_;
  Bugs bugs_;
  std::shared_ptr<runtime::ManualClock> clock_ = std::make_shared<runtime::ManualClock>();
  std::shared_ptr<runtime::Store> durable_ = runtime::make_memory_store(clock_);
  std::shared_ptr<runtime::FaultyStore> store_ = std::make_shared<runtime::FaultyStore>(durable_);
  std::unique_ptr<Pipeline> node_;
  Oracle oracle_{documents};
  std::uint64_t now_ = 0;
  std::uint64_t stops_ = 0;
  int last_request_ = 0;
  Tag last_tag_ = 0;
};

// The first seed that finds a planted mistake, or nothing.
std::optional<std::uint64_t> first_seed_that_finds(Bugs bugs, std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    if (Simulation(seed, bugs).run()) return seed;
  return std::nullopt;
}

TEST(VisibilitySimulation, HoldsForManySchedules) {
  Oracle::Tally all;
  std::uint64_t stops = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Simulation simulation(seed, Bugs{});
    auto violation = simulation.run();
    ASSERT_FALSE(violation) << "seed " << seed << ": " << *violation;
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
    all.searchable += simulation.tally().searchable;
    all.durable += simulation.tally().durable;
    all.refused += simulation.tally().refused;
    all.unknown += simulation.tally().unknown;
    all.reads += simulation.tally().reads;
    all.crash_loops += simulation.tally().crash_loops != 0;
    stops += simulation.stops();
  }
  // Much of everything must have happened, or the runs say nothing.
  EXPECT_GT(all.searchable, 1000U);
  EXPECT_GT(all.durable, 1000U);
  EXPECT_GT(all.refused, 500U);
  EXPECT_GT(all.unknown, 500U);
  EXPECT_GT(all.reads, 50'000U);
  EXPECT_GT(all.crash_loops, 50U);
  EXPECT_GT(stops, 2000U);
}

TEST(VisibilitySimulation, FindsAnAnswerBeforeTheCommit) {
  EXPECT_TRUE(first_seed_that_finds(Bugs{.ack_before_commit = true}, 20));
}

TEST(VisibilitySimulation, FindsMessagesAppliedWithoutLookingAtTheirNumbers) {
  EXPECT_TRUE(first_seed_that_finds(Bugs{.apply_without_sequence_check = true}, 20));
}

TEST(VisibilitySimulation, FindsATailThatIsShownPageByPage) {
  EXPECT_TRUE(first_seed_that_finds(Bugs{.show_half_a_tail = true}, 400));
}

} // namespace
} // namespace graphrag::visibility
