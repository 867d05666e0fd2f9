#include "actors/entity/resolution.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace graphrag::entity {
namespace {

NameEvidence name(const std::string& normal, std::int64_t mentions = 1, Kind kind = Kind::unknown,
                  std::int64_t homes = 0, std::int64_t titles = 0) {
  return {normal, "<" + normal + ">", kind, mentions, homes, titles};
}
AliasEvidence alias(const std::string& a, const std::string& b,
                    AliasRule rule = AliasRule::also_known_as) {
  return {a, b, rule, 1};
}

// Each entity as its normals, the one that names it first.
std::vector<std::vector<std::string>> groups(const std::vector<NameEvidence>& names,
                                             const std::vector<AliasEvidence>& aliases) {
  std::vector<std::vector<std::string>> result;
  for (const auto& entity : resolve(names, aliases)) {
    std::vector<std::string> group{entity.normal};
    for (const auto& other : entity.aliases)
      group.push_back(other.starts_with('<') ? other.substr(1, other.size() - 2) : other);
    result.push_back(group);
  }
  return result;
}
using Groups = std::vector<std::vector<std::string>>;

TEST(Resolution, names_without_evidence_stay_apart) {
  EXPECT_EQ(groups({name("apple"), name("apple records")}, {}),
            (Groups{{"apple"}, {"apple records"}}));
}

TEST(Resolution, short_forms_join_their_only_long_form) {
  EXPECT_EQ(groups({name("sherlock holmes"), name("holmes", 9), name("mr holmes")},
                   {alias("sherlock holmes", "holmes", AliasRule::surname),
                    alias("sherlock holmes", "mr holmes")}),
            (Groups{{"sherlock holmes", "holmes", "mr holmes"}}));
}

TEST(Resolution, an_acronym_of_two_things_joins_neither) {
  EXPECT_EQ(
      groups({name("american medical association"), name("australian medical association"),
              name("ama")},
             {alias("american medical association", "ama", AliasRule::acronym),
              alias("australian medical association", "ama", AliasRule::acronym)}),
      (Groups{{"ama"}, {"american medical association"}, {"australian medical association"}}));
}

TEST(Resolution, two_people_of_one_surname_are_never_merged) {
  EXPECT_EQ(groups({name("sherlock holmes"), name("mycroft holmes"), name("holmes")},
                   {alias("sherlock holmes", "holmes", AliasRule::surname),
                    alias("mycroft holmes", "holmes", AliasRule::surname)}),
            (Groups{{"holmes"}, {"mycroft holmes"}, {"sherlock holmes"}}));
}

TEST(Resolution, long_forms_that_are_one_share_their_short_form) {
  EXPECT_EQ(
      groups({name("international business machines", 5),
              name("international business machines corp"), name("ibm")},
             {alias("international business machines", "international business machines corp"),
              alias("international business machines", "ibm", AliasRule::acronym),
              alias("international business machines corp", "ibm", AliasRule::acronym)}),
      (Groups{{"international business machines", "ibm", "international business machines corp"}}));
}

TEST(Resolution, a_word_at_home_elsewhere_is_not_a_surname) {
  EXPECT_EQ(groups({name("joe paris"), name("paris", 5, Kind::place, 1, 1)},
                   {alias("joe paris", "paris", AliasRule::surname)}),
            (Groups{{"joe paris"}, {"paris"}}));
}

TEST(Resolution, a_base_title_of_its_own_keeps_apart_from_the_qualified_one) {
  const auto qualified = alias("dune film", "dune", AliasRule::title_qualifier);
  EXPECT_EQ(groups({name("dune film", 0, Kind::work, 1, 1), name("dune", 3)}, {qualified}),
            (Groups{{"dune film", "dune"}}));
  EXPECT_EQ(groups({name("dune film", 0, Kind::work, 1, 1), name("dune", 3, Kind::work, 1, 1)},
                   {qualified}),
            (Groups{{"dune"}, {"dune film"}}));
}

TEST(Resolution, names_that_point_at_each_other_are_one) {
  EXPECT_EQ(groups({name("snoop dogg", 9), name("snoop lion")},
                   {alias("snoop dogg", "snoop lion"), alias("snoop lion", "snoop dogg")}),
            (Groups{{"snoop dogg", "snoop lion"}}));
}

TEST(Resolution, entities_know_their_kind_and_their_id) {
  const auto entities =
      resolve(std::vector{name("world health organization", 2, Kind::organisation), name("who", 7)},
              std::vector{alias("world health organization", "who", AliasRule::acronym)});
  ASSERT_EQ(entities.size(), 1U);
  EXPECT_EQ(entities[0].id, entity_id(name_key("world health organization")));
  EXPECT_EQ(entities[0].kind, Kind::organisation);
  EXPECT_EQ(entities[0].mentions, 9);
  EXPECT_EQ(entities[0].name, "<world health organization>");
  std::uint64_t key = 0;
  ASSERT_TRUE(parse_entity_id(entities[0].id, key));
  EXPECT_EQ(key, name_key("world health organization"));
  EXPECT_FALSE(parse_entity_id("not an id", key));
}

// Random evidence over few names, so that circles and ambiguities are common.
struct Evidence {
  std::vector<NameEvidence> names;
  std::vector<AliasEvidence> aliases;
};
Evidence random_evidence(std::mt19937& random, int names, int aliases) {
  auto pick = [&] { return "n" + std::to_string(random() % 12); };
  Evidence result;
  for (int i = 0; i < names; ++i)
    result.names.push_back(
        name(pick(), 1, static_cast<Kind>(random() % 3), static_cast<int>(random() % 2)));
  for (int i = 0; i < aliases; ++i) {
    auto a = pick();
    auto b = pick();
    if (a != b) result.aliases.push_back(alias(a, b, static_cast<AliasRule>(random() % 4)));
  }
  return result;
}

TEST(Resolution, the_order_of_evidence_does_not_matter) {
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    auto evidence = random_evidence(random, 20, 1 + round % 15);
    const auto expected = groups(evidence.names, evidence.aliases);
    std::shuffle(evidence.names.begin(), evidence.names.end(), random);
    std::shuffle(evidence.aliases.begin(), evidence.aliases.end(), random);
    ASSERT_EQ(groups(evidence.names, evidence.aliases), expected);
  }
}

