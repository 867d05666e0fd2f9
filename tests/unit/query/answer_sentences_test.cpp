// Which sentences are quoted, what is quoted along with them, and when nothing is.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "collection.hpp"

namespace graphrag::query {
namespace {

std::vector<std::string> quotes(const TestCollection& collection, const std::string& question) {
  std::vector<std::string> out;
  for (const auto& citation : collection.ask(question).answer.citations)
    out.push_back(citation.text);
  return out;
}
using Quotes = std::vector<std::string>;

TEST(AnswerSentences, ARowIsQuotedAfterItsHeader) {
  TestCollection collection;
  collection.add("stock", "",
                 "Our shop\n\nItem | Price | In stock\nJuicy Apples | 1.99 | 739\n"
                 "Bananas | 1.89 | 6\n\nOpen on weekdays.");
  EXPECT_EQ(quotes(collection, "What is the price of bananas?"),
            (Quotes{"Item | Price | In stock", "Bananas | 1.89 | 6"}));
  EXPECT_EQ(quotes(collection, "How many juicy apples are in stock?"),
            (Quotes{"Item | Price | In stock", "Juicy Apples | 1.99 | 739"}));
}

TEST(AnswerSentences, TheCornerOfATableMayBeEmpty) {
  TestCollection collection;
  collection.add("zones", "",
                 "In millions | first half\nSales | Profit | Margin\nZone North | 12 | 3 | 25\n"
                 "Zone South | 9 | 2 | 22");
  EXPECT_EQ(quotes(collection, "What are the sales of Zone South?"),
            (Quotes{"Sales | Profit | Margin", "Zone South | 9 | 2 | 22"}));
}

TEST(AnswerSentences, AMenuIsNoAnswer) {
  TestCollection collection;
  collection.add("page", "", "Home | Opening hours | Contact\n\nThe museum opens at nine.");
  EXPECT_EQ(quotes(collection, "What are the museum's opening hours?"),
            Quotes{"The museum opens at nine."});
}

TEST(AnswerSentences, APronounIsQuotedAfterWhomItRefersTo) {
  TestCollection collection;
  collection.add(
      "letter", "",
      "Ida Holm moved to Bergen as a child. She founded the tannery in 1871. The tannery "
      "closed later.");
  EXPECT_EQ(quotes(collection, "Who founded the tannery?"),
            (Quotes{"Ida Holm moved to Bergen as a child.", "She founded the tannery in 1871."}));
  collection.add("信", "", "周映雪在云岭长大。她创办了染坊。染坊后来关闭了。");
  EXPECT_EQ(quotes(collection, "谁创办了染坊？"), (Quotes{"周映雪在云岭长大。", "她创办了染坊。"}));
}

TEST(AnswerSentences, WhoSomebodyIsStandsWhereTheTextSaysIt) {
  TestCollection collection;
  collection.add("carol", "",
                 "Scrooge never painted out Old Marley's name. Old Marley was as dead as a "
                 "door-nail. 'Marley!' cried Scrooge. Bob Cratchit, clerk to Scrooge. 'Why!' cried "
                 "Bob Cratchit, looking round.");
  EXPECT_EQ(quotes(collection, "Who was Marley?").front(),
            "Old Marley was as dead as a door-nail.");
  EXPECT_EQ(quotes(collection, "Who is Bob Cratchit?").front(), "Bob Cratchit, clerk to Scrooge.");
}

TEST(AnswerSentences, OneThatHasAllOfTheQuestionIsEnough) {
  TestCollection collection;
  collection
      .add(
          "telescope", "The Corvane telescope",
          "The Corvane telescope is a refractor. Its pier was cast by the foundry of Pell & Marsh.")
      .add("foundry", "Pell & Marsh", "Pell & Marsh made anchors for a hundred years.")
      .add("list", "", "The Corvane telescope has an aperture of 41 cm. The clock is of brass.");
  EXPECT_EQ(quotes(collection, "What is the aperture of the Corvane telescope?"),
            Quotes{"The Corvane telescope has an aperture of 41 cm."});
}

TEST(AnswerSentences, AQuestionOfTheTextIsQuotedBeforeItsAnswer) {
  TestCollection collection;
  collection.add("faq", "",
                 "How do I reset the password of my router? Hold the small button for ten seconds. "
                 "The lamp blinks.");
  EXPECT_EQ(quotes(collection, "How do I reset the password of my router?"),
            (Quotes{"How do I reset the password of my router?",
                    "Hold the small button for ten seconds."}));
}

// Chunks overlap, and a table that goes on in the next one has no header there.
TEST(AnswerSentences, ALongTableAnswersFromItsRows) {
  std::string text = "City | Country | Inhabitants\n";
  for (int i = 0; i < 120; ++i)
    text += "Lorac" + std::string(1, static_cast<char>('a' + i / 26)) +
            std::string(1, static_cast<char>('a' + i % 26)) + "stad | Landia | " +
            std::to_string(2000 + 7 * i) + "\n";
  TestCollection collection;
  collection.add("cities", "", text);
  for (int i = 0; i < 120; i += 7) {
    const auto city = "Lorac" + std::string(1, static_cast<char>('a' + i / 26)) +
                      std::string(1, static_cast<char>('a' + i % 26)) + "stad";
    const auto said = quotes(collection, "How many inhabitants does " + city + " have?");
    ASSERT_FALSE(said.empty()) << city;
    EXPECT_TRUE(std::ranges::any_of(said, [&](const auto& row) { return row.starts_with(city); }))
        << city;
    EXPECT_LE(said.size(), 2U) << city;
    std::set<std::string> once{said.begin(), said.end()};
    EXPECT_EQ(once.size(), said.size()) << city;
  }
}

TEST(AnswerSentences, ALongQuestionIsAnsweredToo) {
  std::string question = "Which", text = "The ship";
  for (int i = 0; i < 100; ++i) {
    const auto word = " mast" + std::string(1, static_cast<char>('a' + i / 10)) +
                      std::string(1, static_cast<char>('a' + i % 10));
    question += word;
    text += word;
  }
  TestCollection collection;
  collection.add("ship", "", text + ".");
  EXPECT_EQ(quotes(collection, question + "?"), Quotes{text + "."});
}

TEST(AnswerSentences, HeadingsFollowNothingAndAreNobodysName) {
  TestCollection collection;
  collection.add("bakery", "",
                 "Our history\n\nThe bakery was opened by Livia Ferraro.\n\nToday\n\nShe "
                 "runs three shops in Graz.");
  for (const auto& text : quotes(collection, "Who runs three shops in Graz?"))
    EXPECT_NE(text, "Today");
}

TEST(AnswerSentences, NothingIsAddedToWhatIsSaid) {
  TestCollection collection;
  collection
      .add("handbook", "",
           "During the probation period of six months, either side may give notice of two weeks.")
      .add("faq", "", "The warranty is 36 months long from the date of purchase.");
  EXPECT_EQ(quotes(collection, "How long is the probation period?"),
            Quotes{"During the probation period of six months, either side may give notice of two "
                   "weeks."});
}

TEST(AnswerSentences, AGlossarySaysWhatAThingIs) {
  TestCollection collection;
  collection.add("glossary", "",
                 "NPSH: the pressure that a pump needs to avoid cavitation.\n\nCavitation: the "
                 "forming of vapour bubbles in a liquid.");
  EXPECT_EQ(quotes(collection, "What is cavitation?").front(),
            "Cavitation: the forming of vapour bubbles in a liquid.");
}

class Silence : public testing::Test {
protected:
  void SetUp() override {
    collection_
        .add("rats", "", "The rats had sharp spikes and boils. They lived below the old mill.")
        .add("point", "", "We could not wait to see the point of the cape. The sea was calm.")
        .add("capital", "", "The capital of Norway is Oslo. It lies on a fjord.");
    for (int i = 0; i < 30; ++i)
      collection_.add("d" + std::to_string(i), "",
                      "Nothing of note happened on day " + std::to_string(i) + " of the voyage.");
  }
  TestCollection collection_;
};

TEST_F(Silence, WhenTheCollectionDoesNotHaveWhatIsAsked) {
  EXPECT_EQ(quotes(collection_, "What is the boiling point of tungsten?"), Quotes{})
      << "two passages that have nothing to do with each other";
  EXPECT_EQ(quotes(collection_, "What is the capital of Mongolia?"), Quotes{});
  EXPECT_FALSE(collection_.ask("What is the capital of Mongolia?").hits.empty());
}

TEST_F(Silence, WhenAnotherThingOfThatKindIsThere) {
  collection_.add("p5", "Pump P5", "Pump P5 is self-priming. The maximum pressure is 25 bar.")
      .add("rates", "", "The calibration of P8 takes two hours.");
  EXPECT_EQ(quotes(collection_, "What is the maximum pressure of pump P7?"), Quotes{});
  EXPECT_EQ(quotes(collection_, "What is the maximum pressure of pump P8?"), Quotes{});
  EXPECT_NE(collection_.ask("What is the maximum pressure of pump P5?").answer.text.find("25 bar"),
            std::string::npos);
}

TEST_F(Silence, IsNoAnswerToWhatItHas) {
  EXPECT_EQ(quotes(collection_, "What is the capital of Norway?").front(),
            "The capital of Norway is Oslo.");
  EXPECT_EQ(quotes(collection_, "Where did the rats live?").front(),
            "The rats had sharp spikes and boils.");
}

} // namespace
} // namespace graphrag::query
