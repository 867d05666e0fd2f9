#include <gtest/gtest.h>

#include "actors/document/ingest_machine.hpp"

namespace graphrag::document {
namespace {

std::vector<Step> walk(const IngestPlan& plan) {
  IngestMachine machine{plan};
  std::vector<Step> steps{machine.first()};
  while (steps.back() != Step::finish && steps.size() < 20)
    steps.push_back(machine.next(steps.back(), StepResult::ok));
  return steps;
}

TEST(IngestMachine, ASmallTextNeedsOneTransaction) {
  EXPECT_EQ(walk({}), (std::vector{Step::analyse, Step::commit, Step::wait_visible, Step::finish}));
}

TEST(IngestMachine, AFileIsDurableBeforeItIsParsed) {
  EXPECT_EQ(walk({.is_file = true, .accept_first = true}),
            (std::vector{Step::put_blob, Step::accept, Step::parse, Step::analyse, Step::commit,
                         Step::wait_visible, Step::finish}));
}

TEST(IngestMachine, AResumedDocumentCountsItsAttemptFirst) {
  EXPECT_EQ(walk({.is_file = true, .resumed = true, .attempts = 1}),
            (std::vector{Step::start_attempt, Step::load_blob, Step::parse, Step::analyse,
                         Step::commit, Step::wait_visible, Step::finish}));
}

TEST(IngestMachine, AnAttemptThatWaitedForADependencyGoesOnUncounted) {
  IngestMachine first{{.is_file = true, .resumed = true, .attempts = 2}};
  EXPECT_FALSE(first.attempt_open());
  first.next(first.first(), StepResult::ok);
  EXPECT_TRUE(first.attempt_open());
  EXPECT_EQ(first.next(Step::commit, StepResult::transient), Step::finish);
  // The third attempt is counted by now, and still is not the last one.
  EXPECT_EQ(walk({.is_file = true, .resumed = true, .attempts = 3, .attempt_open = true}),
            (std::vector{Step::load_blob, Step::parse, Step::analyse, Step::commit,
                         Step::wait_visible, Step::finish}));
}

TEST(IngestMachine, AnAttemptThatCouldNotBeCountedIsNotOpen) {
  IngestMachine machine{{.is_file = true, .resumed = true}};
  EXPECT_EQ(machine.next(machine.first(), StepResult::transient), Step::finish);
  EXPECT_FALSE(machine.attempt_open());
}

TEST(IngestMachine, TheThirdUnfinishedAttemptIsTheLast) {
  IngestMachine machine{{.is_file = true, .resumed = true, .attempts = max_attempts}};
  EXPECT_EQ(machine.first(), Step::fail);
  EXPECT_EQ(machine.next(Step::fail, StepResult::ok), Step::finish);
}

TEST(IngestMachine, ABadDocumentFailsDurablyOnlyWhenItWasAccepted) {
  IngestMachine accepted{{.is_file = true, .accept_first = true}};
  accepted.next(Step::put_blob, StepResult::ok);
  EXPECT_FALSE(accepted.accepted());
  accepted.next(Step::accept, StepResult::ok);
  EXPECT_TRUE(accepted.accepted());
  EXPECT_EQ(accepted.next(Step::parse, StepResult::bad_document), Step::fail);

  IngestMachine direct{{}};
  EXPECT_EQ(direct.next(Step::analyse, StepResult::bad_document), Step::finish);
}

TEST(IngestMachine, AFailureThatCannotBeRecordedEndsTheWork) {
  IngestMachine machine{{.is_file = true, .resumed = true, .attempts = 3}};
  EXPECT_EQ(machine.next(Step::fail, StepResult::bad_document), Step::finish);
  EXPECT_EQ(machine.next(Step::fail, StepResult::transient), Step::finish);
}

TEST(IngestMachine, EveryStepEndsAtOnceWhenFencedOrWithoutItsDependency) {
  for (auto step : {Step::put_blob, Step::accept, Step::start_attempt, Step::load_blob, Step::parse,
                    Step::analyse, Step::commit, Step::fail, Step::wait_visible})
    for (auto result : {StepResult::stale, StepResult::transient}) {
      IngestMachine machine{{.is_file = true, .resumed = true, .attempts = 0}};
      EXPECT_EQ(machine.next(step, result), Step::finish);
    }
}

TEST(IngestMachine, AnUnchangedDocumentIsDone) {
  IngestMachine machine{{}};
  EXPECT_EQ(machine.next(Step::commit, StepResult::unchanged), Step::wait_visible);
  EXPECT_EQ(machine.next(Step::accept, StepResult::unchanged), Step::finish);
}

} // namespace
} // namespace graphrag::document