TEST(Resolution, every_name_is_of_exactly_one_entity) {
  std::mt19937 random{11};
  for (int round = 0; round < 200; ++round) {
    const auto evidence = random_evidence(random, 20, 1 + round % 15);
    NameGraph graph;
    for (const auto& n : evidence.names) graph.add(n);
    for (const auto& a : evidence.aliases) graph.add(a);
    std::size_t seen = 0;
    graph.for_each_root("", [&](std::string_view, std::uint64_t root) {
      seen += graph.members(root).size();
      return true;
    });
    ASSERT_EQ(seen, graph.names());
  }
}

TEST(Resolution, retracted_evidence_leaves_no_trace) {
  std::mt19937 random{13};
  for (int round = 0; round < 200; ++round) {
    const auto kept = random_evidence(random, 10, 6);
    const auto gone = random_evidence(random, 10, 6);
    NameGraph graph;
    for (const auto& n : gone.names) graph.add(n);
    for (const auto& a : kept.aliases) graph.add(a);
    for (const auto& a : gone.aliases) graph.add(a);
    for (const auto& n : kept.names) graph.add(n);
    for (const auto& a : gone.aliases) graph.retract(a);
    for (const auto& n : gone.names) graph.retract(n);
    const auto expected = resolve(kept.names, kept.aliases);
    std::size_t i = 0;
    graph.for_each_root("", [&](std::string_view, std::uint64_t root) {
      const auto entity = graph.entity(root);
      EXPECT_LT(i, expected.size());
      if (i >= expected.size()) return false;
      EXPECT_EQ(entity.normal, expected[i].normal);
      EXPECT_EQ(entity.keys, expected[i].keys);
      EXPECT_EQ(entity.name, expected[i].name);
      EXPECT_EQ(entity.kind, expected[i].kind);
      EXPECT_EQ(entity.mentions, expected[i].mentions);
      ++i;
      return true;
    });
    ASSERT_EQ(i, expected.size());
  }
}

} // namespace
} // namespace graphrag::entity
