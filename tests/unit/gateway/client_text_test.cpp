#include "gateway/client/text.hpp"

#include <gtest/gtest.h>

namespace graphrag::client {

TEST(Printable, keeps_text_and_makes_line_ends_spaces) {
  EXPECT_EQ(printable("naïve 海潮钟 🙂\nnext\tcell"), "naïve 海潮钟 🙂 next cell");
}

TEST(Printable, takes_escape_sequences_and_direction_marks_apart) {
  EXPECT_EQ(printable("\033[31mred"), "\xef\xbf\xbd[31mred");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "2J"),
            "a\xef\xbf\xbd"
            "2J"); // C1 CSI
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b"),
            "a\xef\xbf\xbd"
            "b"); // right-to-left override
  EXPECT_EQ(printable("a\xe2\x80\x94"
                      "b"),
            "a\xe2\x80\x94"
            "b"); // an em dash is no control
  EXPECT_EQ(printable(std::string_view{"\0\x7f", 2}), "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Printable, replaces_what_is_no_utf8) {
  EXPECT_EQ(printable("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(printable("\xe6\xb5"), "\xef\xbf\xbd\xef\xbf\xbd");         // cut short
  EXPECT_EQ(printable("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");         // overlong
  EXPECT_EQ(printable("\xed\xa0\x80").find("\xed"), std::string::npos); // a surrogate
}

TEST(Shortened, counts_characters_and_never_cuts_one) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6), "abc...");
  EXPECT_EQ(shortened("海潮钟在码头", 6), "海潮钟在码头");
  EXPECT_EQ(shortened("海潮钟在码头边", 6), "海潮钟...");
  EXPECT_EQ(shortened("", 6), "");
}

TEST(Padded, knows_that_chinese_characters_take_two_columns) {
  EXPECT_EQ(columns_of("ab"), 2U);
  EXPECT_EQ(columns_of("zh/海潮钟.pdf"), 13U);
  EXPECT_EQ(columns_of("é"), 1U);
  EXPECT_EQ(padded("钟", 4), "钟  ");
  EXPECT_EQ(padded("abcdef", 4), "abcdef");
}

TEST(HumanUnits, pick_a_fitting_unit) {
  EXPECT_EQ(human_bytes(12), "12 B");
  EXPECT_EQ(human_bytes(3.21e6), "3.2 MB");
  EXPECT_EQ(human_seconds(0.00085), "850 us");
  EXPECT_EQ(human_seconds(0.0124), "12.4 ms");
  EXPECT_EQ(human_seconds(3.14), "3.1 s");
}

} // namespace graphrag::client
