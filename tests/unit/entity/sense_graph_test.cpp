// The graph around two things of one name, and what people decide of them.
#include <gtest/gtest.h>

#include <set>

#include "actors/entity/graph.hpp"
#include "actors/entity/merge_split.hpp"
#include "tests/support/live_collection.hpp"

namespace graphrag::entity {
namespace {

class Smiths {
public:
  Smiths() {
    collection_.put("explorer", "",
                    "John Smith was an English explorer. John Smith married Ann Lee in London.");
    collection_.put("pitcher", "",
                    "John Smith is an American baseball pitcher, born 1951. John Smith married "
                    "Jane Doe in Boston.");
    collection_.put("other", "", "At noon we met John Smith and Bob Ray at the station.");
  }
  const NameDirectory& names() { return collection_.entities().names(); }
  void decide(const std::vector<runtime::Verdict>& verdicts) {
    collection_.entities().set_verdicts(verdicts);
  }
  Entity meant(const std::string& document) {
    return *names().entity_of(names().meant_in(document, 0, name_key("john smith")));
  }
  std::set<std::string> documents_around(const Entity& entity) {
    std::set<std::string> documents;
    for (const auto& edge : neighbours(collection_.view(), names(), entity, {}).edges)
      documents.insert(edge.evidence.document_id);
    return documents;
  }
  bool edge_to(const Entity& entity, const std::string& name) {
    const auto wanted = names().entity_of(name_key(name));
    for (const auto& edge : neighbours(collection_.view(), names(), entity, {}).edges)
      if (edge.source == wanted->id || edge.target == wanted->id) return true;
    return false;
  }

private:
  test::LiveCollection collection_;
};

TEST(SenseGraph, EachSenseHasItsOwnEdges) {
  Smiths smiths;
  const auto explorer = smiths.meant("explorer");
  const auto pitcher = smiths.meant("pitcher");
  EXPECT_EQ(smiths.documents_around(explorer), std::set<std::string>{"explorer"});
  EXPECT_EQ(smiths.documents_around(pitcher), std::set<std::string>{"pitcher"});
  EXPECT_TRUE(smiths.edge_to(explorer, "ann lee"));
  EXPECT_FALSE(smiths.edge_to(explorer, "jane doe"));
  EXPECT_TRUE(smiths.edge_to(pitcher, "jane doe"));
  EXPECT_FALSE(smiths.edge_to(pitcher, "ann lee"));
  EXPECT_EQ(explorer.mentions, 1);
}

TEST(SenseGraph, ListsShowEverySenseWithItsDescription) {
  Smiths smiths;
  std::set<std::string> shown;
  for (const auto& entity : smiths.names().list("John Smith", std::nullopt, "", 10).items)
    shown.insert(entity.name + ": " + entity.description);
  EXPECT_EQ(shown,
            (std::set<std::string>{"John Smith: ", "John Smith (explorer): English explorer",
                                   "John Smith (pitcher): American baseball pitcher (born 1951)"}));
}

TEST(SenseGraph, PeopleJoinSensesAndPartThemAgain) {
  Smiths smiths;
  const auto decide = [&](const std::vector<VerdictChange>& changes) {
    std::vector<runtime::Verdict> verdicts;
    for (const auto& change : changes)
      if (change.same) verdicts.push_back({change.first, change.second, *change.same});
    smiths.decide(verdicts);
    return changes.size();
  };
  const std::vector<Entity> other{smiths.meant("pitcher")};
  EXPECT_EQ(decide(merge_plan(smiths.names(), smiths.meant("explorer"), other)), 1U);
  const auto one = smiths.meant("explorer");
  EXPECT_EQ(one.id, smiths.meant("pitcher").id);
  EXPECT_EQ(one.keys.size(), 2U);
  EXPECT_EQ(smiths.documents_around(one), (std::set<std::string>{"explorer", "pitcher"}));
  const std::vector<std::uint64_t> leaving{one.keys.back()};
  decide(split_plan(smiths.names(), one, leaving));
  EXPECT_NE(smiths.meant("explorer").id, smiths.meant("pitcher").id);
}

TEST(SenseGraph, ANameWithoutAnyMentionOfItsOwnStillTellsItsSenses) {
  test::LiveCollection collection;
  collection.put("a", "", "John Smith was an English explorer.");
  collection.put("b", "", "John Smith is an American baseball pitcher, born 1951.");
  const auto& names = collection.entities().names();
  const auto bare = names.find(entity_id(name_key("john smith")));
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->mentions, 0);
  ASSERT_EQ(bare->senses.size(), 2U);
  for (const auto& sense : bare->senses) EXPECT_EQ(names.find(sense.id)->id, sense.id);
  collection.remove("a");
  collection.remove("b");
  EXPECT_FALSE(names.find(entity_id(name_key("john smith"))));
  EXPECT_EQ(names.names(), 0U);
}

} // namespace
} // namespace graphrag::entity
