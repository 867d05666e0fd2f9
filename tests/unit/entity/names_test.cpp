#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "actors/chunk/analyse.hpp"
#include "actors/entity/names.hpp"

// Where names begin and end, in short sentences: whole names only, as written.
namespace graphrag::entity {
namespace {

using Names = std::set<std::string>;

Names names(const std::string& text) {
  document::ParsedDocument document;
  document.text = text;
  Names out;
  const auto chunk = chunk::analyse(document, "").chunks.at(0);
  for (const auto& mention : chunk.mentions)
    if (!mention.normal.empty())
      out.insert(text.substr(mention.span.start, mention.span.end - mention.span.start));
  return out;
}

bool linkable(const std::string& text, std::string_view normal) {
  document::ParsedDocument document;
  document.text = text;
  const auto chunk = chunk::analyse(document, "").chunks.at(0);
  return std::any_of(chunk.mentions.begin(), chunk.mentions.end(),
                     [&](const auto& mention) { return mention.key == name_key(normal); });
}

std::string kind(const std::string& text, std::string_view normal) {
  document::ParsedDocument document;
  document.text = text;
  const auto chunk = chunk::analyse(document, "").chunks.at(0);
  for (const auto& mention : chunk.mentions)
    if (mention.normal == normal) return std::string{to_string(static_cast<Kind>(mention.kind))};
  return "none";
}

TEST(NameSpans, an_adjective_of_a_people_is_a_name_of_its_own_kind) {
  const std::string text = "She married a Norwegian painter.";
  EXPECT_EQ(names(text), Names{"Norwegian"});
  EXPECT_EQ(kind(text, "norwegian"), "other");
}

TEST(NameSpans, an_office_is_no_part_of_the_name_but_links_still_find_it_so) {
  const std::string text = "They met Colonel Ada Byrne and Brigadier General Tom Hale there.";
  EXPECT_EQ(names(text), (Names{"Ada Byrne", "Tom Hale"}));
  EXPECT_EQ(kind(text, "ada byrne"), "person");
  EXPECT_TRUE(linkable(text, "colonel ada byrne"));
  EXPECT_EQ(names("He became Secretary of the Harbour Trust."), Names{"Harbour Trust"});
  EXPECT_EQ(names("We saw Queen Isolde and the President."), Names{"Queen Isolde"});
}

TEST(NameSpans, an_office_that_is_an_adjective_too_stays_with_a_single_word) {
  EXPECT_EQ(names("He works for General Widgets."), Names{"General Widgets"});
  EXPECT_EQ(names("He wrote to the Justice Department."), Names{"Justice Department"});
}

TEST(NameSpans, an_office_ends_one_name_and_begins_another) {
  EXPECT_EQ(names("We met Leeds Mayor Ann Lee."), (Names{"Leeds", "Ann Lee"}));
  EXPECT_EQ(names("He is a Quebec Senator."), Names{"Quebec"});
  EXPECT_EQ(names("We met Ann J. Lee of the Harbour Trust."),
            (Names{"Ann J. Lee", "Harbour Trust"}));
  EXPECT_EQ(names("We left Widget Inc. of Leeds."), (Names{"Widget Inc", "Leeds"}));
}

TEST(NameSpans, years_and_house_numbers_stand_before_a_name) {
  const std::string text = "It opened at the 2007 Leeds Cup.";
  EXPECT_EQ(names(text), Names{"Leeds Cup"});
  EXPECT_TRUE(linkable(text, "2007 leeds cup"));
  EXPECT_EQ(names("They moved to 340 Mill Street."), Names{"Mill Street"});
}

TEST(NameSpans, codes_of_digits_and_capitals_are_names) {
  EXPECT_EQ(names("They listen to 7XQ at night."), Names{"7XQ"});
  EXPECT_EQ(names("See AB1234567 Leeds for more."), (Names{"AB1234567", "Leeds"}));
}

TEST(NameSpans, a_capital_article_within_the_sentence_belongs_to_the_name) {
  EXPECT_EQ(names("We saw The Glass Door twice."), Names{"The Glass Door"});
  EXPECT_EQ(names("The Glass Door was closed."), Names{"Glass Door"});
}

TEST(NameSpans, names_within_a_quoted_title_are_its_parts) {
  const std::string text = "The song \"Rain over Leeds\" is old.";
  EXPECT_EQ(names(text), Names{"Rain over Leeds"});
  EXPECT_TRUE(linkable(text, "leeds"));
}

TEST(NameSpans, a_possessive_within_a_name) {
  EXPECT_EQ(names("They camped at Miller's Creek."), Names{"Miller's Creek"});
  EXPECT_EQ(names("The People's Republic of Freedonia agreed."),
            Names{"People's Republic of Freedonia"});
  EXPECT_EQ(names("We read Miller's Notes."), (Names{"Miller", "Notes"}));
}

TEST(NameSpans, a_spaced_dash_separates) {
  EXPECT_EQ(names("It runs daily Leeds - Hull again."), (Names{"Leeds", "Hull"}));
}

TEST(NameSpans, a_lone_first_word_needs_evidence) {
  EXPECT_EQ(names("Overall, it rained. Membership is free. Approved 1 August."), Names{});
  EXPECT_EQ(names("Radio was new, and radio was loved."), Names{});
  EXPECT_EQ(names("Zoltan allegedly left."), Names{"Zoltan"});
  EXPECT_EQ(names("Leeds spokesman Ann Lee left."), (Names{"Leeds", "Ann Lee"}));
}

TEST(NameSpans, a_capital_after_a_prefix_is_none) {
  EXPECT_EQ(names("They fought anti-Leedsism for years."), Names{});
}

TEST(NameSpans, who_sends_a_message_and_from_where) {
  EXPECT_EQ(names("Leeds INTERNEWS in English"), (Names{"Leeds", "INTERNEWS", "English"}));
}

TEST(Kinds, by_the_words_around_a_name) {
  EXPECT_EQ(kind("They live near Overton now.", "overton"), "place");
  EXPECT_EQ(kind("So did spokesman Odo Finch then.", "odo finch"), "person");
  EXPECT_EQ(kind("In May Finch, 34, of Hull left.", "finch"), "none");
  EXPECT_EQ(kind("They asked a WIDGCO spokesman.", "widgco"), "organisation");
  EXPECT_EQ(kind("It is in Overton, Ohio.", "ohio"), "place");
  EXPECT_EQ(kind("The U.S. Widget Act passed.", "us widget act"), "unknown");
}

TEST(Kinds, names_within_a_definition_do_not_say_what_is_defined) {
  EXPECT_EQ(kind("Odo Finch, a lobbyist with the Harbour Institute, left.", "odo finch"), "person");
  EXPECT_EQ(kind("Finch is a former University of Hull professor.", "finch"), "person");
}

} // namespace
} // namespace graphrag::entity
