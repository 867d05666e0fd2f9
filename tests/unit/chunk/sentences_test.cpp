#include <gtest/gtest.h>

#include "actors/chunk/sentences.hpp"

namespace graphrag::chunk {
namespace {

std::vector<std::string> sentences(const std::string& text) {
  std::vector<Span> spans;
  split_sentences(text, 0, static_cast<std::uint32_t>(text.size()), spans);
  std::vector<std::string> result;
  for (auto span : spans) result.push_back(text.substr(span.start, span.end - span.start));
  return result;
}
using Sentences = std::vector<std::string>;

TEST(Sentences, end_at_stops) {
  EXPECT_EQ(sentences("One is here. Is two? Yes! And more..."),
            (Sentences{"One is here.", "Is two?", "Yes!", "And more..."}));
}

TEST(Sentences, closing_quotes_belong_to_them) {
  EXPECT_EQ(sentences("He said \"Go.\" (She went.) Then rest"),
            (Sentences{"He said \"Go.\"", "(She went.)", "Then rest"}));
}

TEST(Sentences, abbreviations_and_initials_end_none) {
  EXPECT_EQ(sentences("Dr. J. R. Smith of the U.S. Army met St. Paul. He left."),
            (Sentences{"Dr. J. R. Smith of the U.S. Army met St. Paul.", "He left."}));
  EXPECT_EQ(sentences("Made in the U.S. The rest follows."),
            (Sentences{"Made in the U.S.", "The rest follows."}));
  EXPECT_EQ(sentences("Oswiu (c. 612) was King."), (Sentences{"Oswiu (c. 612) was King."}));
}

TEST(Sentences, numbers_of_lists_stay_with_their_text) {
  EXPECT_EQ(sentences("1. First point. 2. Second point."),
            (Sentences{"1. First point.", "2. Second point."}));
  EXPECT_EQ(sentences("It costs 3.14 dollars. Fine."),
            (Sentences{"It costs 3.14 dollars.", "Fine."}));
}

TEST(Sentences, chinese_stops_need_no_space) {
  EXPECT_EQ(sentences("他说：“好。”然后走了。真的吗？真的！"),
            (Sentences{"他说：“好。”", "然后走了。", "真的吗？", "真的！"}));
}

TEST(Sentences, blank_lines_end_them_and_single_line_ends_do_not) {
  EXPECT_EQ(sentences("A title\n\nThe text goes\non here"),
            (Sentences{"A title", "The text goes\non here"}));
}

TEST(Sentences, nothing_from_white_space) { EXPECT_TRUE(sentences(" \n\t\n  ").empty()); }

TEST(Sentences, only_the_given_part_with_positions_in_the_whole) {
  const std::string text = "Skip this. Take this. Not this.";
  std::vector<Span> spans;
  split_sentences(text, 10, 21, spans);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].start, 11U);
  EXPECT_EQ(spans[0].end, 21U);
}

} // namespace
} // namespace graphrag::chunk
