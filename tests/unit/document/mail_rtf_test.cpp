#include "actors/document/formats/mail_header.hpp"
#include "tests/unit/document/format_helpers.hpp"

namespace graphrag::document::formats {
namespace {

using Strings = std::vector<std::string>;

TEST(MailHeader, encoded_words) {
  EXPECT_EQ(decode_mail_header("=?iso-8859-1?Q?Caf=E9_noir?="), "Café noir");
  EXPECT_EQ(decode_mail_header("Re: =?UTF-8?B?4pi4?= =?utf-8?q?_x?= end"), "Re: ☸ x end");
  EXPECT_EQ(decode_mail_header("=?utf-8?B?4pg=?=\r\n =?utf-8?B?uA==?="),
            "☸"); // one character, two words
  EXPECT_EQ(decode_mail_header("=?koi8-r?B?8NLJ18XU?="), "Привет");
  EXPECT_EQ(decode_mail_header("not =? encoded ?= at all"), "not =? encoded ?= at all");
  EXPECT_EQ(decode_mail_header("folded\r\n line"), "folded line");
}

TEST(Eml, header_body_and_attachments) {
  const auto document =
      parse_ok("From: Ann <ann@x.org>\r\nTo: bob@x.org\r\nSubject: "
               "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\n"
               "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"B\"\r\n\r\n--B\r\n"
               "Content-Type: multipart/alternative; boundary=\"C\"\r\n\r\n--C\r\nContent-Type: "
               "text/html\r\n\r\n<p>the <b>html</b> form</p>\r\n"
               "--C\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
               "quoted-printable\r\n\r\nthe pl=E4in form\r\n--C--\r\n"
               "--B\r\nContent-Type: text/csv; name=\"t.csv\"\r\nContent-Disposition: attachment; "
               "filename=\"t.csv\"\r\n"
               "Content-Transfer-Encoding: base64\r\n\r\nTmFtZSxBZ2UKQW5uLDMwCg==\r\n"
               "--B\r\nContent-Type: image/png; name=\"p.png\"\r\nContent-Transfer-Encoding: "
               "base64\r\n\r\niVBORw0KGgo=\r\n--B--\r\n",
               "a.eml");
  EXPECT_EQ(document.title, "Grüße");
  EXPECT_EQ(document.properties[0],
            (std::pair<std::string, std::string>{"from", "Ann <ann@x.org>"}));
  EXPECT_NE(document.text.find("the pläin form"), std::string::npos);
  EXPECT_EQ(document.text.find("html"), std::string::npos);
  EXPECT_NE(document.text.find("Name: Ann; Age: 30"), std::string::npos);
  EXPECT_NE(document.text.find("Attachment: p.png (image/png, 8 bytes)"), std::string::npos);
}

TEST(Eml, html_when_there_is_no_plain_text) {
  const std::string head = "From: a@b\nTo: c@d\nSubject: s\nMIME-Version: 1.0\n";
  EXPECT_NE(
      parse_ok(head + "Content-Type: text/html; charset=utf-8\n\n<h1>Big</h1><script>x</script>",
               "m")
          .text.find("Big"),
      std::string::npos);
  EXPECT_NE(parse_ok(head + "Content-Type: multipart/alternative; boundary=B\n\n--B\nContent-Type: "
                            "text/plain\n\n  \n--B\n"
                            "Content-Type: text/html\n\n<p>only here</p>\n--B--\n",
                     "m")
                .text.find("only here"),
            std::string::npos);
}

TEST(Eml, flowed_text_is_joined) {
  EXPECT_NE(parse_ok("From: a@b\nTo: c@d\nSubject: s\nContent-Type: text/plain; "
                     "format=flowed\n\none \ntwo\nthree\n",
                     "m")
                .text.find("one two\nthree"),
            std::string::npos);
}

TEST(Eml, encrypted_and_hostile) {
  EXPECT_EQ(refusal("From: a@b\nTo: c@d\nSubject: s\nMIME-Version: 1.0\nContent-Type: "
                    "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=B\n\n"
                    "--B\nContent-Type: application/pgp-encrypted\n\nVersion: "
                    "1\n--B\nContent-Type: application/octet-stream\n\nxx\n--B--\n",
                    "m"),
            "encrypted");
  std::string nested = "From: a@b\nTo: c@d\nSubject: s\n";
  for (int i = 0; i < 3000; ++i)
    nested += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\n\n--b" +
              std::to_string(i) + "\n";
  EXPECT_EQ(refusal(nested + "Content-Type: text/plain\n\nx\n", "m"), "ok");
  std::string messages = "From: a@b\nTo: c@d\nSubject: s\n";
  messages += repeat("Content-Type: message/rfc822\n\n", 5000);
  EXPECT_EQ(refusal(messages, "m"), "ok");
}

TEST(Rtf, paragraphs_characters_and_tables) {
  const auto document =
      parse_ok("{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset204 "
               "Cyr;}}{\\stylesheet{\\s1 heading 1;}}"
               "{\\info{\\title Caf\\'e9}{\\author Ann}}\\pard\\s1 Heading\\par\\pard Some \\b "
               "bold\\b0  text \\'93quoted\\'94 \\u8364?\\u-10179?\\u-8704?\\par"
               "{\\f1 \\'cf\\'f0\\'e8}\\par{\\*\\unknown gone}{\\pict 0102}\\pard\\intbl a\\cell "
               "b\\cell\\row\\pard after{\\footnote a note}\\line end\\par}",
               "a.doc");
  EXPECT_EQ(document.title, "Café");
  EXPECT_EQ(blocks(document, BlockKind::heading), (Strings{"Heading"}));
  EXPECT_EQ(blocks(document, BlockKind::table_row), (Strings{"a | b"}));
  EXPECT_EQ(blocks(document, BlockKind::paragraph),
            (Strings{"Some bold text “quoted” €😀", "При", "after\nend", "a note"}));
}

TEST(Rtf, two_byte_characters) {
  EXPECT_EQ(parse_ok("{\\rtf1\\ansi\\ansicpg932 \\'93\\'fa\\'96{\\b \\'83A}x}", "a.rtf")
                .text.substr(0, 3),
            "日");
  EXPECT_EQ(parse_ok("{\\rtf1\\ansi\\ansicpg932 \\'83A x}", "a.rtf").text, "ア x");
}

TEST(Rtf, hostile_and_cut) {
  EXPECT_EQ(parse_ok("{\\rtf1 text" + repeat("{\\b ", 50'000) + "deep", "a.rtf").text, "textdeep");
  EXPECT_EQ(refusal("{\\rtf1" + repeat("{", 2'000'000), "a.rtf"), "too_large");
  EXPECT_EQ(parse_ok("{\\rtf1 cut \\bin99999999 xx", "a.rtf").text, "cut");
  EXPECT_EQ(parse_ok("{\\rtf1 a}}}} b\\'", "a.rtf").text, "a b");
  EXPECT_EQ(refusal("{\\rtf1 {\\pict 00ff}}", "a.rtf"), "no_text_layer");
  EXPECT_EQ(refusal("{\\rtf1 }", "a.rtf"), "empty_document");
}

} // namespace
} // namespace graphrag::document::formats
