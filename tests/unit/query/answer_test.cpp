#include <gtest/gtest.h>

#include <map>

#include "actors/chunk/characters.hpp"
#include "collection.hpp"

namespace graphrag::query {
namespace {

// The code points [start, end) of a text.
std::string slice(const std::string& text, std::uint32_t start, std::uint32_t end) {
  std::string result;
  std::uint32_t point = 0;
  for (std::size_t at = 0; at < text.size(); ++point) {
    const auto bytes = chunk::decode(text, at).bytes;
    if (point >= start && point < end) result += text.substr(at, bytes);
    at += bytes;
  }
  return result;
}

TEST(Answer, cites_both_ends_of_a_chain) {
  const auto result = family().ask("When did Lothair II's mother die?");
  std::vector<std::string> cited;
  for (const auto& citation : result.answer.citations) cited.push_back(citation.document_id);
  EXPECT_NE(std::find(cited.begin(), cited.end(), "lothair"), cited.end());
  EXPECT_NE(std::find(cited.begin(), cited.end(), "ermengarde"), cited.end());
  EXPECT_NE(result.answer.text.find("20 March 851"), std::string::npos) << result.answer.text;
}

TEST(Answer, citations_are_exactly_the_documents_text) {
  const std::string text = "Žižka was a Czech general. “Jan Žižka” led the Hussites — he died in "
                           "1424! 他是捷克人。Other words follow.";
  TestCollection collection;
  collection.add("z", "Jan Žižka", text);
  for (const auto* question : {"When did Žižka die?", "捷克人", "Hussites general Zizka"}) {
    const auto result = collection.ask(question);
    ASSERT_FALSE(result.answer.citations.empty()) << question;
    std::string joined;
    for (const auto& citation : result.answer.citations) {
      EXPECT_EQ(slice(text, citation.start, citation.end), citation.text);
      EXPECT_EQ(citation.title, "Jan Žižka");
      joined += (joined.empty() ? "" : " ") + citation.text;
    }
    EXPECT_EQ(result.answer.text, joined);
  }
}

TEST(Answer, offsets_count_from_the_beginning_of_the_document) {
  std::string text;
  for (int i = 0; i < 150; ++i)
    text += "Sätze füllen die Seiten mit der Nummer " + std::to_string(i) + ". ";
  text += "The zebra Größe lives here. ";
  for (int i = 0; i < 50; ++i) text += "Noch ein Satz mit der Nummer " + std::to_string(i) + ". ";
  TestCollection collection;
  collection.add("d", "", text);
  const auto result = collection.ask("Where does the zebra live?");
  ASSERT_FALSE(result.answer.citations.empty());
  const auto& citation = result.answer.citations.front();
  EXPECT_EQ(citation.text, "The zebra Größe lives here.");
  EXPECT_EQ(slice(text, citation.start, citation.end), citation.text);
  EXPECT_EQ(slice(text, result.hits[0].start, result.hits[0].end), result.hits[0].text);
}

TEST(Answer, prefers_the_sentence_with_the_kind_of_thing_asked_for) {
  TestCollection collection;
  collection.add(
      "d", "Edith Carlmar",
      "Edith Carlmar was a Norwegian film director born into a poor family. Edith Carlmar was "
      "born on 15 November 1911.");
  const auto result = collection.ask("When was Edith Carlmar born?");
  ASSERT_FALSE(result.answer.citations.empty());
  EXPECT_NE(result.answer.citations[0].text.find("1911"), std::string::npos);
}

TEST(Answer, says_a_thing_once) {
  TestCollection collection;
  collection.add("a", "", "The zebra lives in Africa.").add("b", "", "The zebra lives in Africa.");
  const auto result = collection.ask("Where does the zebra live?");
  EXPECT_EQ(result.answer.text, "The zebra lives in Africa.");
}

TEST(Answer, only_when_wanted) {
  Question question;
  question.text = "When did Lothair II's mother die?";
  question.answer = false;
  const auto result = family().ask(question);
  EXPECT_TRUE(result.answer.text.empty());
  EXPECT_FALSE(result.hits.empty());
}

} // namespace
} // namespace graphrag::query
