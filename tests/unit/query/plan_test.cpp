// Which words of a question are taken for names.
#include "actors/query/plan.hpp"

#include <gtest/gtest.h>

#include "actors/entity/words.hpp"
#include "actors/query/local_view.hpp"
#include "tests/unit/query/collection.hpp"

namespace graphrag::query {
namespace {

std::vector<std::string> names(const TestCollection& collection, const std::string& question) {
  Plan plan;
  const auto seen = collection.view();
  LocalView view{seen};
  make_plan(view, question, plan);
  entity::Words words;
  words.read(question);
  std::vector<std::string> out;
  for (const auto& name : plan.names) {
    const auto span = words.span(name.first, name.last);
    if (name.has_home) out.push_back(question.substr(span.start, span.end - span.start));
  }
  return out;
}

using Names = std::vector<std::string>;

TEST(Plan, ANameGoesOverACommaOnlyIfItIsWrittenWithOne) {
  TestCollection collection;
  collection.add("shown", "First-run", "A first-run cinema shows new films.")
      .add("race", "Run the Race", "Run the Race is a film of 2018.")
      .add("medan", "Medan, son of Abraham", "Medan was a son of Abraham.")
      .add("tolkien", "J. R. R. Tolkien", "J. R. R. Tolkien was a writer.");
  EXPECT_EQ(names(collection, "Which came out first, Run the Race or another?"),
            Names{"Run the Race"});
  EXPECT_EQ(names(collection, "Show me First-Run cinemas"), Names{"First-Run"});
  EXPECT_EQ(names(collection, "Who was the father of Medan, Son of Abraham?"),
            Names{"Medan, Son of Abraham"});
  EXPECT_EQ(names(collection, "What did J. R. R. Tolkien write?"), Names{"J. R. R. Tolkien"})
      << "full stops of initials are no commas";
}

TEST(Plan, WhatIsAskedOfANameIsNoName) {
  TestCollection collection;
  collection.add("place", "Place of birth", "The place of birth is a legal term.")
      .add("crowe", "Frank Crowe", "Frank Crowe was an engineer.")
      .add("star", "Death star", "A death star is a weapon.");
  EXPECT_EQ(names(collection, "What is the place of birth of Frank Crowe?"), Names{"Frank Crowe"});
  EXPECT_EQ(names(collection, "What is a place of birth?"), Names{"a place of birth"})
      << "of nothing that has a name";
  EXPECT_EQ(names(collection, "What does Place of Birth say of Frank Crowe?"),
            (Names{"Place of Birth", "Frank Crowe"}))
      << "written as a name";
  EXPECT_EQ(names(collection, "Did Frank Crowe build the death star?"),
            (Names{"Frank Crowe", "the death star"}))
      << "more than words of a relation";
}

} // namespace
} // namespace graphrag::query
