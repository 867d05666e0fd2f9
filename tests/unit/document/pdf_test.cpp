#include "actors/document/formats/pdf_layout.hpp"
#include "tests/unit/document/format_helpers.hpp"

namespace graphrag::document::formats {
namespace {

using Strings = std::vector<std::string>;

// A PDF of one content stream per page, in Helvetica. Poppler rebuilds the missing table of
// objects.
std::string pdf(const Strings& pages, std::string_view trailer = "") {
  std::string kids, objects;
  int number = 3;
  for (const auto& content : pages) {
    const auto page = std::to_string(number++), stream = std::to_string(number++);
    kids += page + " 0 R ";
    objects += page +
               " 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F 1 0 "
               "R/B 100 0 R>>>>/Contents " +
               stream + " 0 R>>\nendobj\n" + stream + " 0 obj\n<</Length " +
               std::to_string(content.size()) + ">>\nstream\n" + content + "\nendstream\nendobj\n";
  }
  return "%PDF-1.4\n1 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n"
         "100 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold>>\nendobj\n" +
         objects + "2 0 obj\n<</Type/Pages/Kids[" + kids + "]/Count " +
         std::to_string(pages.size()) +
         ">>\nendobj\n"
         "101 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n102 0 obj\n<</Title(A small "
         "file)>>\nendobj\n"
         "trailer\n<</Root 101 0 R/Info 102 0 R" +
         std::string(trailer) + ">>\n%%EOF\n";
}

std::string line(int x, int y, std::string_view text, std::string_view font = "/F 10 Tf") {
  return "BT " + std::string(font) + " " + std::to_string(x) + " " + std::to_string(y) + " Td (" +
         std::string(text) + ") Tj ET\n";
}

TEST(Pdf, paragraphs_headings_and_pages) {
  const auto document =
      parse_ok(pdf({line(72, 700, "Introduction", "/B 16 Tf") +
                        line(72, 670, "The first line of a paragraph that is divi-") +
                        line(72, 658, "ded at its end, and a state-of-the-art exam-") +
                        line(72, 646, "ple of a well-known kind of thing here."),
                    line(72, 700, "A second page with the well-known words.")}),
               "a.pdf");
  EXPECT_EQ(document.title, "A small file");
  EXPECT_EQ(document.pages, 2u);
  EXPECT_EQ(blocks(document, BlockKind::heading), (Strings{"Introduction"}));
  EXPECT_EQ(blocks(document, BlockKind::paragraph),
            (Strings{"The first line of a paragraph that is divided at its end, and a "
                     "state-of-the-art example of a well-known kind of thing here.",
                     "A second page with the well-known words."}));
  EXPECT_EQ(document.blocks.back().page, 2u);
}

TEST(Pdf, refusals) {
  EXPECT_EQ(refusal(pdf({""}), "a.pdf"), "no_text_layer");
  EXPECT_EQ(refusal("%PDF-1.4\nnothing else", "a.pdf"), "corrupt");
  Limits limits;
  limits.max_pages = 2;
  EXPECT_EQ(refusal(pdf({line(72, 700, "a"), line(72, 700, "b"), line(72, 700, "c")}), "a.pdf", "",
                    limits),
            "too_large");
  EXPECT_EQ(
      refusal(
          pdf({line(72, 700, "secret")},
              "/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(01234567890123456789012345678901)"
              "/U(01234567890123456789012345678901)>>/ID[(0123456789012345)(0123456789012345)]"),
          "a.pdf"),
      "encrypted");
  const auto whole = pdf({line(72, 700, "words")});
  for (std::size_t size = 9; size < whole.size(); size += 37)
    EXPECT_NE(refusal(whole.substr(0, size), "a.pdf"), "");
}

PdfWord word(std::string text, double left, double top, double width = 40) {
  return {std::move(text), left, top, left + width, top + 10, 0, true, 10, false};
}

TEST(PdfLines, narrow_columns_become_rows) {
  const auto lines = pdf_lines({word("Name", 0, 0), word("Ann", 0, 14), word("Bob", 0, 28),
                                word("Age", 100, 0), word("30", 100, 14), word("40", 100, 28)});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[1].text, "Ann | 30");
  EXPECT_TRUE(lines[1].row);
}

TEST(PdfLines, bullets_in_a_column_go_to_their_lines) {
  const auto lines =
      pdf_lines({word("•", 0, 0, 5), word("•", 0, 14, 5), word("one", 20, 0), word("two", 20, 14)});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].text, "one");
  EXPECT_TRUE(lines[0].item);
  EXPECT_TRUE(lines[1].item);
}

TEST(PdfLines, rotated_words_form_lines) {
  std::vector<PdfWord> words{{"up", 10, 60, 20, 80, 3, true, 10, false},
                             {"side", 10, 20, 20, 55, 3, false, 10, false}};
  const auto lines = pdf_lines(words);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].text, "up side");
}

TEST(PdfLayout, a_sentence_goes_on_in_the_next_column) {
  PdfLayout layout;
  std::vector<PdfLine> lines;
  const auto add = [&](std::string text, double left, double top) {
    lines.push_back({std::move(text), left, top, left + 200, top + 10, 0, 8, 10});
  };
  add("The sentence begins in the left column", 0, 0);
  add("of the page and does not end there but", 0, 12);
  add("goes on in the right one.", 250, 0);
  layout.add_page(lines, 1);
  TextBuilder out{Limits{}};
  layout.write(out);
  EXPECT_EQ(out.finish("x")->text, "The sentence begins in the left column of the page and does "
                                   "not end there but goes on in the right one.");
}

} // namespace
} // namespace graphrag::document::formats
