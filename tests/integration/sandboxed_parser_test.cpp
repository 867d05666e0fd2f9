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
