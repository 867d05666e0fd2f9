#include "tests/unit/document/format_helpers.hpp"

namespace graphrag::document::formats {
namespace {

using Strings = std::vector<std::string>;

TEST(Html, structure_without_noise) {
  const auto document = parse_ok(R"(<!DOCTYPE html><html lang=en><head><title>A &amp; B</title>
    <script>var x = "<p>no</p>";</script><style>p { color: red }</style></head><body>
    <nav><a href=/>Home</a></nav><h1>Big <em>news</em></h1><p>First
    paragraph<br>second&nbsp;line.<ul><li>one<li>two</ul><img src=x alt="A cat">
    <p hidden>secret<p>caf&eacute; &#8364; &#x41; &unknown;</body></html>)",
                                 "a.html");
  EXPECT_EQ(document.title, "A & B");
  EXPECT_EQ(document.text,
            "Big news\n\nFirst paragraph\nsecond line.\n\none\ntwo\n\nA cat\n\ncafé € A &unknown;");
  EXPECT_EQ(blocks(document, BlockKind::heading), (Strings{"Big news"}));
  EXPECT_EQ(blocks(document, BlockKind::list_item), (Strings{"one", "two"}));
  EXPECT_EQ(blocks(document, BlockKind::caption), (Strings{"A cat"}));
}

TEST(Html, data_tables_are_rows_and_layout_tables_dissolve) {
  EXPECT_EQ(parse_ok("<table><caption>Prices</caption><tr><th>Item<th>Price<tr><td>Tea</"
                     "td><td>1<br>EUR</td></tr></table>",
                     "a.html")
                .text,
            "Prices\n\nItem | Price\nTea | 1 EUR");
  const auto layout = parse_ok(
      "<table><tr><td><h2>Left</h2><p>Text</p></td><td><table><tr><td>a<td>b</table></td></table>",
      "a.html");
  EXPECT_EQ(layout.text, "Left\n\nText\n\na | b");
}

TEST(Html, preformatted_text_keeps_its_lines) {
  const auto document = parse_ok(
      "<html><pre>one\n  two\n\nthree</pre><pre><code>int  x;\n\ny</code></pre>", "a.html");
  EXPECT_EQ(blocks(document, BlockKind::paragraph), (Strings{"one\n  two", "three"}));
  EXPECT_EQ(blocks(document, BlockKind::code), (Strings{"int  x;\n\ny"}));
}

TEST(Html, charset_from_meta_and_type) {
  EXPECT_EQ(parse_ok("<html><meta charset=windows-1251><p>\xcf\xf0\xe8\xe2\xe5\xf2", "a.html").text,
            "Привет");
  EXPECT_EQ(
      parse_ok("<p>\xcf\xf0\xe8\xe2\xe5\xf2</p>", "a.html", "text/html; charset=windows-1251").text,
      "Привет");
  EXPECT_EQ(parse_ok("<?xml version='1.0' encoding='iso-8859-2'?><html><p>\xb3\xf3"
                     "d\xbc</p></html>",
                     "a.html")
                .text,
            "łódź");
}

TEST(Html, a_page_of_navigation_alone_is_kept) {
  EXPECT_EQ(parse_ok("<html><nav>Only <b>links</b> here</nav>", "a.html").text, "Only links here");
}

TEST(Html, malformed_markup_loses_no_text) {
  EXPECT_EQ(parse_ok("<html><p>a < b and <3 <b>c</i> d</p", "a.html").text, "a < b and <3 c d");
  EXPECT_EQ(parse_ok("<div><p class=\"never closed>one</p><p>two</p>", "a.html").text,
            "one\n\ntwo");
  EXPECT_EQ(parse_ok("<html><h2>Title<p>text<div>more", "a.html").text, "Title\n\ntext\n\nmore");
  EXPECT_EQ(refusal("<html><script>only code", "a.html"), "empty_document");
  EXPECT_EQ(refusal("<!DOCTYPE html><!-- never closed", "a.html"), "empty_document");
}

TEST(Html, hostile_nesting_and_attributes_end) {
  EXPECT_EQ(parse_ok("<html>" + repeat("<div>", 200'000) + "deep", "a.html").text, "deep");
  EXPECT_EQ(parse_ok("<html>" + repeat("<table><tr><td>", 100'000) + "deep", "a.html").text,
            "deep");
  EXPECT_EQ(
      parse_ok("<html>" + repeat("<b>", 100'000) + repeat("</i>", 100'000) + "x", "a.html").text,
      "x");
  EXPECT_EQ(parse_ok("<html><p title=\"" + std::string(20'000'000, 'x') + "\">ok", "a.html").text,
            "ok");
  std::string many = "<html><p";
  for (int i = 0; i < 300'000; ++i) many += " a" + std::to_string(i) + "=1";
  EXPECT_EQ(parse_ok(many + ">ok", "a.html").text, "ok");
  EXPECT_EQ(parse_ok("<html><p>" + repeat("<!x[", 300'000) + ">ok", "a.html").text, "ok");
  EXPECT_EQ(parse_ok("<html>" + repeat("<ul><li>", 100'000) + "deep", "a.html").text, "deep");
}

} // namespace
} // namespace graphrag::document::formats
