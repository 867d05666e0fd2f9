#include "actors/document/formats/sniff.hpp"

#include "tests/unit/document/format_helpers.hpp"

namespace graphrag::document::formats {
namespace {

using namespace std::string_literals;

Format kind(std::string_view bytes, std::string_view name = {}, std::string_view mime = {}) {
  return sniff(bytes, name, mime).format;
}

TEST(Sniff, content_goes_before_names) {
  EXPECT_EQ(kind("%PDF-1.4\n", "letter.txt"), Format::pdf);
  EXPECT_EQ(kind("junk before\n%PDF-1.7\n", "scan.docx"), Format::pdf);
  EXPECT_EQ(kind("{\\rtf1\\ansi hello}", "hello.doc"), Format::rtf);
  EXPECT_EQ(kind("<!DOCTYPE html><p>x", "page.txt"), Format::html);
  EXPECT_EQ(kind("plain words\n", "page.pdf"), Format::text);
  EXPECT_EQ(kind("{\"a\": 1}", "a.txt", "text/plain"), Format::json);
}

TEST(Sniff, names_and_types_decide_between_kinds_of_text) {
  EXPECT_EQ(kind("a,b\n1,2\n", "t.csv"), Format::csv);
  EXPECT_EQ(kind("a\tb\n", "t.tsv"), Format::csv);
  EXPECT_EQ(kind("# Title\n", "t.md"), Format::markdown);
  EXPECT_EQ(kind("# Title\n", "", "text/markdown; charset=utf-8"), Format::markdown);
  EXPECT_EQ(kind("Some <b>bold</b> words", "t.html"), Format::html);
  EXPECT_EQ(kind("no tags at all", "t.html"), Format::text);
  EXPECT_EQ(kind("int main() { return 0; }", "main.cpp"), Format::text);
  EXPECT_EQ(sniff("Title\n=====\n", "t.rst", "").mime, "text/x-rst");
}

TEST(Sniff, mail_by_its_header) {
  EXPECT_EQ(kind("From: a@b\nTo: c@d\nSubject: x\n\nbody", "note.txt"), Format::eml);
  EXPECT_EQ(kind("Subject: x\n\nbody", "note.eml"), Format::eml);
  EXPECT_EQ(kind("Note: this\nis: not mail\n\nbody", "note.txt"), Format::text);
  EXPECT_EQ(kind("To: whom it may concern\nthis is a letter\n"), Format::text);
}

TEST(Sniff, json_by_trying) {
  EXPECT_EQ(kind("[1, 2, 3]"), Format::json);
  EXPECT_EQ(kind("{\"a\":1}\n{\"a\":2}\n"), Format::ndjson);
  EXPECT_EQ(kind("{not json at all"), Format::text);
  EXPECT_EQ(kind("{\"a\": ", "cut.json"), Format::json);
  EXPECT_EQ(kind("[1] see the first reference"), Format::text);
}

TEST(Sniff, refuses_with_the_reason) {
  const auto ole = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"s;
  const auto word =
      sniff(ole + std::string(512, '\0') + "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"s, "a.doc", "");
  EXPECT_EQ(word.format, Format::unsupported);
  EXPECT_NE(word.reason.find(".doc"), std::string::npos);
  EXPECT_EQ(refusal("\x89PNG\r\n\x1a\n....", "a.png"), "unsupported_format");
  EXPECT_EQ(refusal("\x7f"
                    "ELF\x02\x01\x01"s +
                        std::string(64, '\0'),
                    "a.bin"),
            "unsupported_format");
  EXPECT_EQ(refusal("\xff\xd8\xff\xe0 JFIF", "photo.txt"), "unsupported_format");
  EXPECT_EQ(refusal("\x01\x02\x03\x04\x80\x81\xfe\x05\x06\x0e\x0f\x10\x11"s, "a.docx"), "corrupt");
  EXPECT_EQ(refusal("\x01\x02\x03\x04\x80\x81\xfe\x05\x06\x0e\x0f\x10\x11"s, "a.xyz"),
            "unsupported_format");
}

TEST(Sniff, an_office_file_behind_a_password_is_encrypted) {
  std::string wide;
  for (const char c : "EncryptedPackage"s) (wide += c) += '\0';
  EXPECT_EQ(refusal("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + std::string(512, ' ') + wide, "a.docx"),
            "encrypted");
}

TEST(Sniff, nothing_is_empty) {
  EXPECT_EQ(refusal("", "a.txt"), "empty_document");
  EXPECT_EQ(refusal(" \n\t\r\n ", "a.txt"), "empty_document");
  EXPECT_EQ(refusal("\xef\xbb\xbf", "a.md"), "empty_document");
}

TEST(Sniff, only_our_own_linear_readers_are_trusted) {
  EXPECT_TRUE(trusted_in_process(Format::text));
  EXPECT_TRUE(trusted_in_process(Format::json));
  EXPECT_FALSE(trusted_in_process(Format::pdf));
  EXPECT_FALSE(trusted_in_process(Format::markdown));
}

} // namespace
} // namespace graphrag::document::formats
