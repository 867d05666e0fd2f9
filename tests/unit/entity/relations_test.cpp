#include <gtest/gtest.h>

#include <algorithm>

#include "actors/chunk/analyse.hpp"
#include "actors/entity/names.hpp"

// Relations by the order of words and by punctuation, in short sentences.
namespace graphrag::entity {
namespace {

// "subject | predicate | object", in order of finding.
std::vector<std::string> relations(const std::string& text) {
  document::ParsedDocument document;
  document.text = text;
  std::vector<std::string> out;
  const auto chunk = chunk::analyse(document, "").chunks.at(0);
  for (const auto& r : chunk.relations)
    out.push_back(r.subject + " | " + r.predicate + " | " + r.object);
  return out;
}

bool states(const std::string& text, const std::string& relation) {
  const auto all = relations(text);
  return std::find(all.begin(), all.end(), relation) != all.end();
}

TEST(Patterns, a_place_and_the_one_around_it) {
  EXPECT_TRUE(states("They met in Overton, Ohio, last May.", "overton | in | ohio"));
  EXPECT_TRUE(states("Finch was born in Overton, Ohio.", "finch | was born in | ohio"));
  EXPECT_TRUE(relations("They went to Overton, Hull, Leeds and York.").empty());
  EXPECT_FALSE(states("They like Overton, Hull and York.", "overton | in | hull"));
}

TEST(Patterns, prepositions_alone) {
  EXPECT_TRUE(states("Harbour Trust in northern Kent left.", "harbour trust | in northern | kent"));
  EXPECT_TRUE(states("We saw Ann Lee, 25, of Overton.", "ann lee | of | overton"));
  EXPECT_TRUE(states("We saw Widget Inc. of Leeds.", "widget inc | of | leeds"));
}

TEST(Patterns, what_a_person_is_to_somebody_before_the_name) {
  EXPECT_TRUE(states("A WIDGCO spokesman Ann Lee left.", "ann lee | spokesman of | widgco"));
  EXPECT_TRUE(states("They met Leeds Mayor Ann Lee.", "ann lee | mayor of | leeds"));
  EXPECT_TRUE(states("So Finch's assassin, Odo Hale, fled.", "odo hale | assassin of | finch"));
}

TEST(Patterns, what_a_person_is_to_somebody_behind_the_name) {
  EXPECT_TRUE(states("It was Ann Lee, the Harbour Trust treasurer.",
                     "ann lee | treasurer of | harbour trust"));
  EXPECT_TRUE(states("Ann Lee, a Leeds native, left.", "ann lee | native of | leeds"));
  EXPECT_TRUE(
      states("So the president of Widgco, Ann Lee, left.", "ann lee | president of | widgco"));
  EXPECT_TRUE(
      states("They met Odo Hale, an adviser of Ann Lee.", "odo hale | an adviser of | ann lee"));
}

TEST(Patterns, where_an_organisation_is) {
  EXPECT_TRUE(states("The Leeds-based Widgco failed.", "widgco | based in | leeds"));
  EXPECT_TRUE(states("LEEDS, England (ABC) It rained.", "abc | in | leeds"));
  EXPECT_TRUE(states("Leeds, May 3 (ABCNEWS) It rained.", "abcnews | in | leeds"));
  EXPECT_TRUE(states("Leeds INTERNEWS in English", "internews | in | leeds"));
  EXPECT_TRUE(states("So Kent's Ministry of Health agreed.", "ministry of health | of | kent"));
}

TEST(Patterns, born_before_the_name) {
  EXPECT_TRUE(states("Born in Leeds, Ann Lee left early.", "ann lee | born in | leeds"));
}

TEST(Relations, who_owns_somebody_is_not_the_object) {
  const std::string text = "Odo Hale was convicted of murdering Leeds reporter Ann Lee.";
  EXPECT_TRUE(states(text, "odo hale | was convicted of murdering | ann lee"));
  EXPECT_FALSE(states(text, "odo hale | was convicted of murdering | leeds"));
}

TEST(Relations, a_scene_is_not_the_subject) {
  EXPECT_TRUE(states("In Kent, Ann Lee, a niece of Odo Hale, was born in Overton.",
                     "ann lee | was born in | overton"));
}

TEST(Deeds, over_many_words) {
  EXPECT_TRUE(
      states("Odo Hale is serving a long sentence without parole for the 1968 slaying of Ann "
             "Lee.",
             "odo hale | slaying of | ann lee"));
  EXPECT_TRUE(states("Odo Hale was jailed for Finch's murder.", "odo hale | murder of | finch"));
  EXPECT_TRUE(states("Ann Lee was shot to death in Overton, Ohio, by Odo Hale.",
                     "ann lee | shot by | odo hale"));
}

} // namespace
} // namespace graphrag::entity
