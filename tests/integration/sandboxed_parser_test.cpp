// A document through a confined child: what comes back, and what each end of a child is called.
#include "actors/document/sandboxed_parser.hpp"

#include <future>

#include <gtest/gtest.h>

#include "tests/support/sandbox_pool.hpp"

namespace graphrag::document {
namespace {

class SandboxedParserTest : public testing::Test {
protected:
  void start(const char* mode, std::chrono::milliseconds deadline = std::chrono::seconds(20)) {
    auto options = tests::sandbox_options();
    options.arguments = {"sandbox_child", mode};
    options.deadline = deadline;
    auto started = SandboxedParser::start(options);
    ASSERT_TRUE(started) << started.error().detail;
    parser_ = std::move(*started);
  }
  std::future<ParseReply> submit(std::string_view bytes, std::string_view filename) {
    auto promise = std::make_shared<std::promise<ParseReply>>();
    auto future = promise->get_future();
    EXPECT_TRUE(parser_->submit(bytes, filename, "", [promise](ParseReply reply) {
      promise->set_value(std::move(reply));
    }));
    return future;
  }
  // What the stand-in of tests/support/sandbox_child.cpp does with a file of this name.
  Errc error_of(std::string_view filename) {
    const auto reply = submit("some bytes", filename).get();
    if (reply && !*reply) return reply->error().code;
    ADD_FAILURE() << filename << " did not fail";
    return {};
  }
  std::unique_ptr<SandboxedParser> parser_;
};

TEST_F(SandboxedParserTest, ParsesWithTheRealParser) {
  start("__parse_files");
  const auto reply = submit("# 知识图谱\n\nGraphs *connect* facts.\n", "读我.md").get();
  ASSERT_TRUE(reply) << reply.error().detail;
  ASSERT_TRUE(*reply) << reply->error().detail;
  EXPECT_EQ((*reply)->title, "知识图谱");
  EXPECT_NE((*reply)->text.find("Graphs connect facts."), std::string::npos);
  ASSERT_FALSE((*reply)->blocks.empty());
  EXPECT_EQ((*reply)->blocks.front().kind, BlockKind::heading);
}

// A page of one line, without a cross reference table (poppler finds the objects).
std::string pdf(const std::string& font, const std::string& shown) {
  const std::string content = "BT /F 12 Tf 72 700 Td " + shown + " Tj ET";
  return "%PDF-1.4\n"
         "1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
         "2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
         "3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
         "/Resources<</Font<</F 5 0 R>>>>>> endobj\n"
         "4 0 obj <</Length " +
         std::to_string(content.size()) + ">> stream\n" + content + "\nendstream endobj\n" +
         "5 0 obj " + font + " endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n";
}

// Neither font is in the file: poppler would look for it, and for the characters' meaning.
TEST_F(SandboxedParserTest, ReadsPdfsWithoutTheirFonts) {
  start("__parse_files");
  const auto latin =
      submit(pdf("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", "(Graphs of facts)"),
             "latin.pdf")
          .get();
  ASSERT_TRUE(latin && *latin) << (latin ? latin->error().detail : latin.error().detail);
  EXPECT_EQ((*latin)->text, "Graphs of facts");

  const auto chinese =
      submit(
          pdf("<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/GBK-EUC-H/DescendantFonts["
              "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo"
              "<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>]>>",
              "<D6AACAB6CDBCC6D7>"),
          "chinese.pdf")
          .get();
  ASSERT_TRUE(chinese) << chinese.error().detail;
  if (parser_->protection().landlock_abi == 0) return; // then no character map can be read
  ASSERT_TRUE(*chinese) << chinese->error().detail;
  EXPECT_EQ((*chinese)->text, "知识图谱");
}

TEST_F(SandboxedParserTest, GivesTheRealParsersRefusals) {
  start("__parse_files");
  const auto reply = submit("", "empty.txt").get();
  ASSERT_TRUE(reply && !*reply);
  EXPECT_EQ(reply->error().code, Errc::empty_document);
}

TEST_F(SandboxedParserTest, NamesTheEndOfAChild) {
  start("__parse_stand_in");
  EXPECT_EQ(error_of("crash"), Errc::parser_crashed);
  EXPECT_EQ(error_of("throw"), Errc::parser_crashed);
  EXPECT_EQ(error_of("socket"), Errc::parser_crashed);
  EXPECT_EQ(error_of("swell"), Errc::parser_memory);
  EXPECT_EQ(error_of("corrupt"), Errc::corrupt);
  EXPECT_EQ(error_of("bad_blocks"), Errc::parser_crashed);
  EXPECT_EQ(error_of("large"), Errc::too_large);
  const auto reply = submit("words", "fine").get();
  ASSERT_TRUE(reply && *reply);
  EXPECT_EQ((*reply)->text, "words");
}

TEST_F(SandboxedParserTest, NamesTheDeadline) {
  start("__parse_stand_in", std::chrono::milliseconds(300));
  EXPECT_EQ(error_of("hang"), Errc::parser_timeout);
}

TEST_F(SandboxedParserTest, AStopIsNotTheDocumentsFault) {
  start("__parse_stand_in");
  auto open = submit("x", "hang");
  parser_->stop();
  const auto reply = open.get();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, runtime::Errc::canceled);
  const auto status = parser_->submit("x", "fine", "", [](ParseReply) {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, runtime::Errc::canceled);
}

} // namespace
} // namespace graphrag::document
