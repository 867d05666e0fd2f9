#include "actors/document/formats/clean.hpp"
#include "tests/unit/document/format_helpers.hpp"

namespace graphrag::document::formats {
namespace {

TEST(Clean, joins_blanks_and_keeps_one_blank_line) {
  EXPECT_EQ(clean("  a \t b\r\n\r\n\r\n\r\nc  \rd \n", Space::collapse), "a b\n\nc\nd");
}

TEST(Clean, keeps_indentation_when_told_so) {
  EXPECT_EQ(clean("a\n    b  c  \n\td", Space::keep), "a\n    b  c\n\td");
}

TEST(Clean, drops_controls_marks_and_invisible_characters) {
  EXPECT_EQ(clean(std::string_view("a\0b\x01\x7f\xef\xbb\xbf\xc2\xad"
                                   "c\xe2\x80\x8b",
                                   15),
                  Space::collapse),
            "abc");
}

TEST(Clean, composes_to_nfc) { EXPECT_EQ(clean("e\xcc\x81", Space::collapse), "\xc3\xa9"); }

TEST(Clean, replaces_invalid_utf8) {
  EXPECT_EQ(clean("a\xff\xc3z", Space::collapse), "a\xef\xbf\xbd\xef\xbf\xbdz");
}

TEST(Clean, cuts_endless_combining_marks) {
  // Two classes of marks in alternation make canonical ordering quadratic when nothing cuts them.
  const auto text = "a" + repeat("\xcc\x81", 200'000) + repeat("\xcc\xa3", 200'000) + "b";
  const auto cleaned = clean(text, Space::collapse);
  EXPECT_LT(cleaned.size(), 100u);
  EXPECT_EQ(cleaned.back(), 'b');
}

TEST(Clean, odd_blanks_are_spaces_and_lines) {
  EXPECT_EQ(clean("a\xc2\xa0"
                  "b\xe2\x80\xa8"
                  "c\xe3\x80\x80"
                  "d",
                  Space::collapse),
            "a b\nc d");
  EXPECT_EQ(clean_line(" a\n\n b\tc "), "a b c");
}

TEST(Clean, prefix_ends_on_a_character) { EXPECT_EQ(prefix("a\xc3\xa9z", 2), "a"); }

} // namespace
} // namespace graphrag::document::formats
