#include <gtest/gtest.h>

#include "actors/entity/communities/sentence_quality.hpp"

namespace graphrag::entity {
namespace {

const double plain = sentence_quality(
    "Scrooge was a clerk's master and lived in the rooms of his dead partner Marley.");

TEST(SentenceQuality, a_plain_statement_is_best) {
  EXPECT_EQ(plain, 1);
  EXPECT_EQ(sentence_quality("北京是中华人民共和国的首都，也是全国的政治中心。"), 1);
}

TEST(SentenceQuality, what_is_around_a_text_is_never_shown) {
  for (const auto* text :
       {"This eBook is for the use of anyone anywhere at no cost and with almost no restrictions.",
        "Visit www.example.org to find out more about the works of Charles Dickens and others.",
        "STAVE ONE", "CHAPTER TWELVE. THE FALL OF THE HOUSE", "Marley's Ghost",
        "I. Marley's Ghost .... 3 II. The First Spirit .... 37 III. The Second Spirit .... 69"})
    EXPECT_EQ(sentence_quality(text), 0) << text;
}

TEST(SentenceQuality, what_leans_on_its_surroundings_counts_less) {
  for (const auto* text :
       {"He was a clerk's master and lived in the rooms of his dead partner Marley.",
        "\"Scrooge was my partner for many years,\" said Marley to the clerk of the house.",
        "If these shadows of Scrooge remain unaltered by the Future, the child will die.'",
        "Was Scrooge not a clerk's master who lived in the rooms of his dead partner?",
        "and lived in the rooms of his dead partner Marley, where Scrooge sat by the fire.",
        "Scrooge said that you and I should come to the rooms of his dead partner Marley.",
        "All copyright of the texts by Scrooge is with the heirs of his dead partner Marley."})
    EXPECT_LT(sentence_quality(text), plain) << text;
}

} // namespace
} // namespace graphrag::entity
