// What a question speaks of, by kind, and what that does to links.
#include <algorithm>

#include <gtest/gtest.h>

#include "actors/query/local_view.hpp"
#include "actors/query/plan.hpp"
#include "tests/unit/query/collection.hpp"

namespace graphrag::query {
namespace {

using entity::Kind;

AskedKinds kinds_of(const TestCollection& collection, const std::string& question) {
  Plan plan;
  const auto seen = collection.view();
  LocalView view{seen};
  make_plan(view, question, plan);
  return plan.kinds;
}

TEST(AskedKinds, NounsTellThem) {
  const TestCollection nothing;
  const auto director = kinds_of(nothing, "When was the director of Rose Hill born?");
  EXPECT_FALSE(director.excludes(Kind::person));
  EXPECT_TRUE(director.excludes(Kind::place));
  EXPECT_TRUE(director.excludes(Kind::event));
  const auto cities = kinds_of(nothing, "Which countries and cities does the road cross?");
  EXPECT_FALSE(cities.excludes(Kind::place));
  EXPECT_TRUE(cities.excludes(Kind::person));
  const auto performer = kinds_of(nothing, "What label is the performer of Blue with?");
  EXPECT_FALSE(performer.excludes(Kind::person));
  EXPECT_FALSE(performer.excludes(Kind::organisation));
  EXPECT_TRUE(performer.excludes(Kind::place));
}

TEST(AskedKinds, WhoAndWhereCountWhenNoNounDoes) {
  const TestCollection nothing;
  EXPECT_TRUE(kinds_of(nothing, "Who came to Rose Hill?").excludes(Kind::place));
  EXPECT_TRUE(kinds_of(nothing, "Where is Rose Hill?").excludes(Kind::person));
  const auto both = kinds_of(nothing, "Where was the director of Rose Hill born?");
  EXPECT_TRUE(both.excludes(Kind::place)) << "the place is the answer, not on the way to it";
}

TEST(AskedKinds, WithoutAHintAndForUnknownKindsNothingIsExcluded) {
  const TestCollection nothing;
  const auto none = kinds_of(nothing, "How large is it?");
  for (auto kind : {Kind::person, Kind::place, Kind::event, Kind::unknown})
    EXPECT_FALSE(none.excludes(kind));
  EXPECT_FALSE(kinds_of(nothing, "Who was it?").excludes(Kind::unknown));
  EXPECT_FALSE(kinds_of(nothing, "Who was it?").excludes(Kind::date));
}

TEST(AskedKinds, WordsWithinNamesSayNothing) {
  TestCollection collection;
  collection.add("b", "The City Band", "The City Band is a film of 1950.");
  EXPECT_FALSE(kinds_of(collection, "When did The City Band come out?").excludes(Kind::person));
}

// Two homes that the same sentence leads to, one of them of a kind that is not asked for.
TestCollection film() {
  TestCollection collection;
  collection.add("film", "Rose Hill", "Rose Hill is a film directed by Ann Lee in Bergtal.");
  collection.add("place", "Bergtal", "Bergtal is a town with a stone bridge.");
  collection.add("person", "Ann Lee", "Ann Lee is an actress with a garden.");
  for (int i = 0; i < 20; ++i)
    collection.add("other" + std::to_string(i), "Village " + std::to_string(i),
                   "A settlement with some houses, number " + std::to_string(i) + ".");
  return collection;
}

std::size_t rank(const std::vector<std::string>& found, const std::string& id) {
  return static_cast<std::size_t>(std::find(found.begin(), found.end(), id) - found.begin());
}

TEST(AskedKinds, LinksToOtherKindsWeighLess) {
  const auto collection = film();
  const auto person = ids(collection.ask("How old is the director of Rose Hill?"));
  EXPECT_LT(rank(person, "person"), rank(person, "place"));
  const auto place = ids(collection.ask("How old is the city of Rose Hill?"));
  EXPECT_LT(rank(place, "place"), rank(place, "person"));
}

} // namespace
} // namespace graphrag::query
