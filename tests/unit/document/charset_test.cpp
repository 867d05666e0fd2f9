#include "actors/document/formats/charset.hpp"

#include <random>

#include "tests/unit/document/format_helpers.hpp"

namespace graphrag::document::formats {
namespace {

// ASCII as UTF-16 or UTF-32: `before` and `after` zero bytes around each character.
std::string widen(std::string_view ascii, std::size_t before, std::size_t after) {
  std::string wide;
  for (const char c : ascii) (wide.append(before, '\0') += c).append(after, '\0');
  return wide;
}

constexpr std::string_view sentence = "The quick brown fox jumps over the lazy dog.\n";

TEST(Charset, byte_order_marks_decide) {
  using namespace std::string_literals;
  EXPECT_EQ(decode("\xef\xbb\xbf"
                   "caf\xc3\xa9"),
            "caf\xc3\xa9");
  EXPECT_EQ(decode("\xff\xfe"s + widen(sentence, 0, 1)), sentence);
  EXPECT_EQ(decode("\xfe\xff"s + widen(sentence, 1, 0)), sentence);
  EXPECT_EQ(decode("\xff\xfe\0\0"s + widen(sentence, 0, 3)), sentence);
  EXPECT_EQ(decode("\0\0\xfe\xff"s + widen(sentence, 3, 0)), sentence);
}

TEST(Charset, wide_text_without_a_mark_is_recognised) {
  EXPECT_EQ(decode(widen(sentence, 0, 1)), sentence);
  EXPECT_EQ(decode(widen(sentence, 1, 0)), sentence);
  EXPECT_EQ(decode(widen(sentence, 0, 3)), sentence);
  EXPECT_EQ(decode(widen(sentence, 3, 0)), sentence);
}

TEST(Charset, hint_is_believed_when_the_bytes_agree) {
  EXPECT_EQ(decode("\xe4\xf6\xfc", "iso-8859-1"), "äöü");
  EXPECT_EQ(decode("\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251"), "Привет");
  EXPECT_EQ(decode("\xf9\xec\xe5\xed", "iso-8859-8-i"), "שלום");
  EXPECT_EQ(decode("caf\xc3\xa9 na\xc3\xafve", "utf-16"), "café naïve");
}

TEST(Charset, detects_a_code_page) {
  const auto russian = convert("\xcd\xe5\xf1\xea\xee\xeb\xfc\xea\xee \xf1\xeb\xee\xe2 \xed\xe0 "
                               "\xf0\xf3\xf1\xf1\xea\xee\xec \xff\xe7\xfb\xea\xe5 \xe4\xeb\xff "
                               "\xef\xf0\xee\xe2\xe5\xf0\xea\xe8",
                               "windows-1251");
  ASSERT_TRUE(russian);
  EXPECT_EQ(decode("\xcd\xe5\xf1\xea\xee\xeb\xfc\xea\xee \xf1\xeb\xee\xe2 \xed\xe0 "
                   "\xf0\xf3\xf1\xf1\xea\xee\xec \xff\xe7\xfb\xea\xe5 \xe4\xeb\xff "
                   "\xef\xf0\xee\xe2\xe5\xf0\xea\xe8"),
            *russian);
  EXPECT_EQ(decode("M\xfcller und Gr\xf6\xdf"
                   "e gehen \xfc"
                   "ber die Stra\xdf"
                   "e nach K\xf6"
                   "ln.\n"),
            "Müller und Größe gehen über die Straße nach Köln.\n");
}

TEST(Charset, one_broken_place_does_not_change_the_encoding) {
  const auto text = repeat("Größe und Weite, schön. ", 40) + "\xc3";
  const auto decoded = decode(text);
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->starts_with("Größe und Weite"));
}

TEST(Charset, noise_is_refused) {
  std::mt19937 random(7);
  std::string noise(20'000, '\0');
  for (auto& byte : noise) byte = static_cast<char>(random());
  EXPECT_FALSE(decode(noise));
  EXPECT_EQ(refusal(noise, "notes.txt"), "bad_encoding");
}

TEST(Charset, reads_the_charset_of_a_content_type) {
  EXPECT_EQ(charset_of("text/html; charset=\"UTF-8\""), "utf-8");
  EXPECT_EQ(charset_of("text/plain; Charset = koi8-r; x=y"), "koi8-r");
  EXPECT_EQ(charset_of("text/plain"), "");
}

} // namespace
} // namespace graphrag::document::formats
