#include "tests/unit/document/format_helpers.hpp"
#include "tests/unit/document/zip_builder.hpp"

namespace graphrag::document::formats {
namespace {

using Strings = std::vector<std::string>;

std::string paragraph(std::string_view text, std::string_view properties = "") {
  return "<w:p><w:pPr>" + std::string(properties) + "</w:pPr><w:r><w:t>" + std::string(text) +
         "</w:t></w:r></w:p>";
}

TEST(Docx, headings_lists_tables_and_notes) {
  const auto bytes = docx(
      paragraph("The Title", "<w:pStyle w:val=\"berschrift1\"/>") + paragraph("Some &amp; text") +
          paragraph("item", "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr>") +
          "<w:tbl><w:tr><w:tc>" + paragraph("a") + "</w:tc><w:tc>" + paragraph("b") +
          "</w:tc></w:tr></w:tbl><w:p><w:r><w:t>one</w:t><w:br/><w:t>two</w:t><w:tab/><w:t>three</"
          "w:t></w:r>"
          "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>",
      {{"word/styles.xml", "<w:styles><w:style w:type=\"paragraph\" w:styleId=\"berschrift1\">"
                           "<w:name w:val=\"heading 1\"/></w:style></w:styles>"},
       {"word/footnotes.xml", "<w:footnotes><w:footnote w:type=\"separator\">" + paragraph("line") +
                                  "</w:footnote><w:footnote>" + paragraph("a note") +
                                  "</w:footnote></w:footnotes>"},
       {"word/_rels/document.xml.rels",
        relations({{"header", "header1.xml"}, {"header", "header2.xml"}})},
       {"word/header1.xml", "<w:hdr>" + paragraph("Company") + "</w:hdr>"},
       {"word/header2.xml", "<w:hdr>" + paragraph("Company") + "</w:hdr>"},
       {"docProps/core.xml", "<cp:coreProperties><dc:title>Report</dc:title><dc:creator>Ann</"
                             "dc:creator></cp:coreProperties>"}});
  const auto document = parse_ok(bytes, "wrong-name.pdf");
  EXPECT_EQ(document.title, "Report");
  EXPECT_EQ(blocks(document, BlockKind::heading), (Strings{"The Title"}));
  EXPECT_EQ(blocks(document, BlockKind::list_item), (Strings{"item"}));
  EXPECT_EQ(blocks(document, BlockKind::table_row), (Strings{"a | b"}));
  EXPECT_EQ(blocks(document, BlockKind::paragraph),
            (Strings{"Some & text", "one\ntwo three", "a note", "Company"}));
}

TEST(Docx, text_under_a_merged_cell_is_not_shown) {
  const auto cell = [](std::string_view text, std::string_view merge) {
    return "<w:tc><w:tcPr>" + std::string(merge) + "</w:tcPr>" + paragraph(text) + "</w:tc>";
  };
  EXPECT_EQ(parse_ok(docx("<w:tbl><w:tr>" + cell("a", "<w:vMerge w:val=\"restart\"/>") +
                          cell("b", "") + "</w:tr><w:tr>" + cell("hidden", "<w:vMerge/>") +
                          cell("c", "") + cell("d", "") + "</w:tr></w:tbl>"),
                     "a.docx")
                .text,
            "a | b\nc | d");
}

TEST(Docx, refusals) {
  EXPECT_EQ(refusal(docx(""), "a.docx"), "empty_document");
  EXPECT_EQ(refusal(docx("", {{"word/media/image1.png", "x"}}), "a.docx"), "no_text_layer");
  EXPECT_EQ(refusal(make_zip({{"word/document.xml", "<w:document><w:body><w:p>"}}), "a.docx"),
            "corrupt");
  const auto whole = docx(paragraph(repeat("many words ", 2000)));
  EXPECT_EQ(refusal(whole.substr(0, whole.size() / 2), "a.docx"), "corrupt");
}

TEST(Docx, hostile_archives) {
  const auto bomb = docx(paragraph(std::string(40'000'000, 'a')));
  EXPECT_LT(bomb.size(), 200'000u);
  EXPECT_EQ(refusal(bomb, "a.docx"), "archive_bomb");
  Limits limits;
  limits.max_archive_bytes = 50'000;
  EXPECT_EQ(refusal(docx(paragraph(repeat("0123456789", 10'000))), "a.docx", "", limits),
            "archive_bomb");
  limits = {};
  limits.max_entries = 10;
  Members many;
  for (int i = 0; i < 20; ++i) many.emplace_back("word/x" + std::to_string(i), "x");
  EXPECT_EQ(refusal(docx(paragraph("x"), many), "a.docx", "", limits), "too_large");
  // A bomb in a member that nobody reads does no harm.
  EXPECT_EQ(
      parse_ok(docx(paragraph("fine"), {{"word/media/big.bin", std::string(40'000'000, 'a')}}),
               "a.docx")
          .text,
      "fine");
}

TEST(Docx, hostile_markup) {
  EXPECT_EQ(
      parse_ok(docx(repeat("<w:tbl><w:tr><w:tc>", 50'000) + paragraph("deep")), "a.docx").text,
      "deep");
  std::string entities = "<!DOCTYPE lolz [<!ENTITY a \"" + std::string(1000, 'x') + "\">]>";
  EXPECT_EQ(parse_ok(make_zip({{"word/document.xml", entities + "<w:document><w:body>" +
                                                         paragraph(repeat("&a;", 1000)) +
                                                         "</w:body></w:document>"}}),
                     "a.docx")
                .text.size(),
            3000u);
  // Styles that are based on each other end too.
  EXPECT_EQ(
      parse_ok(docx(paragraph("x", "<w:pStyle w:val=\"a\"/>"),
                    {{"word/styles.xml", "<w:styles><w:style w:type=\"paragraph\" "
                                         "w:styleId=\"a\"><w:basedOn w:val=\"b\"/></w:style>"
                                         "<w:style w:type=\"paragraph\" w:styleId=\"b\"><w:basedOn "
                                         "w:val=\"a\"/></w:style></w:styles>"}}),
               "a.docx")
          .text,
      "x");
}

std::string shape(std::string_view placeholder, std::string_view text) {
  return "<p:sp><p:nvSpPr><p:nvPr>" + std::string(placeholder) +
         "</p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>" + std::string(text) +
         "</a:t></a:r></a:p></p:txBody></p:sp>";
}

TEST(Pptx, slides_in_order_with_titles_groups_tables_and_notes) {
  const auto bytes = make_zip(
      {{"ppt/presentation.xml",
        "<p:presentation><p:sldIdLst><p:sldId id=\"256\" r:id=\"rId2\"/>"
        "<p:sldId id=\"257\" r:id=\"rId1\"/></p:sldIdLst></p:presentation>"},
       {"ppt/_rels/presentation.xml.rels",
        relations({{"slide", "slides/slide1.xml"}, {"slide", "slides/slide2.xml"}})},
       {"ppt/slides/slide2.xml",
        "<p:sld>" + shape("<p:ph type=\"body\"/>", "point") +
            shape("<p:ph type=\"title\"/>", "First") + "<p:grpSp><p:grpSp>" + shape("", "inner") +
            "</p:grpSp></p:grpSp>" + shape("<p:ph type=\"sldNum\"/>", "7") + "</p:sld>"},
       {"ppt/slides/_rels/slide2.xml.rels",
        relations({{"notesSlide", "../notesSlides/notesSlide1.xml"}})},
       {"ppt/notesSlides/notesSlide1.xml", "<p:notes>" + shape("<p:ph type=\"sldNum\"/>", "1") +
                                               shape("<p:ph type=\"body\"/>", "say hello") +
                                               "</p:notes>"},
       {"ppt/slides/slide1.xml", "<p:sld><p:graphicFrame><a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:"
                                 "t>x</a:t></a:r></a:p></a:txBody></a:tc>"
                                 "<a:tc><a:txBody><a:p><a:r><a:t>y</a:t></a:r></a:p></a:txBody></"
                                 "a:tc></a:tr></a:tbl></p:graphicFrame></p:sld>"}});
  const auto document = parse_ok(bytes, "a.pptx");
  EXPECT_EQ(document.pages, 2u);
  EXPECT_EQ(document.title, "First");
  EXPECT_EQ(document.text, "First\n\npoint\n\ninner\n\nsay hello\n\nx | y");
  EXPECT_EQ(document.blocks.front().page, 1u);
  EXPECT_EQ(document.blocks.back().page, 2u);
}

TEST(Pptx, only_pictures) {
  EXPECT_EQ(refusal(make_zip({{"ppt/presentation.xml",
                               "<p:presentation><p:sldId r:id=\"rId1\"/></p:presentation>"},
                              {"ppt/_rels/presentation.xml.rels",
                               relations({{"slide", "slides/slide1.xml"}})},
                              {"ppt/slides/slide1.xml",
                               "<p:sld><p:pic><p:cNvPr descr=\"photo.png\"/></p:pic></p:sld>"},
                              {"ppt/media/image1.png", "x"}}),
                    "a.pptx"),
            "no_text_layer");
}

std::string xlsx(std::string_view rows, Members more = {}) {
  Members members{
      {"xl/workbook.xml",
       "<workbook><sheets><sheet name=\"Data\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels", relations({{"worksheet", "/xl/worksheets/sheet1.xml"}})},
      {"xl/worksheets/sheet1.xml",
       "<worksheet><sheetData>" + std::string(rows) + "</sheetData></worksheet>"}};
  members.insert(members.end(), more.begin(), more.end());
  return make_zip(members);
}

TEST(Xlsx, strings_numbers_and_dates) {
  const auto bytes = xlsx(
      "<row><c t=\"s\"><v>0</v></c><c t=\"inlineStr\"><is><t>in line</t></is></c></row>"
      "<row><c><v>0.30000000000000004</v></c><c s=\"1\"><v>44927</v></c><c s=\"2\"><v>0.125</v></c>"
      "<c s=\"3\"><v>44927.5</v></c><c t=\"b\"><v>1</v></c><c "
      "t=\"s\"><v>99</v></c></row><row><c/></row>",
      {{"xl/sharedStrings.xml",
        "<sst><si><r><t>rich </t></r><r><t>text</t></r><rPh><t>phonetic</t></rPh></si></sst>"},
       {"xl/styles.xml", "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd/mm/yyyy\\ "
                         "hh:mm\"/></numFmts>"
                         "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf "
                         "numFmtId=\"10\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"}});
  const auto document = parse_ok(bytes, "a.xlsx");
  EXPECT_EQ(document.text,
            "Data\n\nrich text | in line\n0.3 | 2023-01-01 | 12.5% | 2023-01-01 12:00 | TRUE");
  EXPECT_EQ(document.blocks[0].kind, BlockKind::heading);
  EXPECT_EQ(document.blocks[1].page, 1u);
}

TEST(Xlsx, empty_and_too_large) {
  EXPECT_EQ(refusal(xlsx(""), "a.xlsx"), "empty_document");
  Limits limits;
  limits.max_cells = 100;
  EXPECT_EQ(refusal(xlsx(repeat("<row><c><v>1</v></c></row>", 101)), "a.xlsx", "", limits),
            "too_large");
  EXPECT_EQ(refusal(xlsx(repeat("<row><c><v>1</v></c></row>", 100)), "a.xlsx", "", limits), "ok");
  // One long string, pointed to again and again.
  limits = {};
  limits.max_text_bytes = 1'000'000;
  EXPECT_EQ(refusal(xlsx("<row>" + repeat("<c t=\"s\"><v>0</v></c>", 100'000) + "</row>",
                         {{"xl/sharedStrings.xml",
                           "<sst><si><t>" + repeat("abcdef ghi", 1000) + "</t></si></sst>"}}),
                    "a.xlsx", "", limits),
            "too_large");
}

TEST(Odt, headings_lists_tables_and_notes) {
  const auto bytes = make_zip(
      {{"mimetype", "application/vnd.oasis.opendocument.text"},
       {"content.xml", "<office:document-content><office:body><office:text><text:h "
                       "text:outline-level=\"2\">Part</text:h>"
                       "<text:p>One<text:note><text:note-citation>1</"
                       "text:note-citation><text:note-body><text:p>the note</text:p>"
                       "</text:note-body></text:note> "
                       "two<text:s/>three</text:p><text:list><text:list-item><text:p>item</"
                       "text:p></text:list-item></text:list>"
                       "<table:table><table:table-row><table:table-cell><text:p>a</text:p></"
                       "table:table-cell><table:table-cell><text:p>b</text:p>"
                       "</table:table-cell></table:table-row></table:table></office:text></"
                       "office:body></office:document-content>"},
       {"meta.xml", "<office:document-meta><dc:title>Letter</dc:title></office:document-meta>"}});
  const auto document = parse_ok(bytes, "a.bin");
  EXPECT_EQ(document.title, "Letter");
  EXPECT_EQ(document.text, "Part\n\nOne two three\n\nitem\n\na | b\n\nthe note");
  EXPECT_EQ(document.blocks[0].level, 2);
}

TEST(Odt, encrypted) {
  EXPECT_EQ(
      refusal(
          make_zip({{"mimetype", "application/vnd.oasis.opendocument.text"},
                    {"content.xml", "\x01\x02"},
                    {"META-INF/manifest.xml",
                     "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"}}),
          "a.odt"),
      "encrypted");
}

Members epub_members() {
  return {
      {"mimetype", "application/epub+zip"},
      {"META-INF/container.xml",
       "<container><rootfiles><rootfile full-path=\"OEBPS/book.opf\"/></rootfiles></container>"},
      {"OEBPS/book.opf", "<package><metadata><dc:title>My "
                         "Book</dc:title></metadata><manifest><item id=\"b\" href=\"two.xhtml\"/>"
                         "<item id=\"a\" href=\"text/one%20.xhtml\"/><item id=\"n\" "
                         "href=\"nav.xhtml\" properties=\"nav\"/></manifest>"
                         "<spine><itemref idref=\"n\"/><itemref idref=\"a\"/><itemref "
                         "idref=\"b\"/></spine></package>"},
      {"OEBPS/nav.xhtml", "<html><body><nav>contents</nav></body></html>"},
      {"OEBPS/two.xhtml", "<html><head><title/></head><body><p>second</p></body></html>"},
      {"OEBPS/text/one .xhtml",
       "<?xml version=\"1.0\"?><html><body><h1>Chapter</h1><p>first</p></body></html>"}};
}

TEST(Epub, chapters_in_the_order_of_the_spine) {
  const auto document = parse_ok(make_zip(epub_members()), "a.epub");
  EXPECT_EQ(document.title, "My Book");
  EXPECT_EQ(document.text, "Chapter\n\nfirst\n\nsecond");
}

TEST(Epub, protected_books_are_refused) {
  auto members = epub_members();
  members.emplace_back("META-INF/encryption.xml",
                       "<encryption><CipherReference URI=\"OEBPS/two.xhtml\"/></encryption>");
  EXPECT_EQ(refusal(make_zip(members), "a.epub"), "encrypted");
}

TEST(Zip, plain_archives_are_refused) {
  EXPECT_EQ(refusal(make_zip({{"a.txt", "hello"}}), "a.zip"), "unsupported_format");
  EXPECT_EQ(refusal(make_zip({{"a.txt", "hello"}}), "a.docx"), "unsupported_format");
  EXPECT_EQ(refusal(make_zip({{"inner.docx", docx(paragraph("x"))}}), "a.zip"),
            "unsupported_format");
  EXPECT_EQ(refusal("PK\x03\x04 and then nothing", "a.docx"), "unsupported_format");
}

} // namespace
} // namespace graphrag::document::formats
