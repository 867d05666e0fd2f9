// Two things of one name: when definitions tell them apart, and when they do not.
#include "actors/entity/senses.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "actors/chunk/analyse.hpp"

namespace graphrag::entity {
namespace {

Definition says(const std::string& what, std::uint16_t born = 0, std::uint16_t died = 0,
                const std::string& title = "") {
  static std::uint64_t place = 0;
  return {what, born, died, title, ++place};
}

std::size_t senses(const std::vector<Definition>& definitions) {
  return std::max<std::size_t>(1, senses_of(definitions).all.size());
}
std::set<std::string> qualifiers(const std::vector<Definition>& definitions) {
  std::set<std::string> found;
  for (const auto& sense : senses_of(definitions).all) found.insert(sense.qualifier);
  return found;
}
using Qualifiers = std::set<std::string>;

TEST(Senses, OneDefinitionIsOneThing) {
  EXPECT_TRUE(senses_of({}).all.empty());
  EXPECT_EQ(senses({says("English explorer")}), 1U);
}

TEST(Senses, PeopleOfOtherNationsWithNothingInCommonAreTwo) {
  EXPECT_EQ(qualifiers({says("English explorer"), says("American baseball pitcher", 1951)}),
            (Qualifiers{"explorer", "pitcher"}));
}

TEST(Senses, WhatOnePersonMayBeIsOne) {
  EXPECT_EQ(senses({says("American actor"), says("American film director")}), 1U);
  EXPECT_EQ(senses({says("American actor"), says("American politician")}), 1U);
  EXPECT_EQ(senses({says("English novelist"), says("American screenwriter")}), 1U);
  EXPECT_EQ(senses({says("English footballer"), says("British football manager")}), 1U);
  EXPECT_EQ(senses({says("Austrian-American bodybuilder"), says("American politician")}), 1U);
  EXPECT_EQ(senses({says("politician"), says("American baseball player")}), 1U);
}

TEST(Senses, YearsTellPeopleApart) {
  EXPECT_EQ(qualifiers({says("American actor", 1901, 1960), says("American actor", 1951)}),
            (Qualifiers{"actor, born 1901", "actor, born 1951"}));
  EXPECT_EQ(senses({says("American actor", 1950), says("American actor", 1951)}), 1U);
  EXPECT_EQ(senses({says("English explorer", 1951), says("American pitcher", 1951)}), 1U)
      << "born in one year, whatever the rest";
  EXPECT_EQ(senses({says("rabbi", 1290, 1376), says("rabbi", 1320, 1376)}), 1U);
  EXPECT_EQ(senses({says("American actor", 0, 1890), says("American actor", 1951)}), 2U)
      << "dead before the other was born";
}

TEST(Senses, SortsOfThingsThatExcludeEachOther) {
  EXPECT_EQ(senses({says("capital"), says("American socialite")}), 2U);
  EXPECT_EQ(senses({says("state"), says("American country music band")}), 2U);
  EXPECT_EQ(senses({says("1926 novel"), says("1935 film")}), 2U);
  EXPECT_EQ(senses({says("river"), says("town")}), 2U);
  EXPECT_EQ(senses({says("company"), says("organisation"), says("corporation")}), 1U);
  EXPECT_EQ(senses({says("university"), says("building")}), 1U);
  EXPECT_EQ(senses({says("island"), says("country")}), 1U);
  EXPECT_EQ(senses({says("city councilman"), says("American politician")}), 1U);
}

TEST(Senses, WorksOfDifferentYears) {
  EXPECT_EQ(qualifiers({says("1953 American drama film"), says("1997 film")}),
            (Qualifiers{"film, 1953", "film, 1997"}));
  EXPECT_EQ(senses({says("1997 American film"), says("1998 film")}), 1U);
}

TEST(Senses, TitlesNameTheSense) {
  EXPECT_EQ(qualifiers({says("English soldier", 0, 0, "explorer"),
                        says("Scottish lawyer", 0, 0, "politician")}),
            (Qualifiers{"explorer", "politician"}));
  EXPECT_EQ(senses({says("film", 0, 0, "film"), says("1997 film", 0, 0, "1997 film")}), 1U);
}

TEST(Senses, ADefinitionThatFitsSeveralIsOfNone) {
  const std::vector<Definition> all{says("English explorer"), says("American baseball pitcher"),
                                    says("man")};
  const auto found = senses_of(all);
  ASSERT_EQ(found.all.size(), 2U);
  EXPECT_EQ(found.of[2], Senses::none);
  EXPECT_NE(found.of[0], found.of[1]);
}

TEST(Senses, TheOrderOfDefinitionsDoesNotMatter) {
  std::vector<Definition> all{says("English explorer"),
                              says("American baseball pitcher", 1951),
                              says("pitcher"),
                              says("Scottish politician", 1938, 1994),
                              says("British politician"),
                              says("1978 film"),
                              says("film"),
                              says("American lawyer and politician"),
                              says("English actor", 1600, 1650),
                              says("village")};
  const auto groups = [](const std::vector<Definition>& definitions) {
    std::set<std::pair<std::string, std::set<std::uint64_t>>> out;
    const auto found = senses_of(definitions);
    for (std::uint32_t sense = 0; sense < found.all.size(); ++sense) {
      std::set<std::uint64_t> places;
      for (std::size_t i = 0; i < definitions.size(); ++i)
        if (found.of[i] == sense) places.insert(definitions[i].place);
      out.insert({found.all[sense].qualifier, places});
    }
    return out;
  };
  const auto expected = groups(all);
  EXPECT_GE(expected.size(), 4U);
  std::mt19937 random{5};
  for (int round = 0; round < 100; ++round) {
    std::shuffle(all.begin(), all.end(), random);
    ASSERT_EQ(groups(all), expected);
  }
}

TEST(Senses, AKeyOfItsOwnFromWhichTheNameCanBeRead) {
  const auto found = senses_of(std::vector{says("English explorer"), says("1997 film")});
  ASSERT_EQ(found.all.size(), 2U);
  const auto normal = sense_normal("john smith", found.all[0]);
  EXPECT_EQ(written_name(normal), "john smith");
  EXPECT_EQ(written_name("john smith"), "john smith");
}

// What analysis keeps of a defining sentence.
chunk::Home home_of(const std::string& text, const std::string& normal,
                    const std::string& title = "") {
  document::ParsedDocument parsed;
  parsed.text = text;
  const auto facts = chunk::analyse(parsed, title);
  for (const auto& home : facts.chunks.at(0).homes)
    if (home.normal == normal) return home;
  ADD_FAILURE() << normal << " is not at home in " << text;
  return {};
}
std::string what_of(const std::string& text, const std::string& normal) {
  const auto home = home_of(text, normal);
  return text.substr(home.what.start, home.what.end - home.what.start);
}

TEST(Definitions, WhatASentenceSaysThatSomethingIs) {
  EXPECT_EQ(what_of("John Smith was an English explorer.", "john smith"), "English explorer");
  EXPECT_EQ(what_of("Ann Lee is an American singer, actress and model from Ohio.", "ann lee"),
            "American singer, actress and model");
  EXPECT_EQ(what_of("Titanic Night is a 1997 American film directed by Ann Lee.", "titanic night"),
            "1997 American film");
  EXPECT_EQ(what_of("We met Ann Lee, a Danish painter, in Paris.", "ann lee"), "Danish painter");
}

TEST(Definitions, YearsOfALife) {
  const auto life = [](const std::string& text) {
    const auto home = home_of(text, "john smith");
    return std::pair{home.born, home.died};
  };
  using Life = std::pair<std::uint16_t, std::uint16_t>;
  EXPECT_EQ(life("John Smith is an American baseball pitcher, born 1951."), (Life{1951, 0}));
  EXPECT_EQ(life("John Smith (born 5 May 1951 in Leeds) is a pitcher."), (Life{1951, 0}));
  EXPECT_EQ(life("John Smith (1580 - 1631) was an English explorer."), (Life{1580, 1631}));
  EXPECT_EQ(life("John Smith (May 5, 1938 - June 1, 1994) was a politician."), (Life{1938, 1994}));
  EXPECT_EQ(life("John Smith (died 12 May 938) was a bishop."), (Life{0, 938}));
  EXPECT_EQ(life("John Smith was an English explorer."), (Life{0, 0}));
}

TEST(Definitions, TheTitleLearnsWhatTheOpeningSays) {
  const auto home = home_of("John Smith was an English explorer.", "john smith explorer",
                            "John Smith (explorer)");
  EXPECT_GT(home.what.end, home.what.start);
}

} // namespace
} // namespace graphrag::entity
