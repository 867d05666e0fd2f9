#include "observability/log.hpp"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "observability/metrics.hpp"

namespace graphrag::observability {
namespace {

class LogTest : public ::testing::Test {
protected:
  void TearDown() override {
    configure_log({});
    std::filesystem::remove(path_);
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> result;
    std::ifstream in{path_};
    for (std::string line; std::getline(in, line);) result.push_back(line);
    return result;
  }
  std::string path_ = (std::filesystem::temp_directory_path() /
                       ("graphrag_log_" + std::to_string(::getpid()) + ".jsonl"))
                          .string();
};

TEST_F(LogTest, EachLineIsOneJsonObjectWithEcsNames) {
  configure_log({Level::info, path_, true});
  log_warn("It \"broke\"\n", {{"error.message", std::string_view{"disk"}},
                              {"graphrag.count", std::int64_t{3}},
                              {"graphrag.ratio", 0.5},
                              {"graphrag.fatal", false}});
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0].rfind("{\"@timestamp\":", 0), 0u);
  const auto line = nlohmann::json::parse(written[0]);
  EXPECT_THAT(
      line["@timestamp"].get<std::string>(),
      ::testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z"));
  EXPECT_EQ(line["log.level"], "warn");
  EXPECT_EQ(line["message"], "It \"broke\"\n");
  EXPECT_EQ(line["ecs.version"], "1.6.0");
  EXPECT_EQ(line["service.name"], "graphrag");
  EXPECT_EQ(line["error.message"], "disk");
  EXPECT_EQ(line["graphrag.count"], 3);
  EXPECT_EQ(line["graphrag.ratio"], 0.5);
  EXPECT_EQ(line["graphrag.fatal"], false);
}

TEST_F(LogTest, LinesUnderTheLevelAreLeftOut) {
  configure_log({Level::warn, path_, true});
  log(Level::debug, "quiet");
  log_info("quiet");
  log_error("loud");
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(nlohmann::json::parse(written[0])["log.level"], "error");
}

TEST_F(LogTest, BytesThatAreNoTextDoNotCostTheLine) {
  configure_log({Level::info, path_, true});
  log_info("bad \xff\xfe name");
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(nlohmann::json::parse(written[0])["message"], "bad \xEF\xBF\xBD\xEF\xBF\xBD name");
}

TEST_F(LogTest, AFieldCannotReplaceAnEcsName) {
  configure_log({Level::info, path_, true});
  log_info("true message", {{"message", std::string_view{"false"}}});
  EXPECT_EQ(nlohmann::json::parse(lines().at(0))["message"], "true message");
}

TEST_F(LogTest, ForAPersonTheLineIsShort) {
  configure_log({Level::info, path_, false});
  log_info("Ready.", {{"url.port", std::int64_t{8000}}});
  EXPECT_THAT(lines().at(0),
              ::testing::MatchesRegex(
                  "[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z info Ready[.] url[.]port=8000"))
      << lines().at(0);
}

TEST_F(LogTest, AFullDiskIsCountedAndNeverThrows) {
  auto& dropped = counter("graphrag_log_dropped_total", "Log lines that could not be written.");
  const double before = dropped.Value();
  configure_log({Level::info, "/dev/full", true});
  EXPECT_NO_THROW(log_error("lost"));
  EXPECT_NO_THROW(log_error("lost"));
  EXPECT_EQ(dropped.Value(), before + 2);
}

std::string read_available(int descriptor) {
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(descriptor, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  return text;
}

TEST_F(LogTest, AReaderThatStoppedCostsLinesAndBlocksNobody) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  auto& dropped = counter("graphrag_log_dropped_total", "Log lines that could not be written.");
  const double before = dropped.Value();
  configure_log({Level::info, path_, true});
  for (int i = 0; i < 100; ++i) log_info(std::string(10'000, 'x')); // far more than a pipe holds
  EXPECT_GT(dropped.Value(), before);
  read_available(reader);
  log_info("heard again");
  const auto text = read_available(reader);
  const auto end = text.find_last_not_of('\n');
  const auto start = text.rfind('\n', end);
  const auto last = text.substr(start == std::string::npos ? 0 : start + 1);
  EXPECT_EQ(nlohmann::json::parse(last)["message"], "heard again") << text;
  ::close(reader);
}

TEST_F(LogTest, AFileThatCannotBeOpenedFallsBackToStandardError) {
  ::testing::internal::CaptureStderr();
  configure_log({Level::info, path_ + "/no/such/folder", true});
  log_info("still heard");
  const auto heard = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(heard, ::testing::HasSubstr("cannot be opened"));
  EXPECT_THAT(heard, ::testing::HasSubstr("still heard"));
}

} // namespace
} // namespace graphrag::observability
