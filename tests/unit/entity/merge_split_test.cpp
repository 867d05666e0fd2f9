// What people decide of names, and how it stands beside the evidence.
#include <gtest/gtest.h>

#include <algorithm>

#include "actors/entity/merge_split.hpp"

namespace graphrag::entity {
namespace {

// A directory fed with names and aliases, and verdicts kept as a store would.
class Collection {
public:
  void name(const std::string& display, int mentions = 1) {
    for (int i = 0; i < mentions; ++i) {
      auto document = std::make_shared<chunk::LiveDocument>();
      document->text = display;
      auto& facts = document->analysis.chunks.emplace_back();
      facts.end_byte = static_cast<std::uint32_t>(display.size());
      facts.mentions.push_back({name_key(normal_name(display)),
                                normal_name(display),
                                {0, static_cast<std::uint32_t>(display.size())},
                                0});
      add(std::move(document));
    }
  }
  void alias(const std::string& longer, const std::string& shorter,
             AliasRule rule = AliasRule::also_known_as) {
    auto document = std::make_shared<chunk::LiveDocument>();
    document->analysis.chunks.push_back(alias_facts(longer, shorter, rule));
    aliases_[longer + shorter] = add(std::move(document));
  }
  void retract_alias(const std::string& longer, const std::string& shorter) {
    names.set_document(aliases_.at(longer + shorter), nullptr);
  }
  Entity entity(const std::string& name) const {
    return *names.entity_of(name_key(normal_name(name)));
  }
  bool one(const std::string& a, const std::string& b) const {
    return entity(a).id == entity(b).id;
  }

  void decide(const std::vector<VerdictChange>& changes) {
    for (const auto& change : changes) {
      std::erase_if(kept_, [&](const NameVerdict& v) {
        return v.first == change.first && v.second == change.second;
      });
      if (change.same) kept_.push_back({change.first, change.second, *change.same});
    }
    names.set_verdicts(kept_);
  }
  void merge(const std::string& a, const std::string& b) {
    const std::vector<Entity> others{entity(b)};
    decide(merge_plan(names, entity(a), others));
  }
  void split(const std::string& of, const std::vector<std::string>& leaving) {
    std::vector<std::uint64_t> keys;
    for (const auto& name : leaving) keys.push_back(name_key(normal_name(name)));
    decide(split_plan(names, entity(of), keys));
  }
  std::size_t verdicts() const { return kept_.size(); }

