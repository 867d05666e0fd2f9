#include <gtest/gtest.h>

#include "actors/chunk/analyse.hpp"

namespace graphrag::chunk {
namespace {

std::vector<std::string> terms(std::string_view text) {
  std::vector<Token> tokens;
  tokenize(text, tokens);
  std::vector<std::string> result;
  for (const auto& token : tokens) result.push_back(token.term);
  return result;
}
using Terms = std::vector<std::string>;

TEST(Tokenize, folds_and_stems_english_words) {
  EXPECT_EQ(terms("The Directors directed FILMS."), (Terms{"the", "director", "direct", "film"}));
}

TEST(Tokenize, possessive_and_contraction_belong_to_their_word) {
  EXPECT_EQ(terms("Lothair's mother"), (Terms{"lothair", "mother"}));
  EXPECT_EQ(terms("Lothair\u2019s"), (Terms{"lothair"}));
  EXPECT_EQ(terms("don't"), (Terms{"don't"}));
  EXPECT_EQ(terms("O'Brien"), (Terms{"o", "brien"}));
}

TEST(Tokenize, numbers_keep_their_points_and_lose_thousands_commas) {
  EXPECT_EQ(terms("pi is 3.14, not 1,000"), (Terms{"pi", "is", "3.14", "not", "1000"}));
  EXPECT_EQ(terms("1,2,3"), (Terms{"1", "2", "3"}));
}

TEST(Tokenize, dotted_letters_are_one_word) {
  EXPECT_EQ(terms("the U.S.A. and us"), (Terms{"the", "usa", "and", "us"}));
  EXPECT_EQ(terms("end.Next"), (Terms{"end", "next"}));
}

TEST(Tokenize, hyphens_and_underscores_divide) {
  EXPECT_EQ(terms("Nassau-Weilburg max_chars"), (Terms{"nassau", "weilburg", "max", "char"}));
}

TEST(Tokenize, languages_with_signs) { EXPECT_EQ(terms("C++ C# C"), (Terms{"c++", "c#", "c"})); }

TEST(Tokenize, accents_and_width_do_not_matter) {
  EXPECT_EQ(terms("Z\u00fcrich Zu\u0308rich ZURICH"), (Terms{"zurich", "zurich", "zurich"}));
  EXPECT_EQ(terms("\uff21\uff22\uff23"), (Terms{"abc"}));
  EXPECT_EQ(terms("\u0141\u00f3d\u017a"), (Terms{"lodz"}));
}

TEST(Tokenize, other_alphabets_are_folded_but_not_stemmed) {
  EXPECT_EQ(terms("\u041c\u043e\u0441\u043a\u0432\u0430 \u0439\u043e\u0433"),
            (Terms{"\u043c\u043e\u0441\u043a\u0432\u0430", "\u0439\u043e\u0433"}));
}

TEST(Tokenize, chinese_runs_become_bigrams) {
  EXPECT_EQ(terms("红楼梦是小说"), (Terms{"红楼", "楼梦", "梦是", "是小", "小说"}));
  EXPECT_EQ(terms("2008年Olympics"), (Terms{"2008", "年", "olymp"}));
}

TEST(Tokenize, korean_runs_become_bigrams) {
  EXPECT_EQ(terms("한국어 책"), (Terms{"한국", "국어", "책"}));
}

TEST(Tokenize, thai_is_divided_by_dictionary) { EXPECT_EQ(terms("สวัสดีชาวโลก").size(), 3U); }

TEST(Tokenize, spans_are_bytes_of_the_text) {
  const std::string text = "Zürich's 红楼梦 end";
  std::vector<Token> tokens;
  tokenize(text, tokens);
  ASSERT_EQ(tokens.size(), 4U);
  EXPECT_EQ(text.substr(tokens[0].span.start, tokens[0].span.end - tokens[0].span.start),
            "Zürich's");
  EXPECT_EQ(text.substr(tokens[2].span.start, tokens[2].span.end - tokens[2].span.start), "楼梦");
}

TEST(Tokenize, replaces_what_the_vector_held) {
  std::vector<Token> tokens;
  tokenize("one two three four", tokens);
  tokenize("five", tokens);
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens[0].term, "five");
  tokenize("", tokens);
  EXPECT_TRUE(tokens.empty());
}

TEST(Tokenize, survives_bytes_that_are_not_utf8) {
  EXPECT_EQ(terms("ab\xff\xfe cd\xc3"), (Terms{"ab", "cd"}));
}

TEST(Tokenize, an_endless_word_is_cut) {
  std::vector<Token> tokens;
  tokenize(std::string(1'000'000, 'x'), tokens);
  EXPECT_EQ(tokens.size(), (1'000'000U + 127) / 128);
}

} // namespace
} // namespace graphrag::chunk
