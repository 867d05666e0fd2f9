#include "tests/unit/document/format_helpers.hpp"

namespace graphrag::document::formats {
namespace {

using Strings = std::vector<std::string>;

TEST(PlainText, paragraphs_are_blocks) {
  const auto document = parse_ok("One line\nand two.\n\n\n  Another one.\n", "a.txt");
  EXPECT_EQ(document.text, "One line\nand two.\n\nAnother one.");
  EXPECT_EQ(blocks(document, BlockKind::paragraph),
            (Strings{"One line\nand two.", "Another one."}));
  EXPECT_EQ(document.mime, "text/plain");
}

TEST(PlainText, headings_of_restructured_text_and_org) {
  const auto rst = parse_ok("Guide\n=====\n\nText.\n\nPart\n----\n\nMore.\n", "a.rst");
  EXPECT_EQ(blocks(rst, BlockKind::heading), (Strings{"Guide", "Part"}));
  EXPECT_EQ(rst.blocks[2].level, 2);
  EXPECT_EQ(rst.title, "Guide");
  const auto org = parse_ok("* Guide\ntext\n** Part\nmore\n", "a.org");
  EXPECT_EQ(blocks(org, BlockKind::heading), (Strings{"Guide", "Part"}));
  EXPECT_EQ(org.text, "Guide\n\ntext\n\nPart\n\nmore");
}

TEST(PlainText, a_limit_refuses_instead_of_cutting) {
  Limits limits;
  limits.max_text_bytes = 100;
  EXPECT_EQ(refusal(repeat("word ", 30), "a.txt", "", limits), "too_large");
}

TEST(Markdown, text_without_its_marks) {
  const auto document =
      parse_ok("# The *Title*\n\nSome **bold** [link](http://x) and `code`.\n\n"
               "- one\n- two\n\n```c\nint  x;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
               "a.md");
  EXPECT_EQ(document.title, "The Title");
  EXPECT_EQ(blocks(document, BlockKind::paragraph), (Strings{"Some bold link and code."}));
  EXPECT_EQ(blocks(document, BlockKind::list_item), (Strings{"one", "two"}));
  EXPECT_EQ(blocks(document, BlockKind::code), (Strings{"int  x;"}));
  EXPECT_EQ(blocks(document, BlockKind::table_row), (Strings{"a | b", "1 | 2"}));
}

TEST(Markdown, front_matter_and_html_blocks) {
  const auto document = parse_ok(
      "---\ntitle: \"My page\"\nauthor: Ann\n---\n\n<p align=center>In <b>HTML</b></p>\n\nText.\n",
      "a.md");
  EXPECT_EQ(document.title, "My page");
  EXPECT_EQ(document.properties,
            (std::vector<std::pair<std::string, std::string>>{{"author", "Ann"}}));
  EXPECT_EQ(document.text, "In HTML\n\nText.");
}

TEST(Csv, rows_carry_their_headers) {
  const auto document =
      parse_ok("City,Country,People\nParis,France,2100000\n\"Washington, DC\",USA,\n", "a.csv");
  EXPECT_EQ(blocks(document, BlockKind::table_row),
            (Strings{"City | Country | People", "City: Paris; Country: France; People: 2100000",
                     "City: Washington, DC; Country: USA"}));
}

TEST(Csv, delimiters_quotes_and_titles) {
  EXPECT_EQ(parse_ok("1;2\n3;\"a \"\"b\"\"\nc\"\n", "a.csv").text, "1 | 2\n3 | a \"b\" c");
  EXPECT_EQ(parse_ok("x\ty\n1\t2\n", "a.tsv").text, "x | y\nx: 1; y: 2");
  EXPECT_EQ(blocks(parse_ok("Cups,,\nTeam,Town,Cups\nBlues,STL,1\n", "a.csv"), BlockKind::caption),
            (Strings{"Cups"}));
  EXPECT_EQ(parse_ok("Lorem, ipsum\ndolor sit\namet\n", "a.csv").text,
            "Lorem, ipsum\ndolor sit\namet");
}

TEST(Csv, too_many_cells_and_open_quotes) {
  Limits limits;
  limits.max_cells = 10;
  EXPECT_EQ(refusal(repeat("1,2,3\n", 5), "a.csv", "", limits), "too_large");
  EXPECT_EQ(parse_ok("a,b\n1,\"never closed\n2,3", "a.csv").text,
            "a | b\na: 1; b: never closed 2,3");
}

TEST(Json, paths_and_values) {
  const auto document =
      parse_ok(R"({"title": "Order", "who": {"name": "Ann", "tags": ["a", "b", 3]},
    "items": [{"sku": "X1", "price": 12.50}, {"sku": "X2", "gone": null, "ok": true}]})",
               "a.json");
  EXPECT_EQ(document.title, "Order");
  EXPECT_EQ(document.text,
            "title: Order\nwho.name: Ann\nwho.tags: a, b, 3\n\n"
            "items[0].sku: X1\nitems[0].price: 12.50\n\nitems[1].sku: X2\nitems[1].ok: true");
}

TEST(Json, records_are_blocks) {
  EXPECT_EQ(parse_ok("[{\"a\":1},{\"a\":2}]", "a.json").text, "a: 1\n\na: 2");
  EXPECT_EQ(parse_ok("{\"a\":1}\n\n{\"a\":2}\n", "a.ndjson").text, "a: 1\n\na: 2");
  EXPECT_EQ(parse_ok("\"just words\"", "a.json").text, "just words");
}

TEST(Json, hostile_and_broken) {
  EXPECT_EQ(refusal(repeat("[", 100'000), "a.json"), "too_large");
  EXPECT_EQ(refusal(repeat("{\"a\":", 100'000) + "1" + repeat("}", 100'000), "a.json"),
            "too_large");
  EXPECT_EQ(refusal("{\"a\": [1, 2", "a.json"), "corrupt");
  EXPECT_EQ(refusal("{\"a\":1}\n{\"a\":\n{\"a\":2}\n", "a.ndjson"), "corrupt");
  EXPECT_EQ(refusal("[]", "a.json"), "empty_document");
}

TEST(Json, long_paths_stay_short) {
  const std::string key(5000, 'k');
  const auto document = parse_ok(
      "{\"" + key + "\":{\"" + key + "\":[" + repeat("{\"x\":1},", 999) + "{\"x\":1}]}}", "a.json");
  EXPECT_LT(document.text.size(), 1'000'000u);
}

TEST(Xml, text_of_elements) {
  const auto document = parse_ok(
      "<?xml version=\"1.0\"?><!DOCTYPE b [<!ENTITY lol \"lol\"><!ENTITY l2 \"&lol;&lol;\">]>"
      "<b><c><n>United &amp; States</n><k>Washington</k></c>"
      "<c><p>Some <i>mixed</i> text</p><x/><y><![CDATA[a < b]]></y></c></b>",
      "a.xml");
  EXPECT_EQ(document.text, "United & States\nWashington\n\nSome mixed text\na < b");
}

TEST(Xml, entities_never_grow) {
  std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY l0 \"lol\">";
  for (int i = 1; i < 20; ++i) {
    const auto last = "&l" + std::to_string(i - 1) + ";";
    bomb += "<!ENTITY l" + std::to_string(i) + " \"" + repeat(last, 10) + "\">";
  }
  EXPECT_EQ(parse_ok(bomb + "]><lolz>&l19; end</lolz>", "a.xml").text, "&l19; end");
}

} // namespace
} // namespace graphrag::document::formats