  NameDirectory names;

private:
  static chunk::AnalysedChunk alias_facts(const std::string& longer, const std::string& shorter,
                                          AliasRule rule) {
    chunk::AnalysedChunk facts;
    facts.aliases.push_back({normal_name(longer),
                             normal_name(shorter),
                             longer,
                             shorter,
                             {},
                             static_cast<std::uint8_t>(rule)});
    return facts;
  }
  std::string add(std::shared_ptr<chunk::LiveDocument> document) {
    document->id = std::to_string(++documents_);
    const auto id = document->id;
    names.set_document(id, std::move(document));
    return id;
  }
  std::vector<NameVerdict> kept_;
  std::map<std::string, std::string> aliases_; // the documents that state them
  int documents_ = 0;
};

void add_holmes(Collection& all) {
  all.name("Sherlock Holmes", 3);
  all.name("Mr. Holmes", 2);
  all.name("Holmes", 5);
  all.name("Mycroft Holmes", 2);
}

TEST(MergeSplit, EntitiesThatNoTextJoinsBecomeOneAndTwoAgain) {
  Collection all;
  all.name("IBM", 5);
  all.name("Big Blue");
  EXPECT_FALSE(all.one("IBM", "Big Blue"));
  all.merge("IBM", "Big Blue");
  EXPECT_TRUE(all.one("IBM", "Big Blue"));
  EXPECT_EQ(all.entity("Big Blue").name, "IBM") << "the better name stands for both";
  EXPECT_EQ(all.entity("Big Blue").mentions, 6);
  all.split("IBM", {"Big Blue"});
  EXPECT_FALSE(all.one("IBM", "Big Blue"));
  EXPECT_EQ(all.verdicts(), 0U) << "nothing is left of it";
}

TEST(MergeSplit, WhatEvidenceJoinedIsKeptApartAndJoinedAgain) {
  Collection all;
  all.name("International Business Machines", 3);
  all.name("IBM", 5);
  all.alias("International Business Machines", "IBM", AliasRule::acronym);
  ASSERT_TRUE(all.one("IBM", "International Business Machines"));
  all.split("IBM", {"IBM"});
  EXPECT_FALSE(all.one("IBM", "International Business Machines"));
  all.alias("International Business Machines", "IBM", AliasRule::acronym);
  EXPECT_FALSE(all.one("IBM", "International Business Machines"))
      << "more evidence changes nothing";
  all.merge("International Business Machines", "IBM");
  EXPECT_TRUE(all.one("IBM", "International Business Machines"));
}

TEST(MergeSplit, ANameToldApartFromTheTopIsNotLedThereByAnotherWay) {
  Collection all;
  for (const auto* name : {"World Health Organization", "WHO", "Health Org"}) all.name(name);
  all.alias("World Health Organization", "WHO");
  all.split("WHO", {"WHO"});
  all.alias("Health Org", "WHO");
  all.alias("World Health Organization", "Health Org");
  EXPECT_FALSE(all.one("WHO", "World Health Organization"));
  EXPECT_TRUE(all.one("Health Org", "World Health Organization"));
}

TEST(MergeSplit, AShortFormLeavesWithTheNameThatLeaves) {
  Collection all;
  for (const auto* name : {"Acme Corporation", "Acme Labs", "AL"}) all.name(name);
  all.alias("Acme Corporation", "Acme Labs");
  all.alias("Acme Labs", "AL");
  ASSERT_TRUE(all.one("AL", "Acme Corporation"));
  all.split("Acme Corporation", {"Acme Labs", "AL"});
  EXPECT_FALSE(all.one("Acme Labs", "Acme Corporation"));
  EXPECT_TRUE(all.one("AL", "Acme Labs"));
}

TEST(MergeSplit, MergingSeveralMakesOne) {
  Collection all;
  add_holmes(all);
  const std::vector<Entity> others{all.entity("Mr. Holmes"), all.entity("Holmes")};
  all.decide(merge_plan(all.names, all.entity("Sherlock Holmes"), others));
  EXPECT_TRUE(all.one("Holmes", "Mr. Holmes"));
  EXPECT_TRUE(all.one("Holmes", "Sherlock Holmes"));
  EXPECT_FALSE(all.one("Mycroft Holmes", "Holmes"));
  EXPECT_EQ(all.names.list("holmes", std::nullopt, "", 10).items.size(), 2U);
}

TEST(MergeSplit, TheOrderOfEvidenceAndVerdictsDoesNotMatter) {
  const std::vector<VerdictChange> verdicts{{"big blue", "ibm", true}, {"big blue", "blue", false}};
  Collection before, after;
  before.decide(verdicts);
  for (auto* all : {&before, &after}) {
    all->name("IBM", 2);
    all->name("Big Blue");
    all->name("Blue");
    all->alias("Big Blue", "Blue");
  }
  after.decide(verdicts);
  for (const auto* name : {"IBM", "Big Blue", "Blue"}) {
    EXPECT_EQ(before.entity(name).id, after.entity(name).id);
    EXPECT_EQ(before.entity(name).aliases, after.entity(name).aliases);
  }
  EXPECT_TRUE(before.one("Big Blue", "IBM"));
  EXPECT_FALSE(before.one("Blue", "IBM"));
}

TEST(MergeSplit, AJoinedEntityFollowsEvidenceThatComesAndGoes) {
  Collection all;
  all.name("A Corp", 2);
  all.name("B Corp");
  all.name("BC");
  all.merge("A Corp", "B Corp");
  EXPECT_FALSE(all.one("BC", "A Corp"));
  all.alias("B Corp", "BC");
  EXPECT_TRUE(all.one("BC", "A Corp"));
  all.retract_alias("B Corp", "BC");
  EXPECT_FALSE(all.one("BC", "A Corp"));
}

TEST(MergeSplit, ContradictingVerdictsKeepApart) {
  Collection all;
  for (const auto* name : {"A Corp", "B Corp", "C Corp"}) all.name(name);
  all.decide({{"a corp", "b corp", true}, {"b corp", "c corp", true}, {"a corp", "c corp", false}});
  EXPECT_FALSE(all.one("A Corp", "C Corp"));
  EXPECT_EQ(all.one("A Corp", "B Corp") + all.one("B Corp", "C Corp"), 1);
}

TEST(MergeSplit, PlansThatChangeNothingAreEmpty) {
  Collection all;
  add_holmes(all);
  const auto one = all.entity("Holmes");
  const std::vector<Entity> itself{one};
  EXPECT_TRUE(merge_plan(all.names, one, itself).empty());
  EXPECT_TRUE(split_plan(all.names, one, {}).empty());
  EXPECT_TRUE(split_plan(all.names, one, one.keys).empty());
}

} // namespace
} // namespace graphrag::entity
