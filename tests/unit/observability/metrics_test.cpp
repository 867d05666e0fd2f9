#include "observability/metrics.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <gmock/gmock.h>
#include <unistd.h>

namespace graphrag::observability {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What promtool says about a text; empty when it has nothing against it.
std::string promtool(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("graphrag_metrics_" + std::to_string(::getpid()) + ".txt");
  std::ofstream{path} << text;
  const std::string command = "promtool check metrics < " + path.string() + " 2>&1";
  std::string said;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (!pipe) return "popen failed";
  std::array<char, 512> buffer;
  while (std::fgets(buffer.data(), buffer.size(), pipe)) said += buffer.data();
  const int status = ::pclose(pipe);
  std::filesystem::remove(path);
  if (status != 0 && said.empty()) said = "promtool failed";
  return said;
}

TEST(Metrics, SameNameAndLabelsGiveTheSameObject) {
  auto& one = counter("graphrag_test_same_total", "Help.", {{"kind", "a"}});
  auto& again = counter("graphrag_test_same_total", "Help.", {{"kind", "a"}});
  auto& other = counter("graphrag_test_same_total", "Help.", {{"kind", "b"}});
  EXPECT_EQ(&one, &again);
  EXPECT_NE(&one, &other);
  EXPECT_EQ(&gauge("graphrag_test_same_depth", "Help."),
            &gauge("graphrag_test_same_depth", "Help."));
  EXPECT_EQ(&histogram("graphrag_test_same_seconds", "Help.", duration_buckets()),
            &histogram("graphrag_test_same_seconds", "Help.", duration_buckets()));
}

TEST(Metrics, TextShowsValuesAndIsCleanUnderPromtool) {
  counter("graphrag_test_text_total", "Things counted.", {{"kind", "quo\"te\\n"}}).Increment(3);
  gauge("graphrag_test_depth", "Depth.").Set(7);
  histogram("graphrag_test_wait_seconds", "Waited.", duration_buckets()).Observe(0.02);
  add_collector([] {
    prometheus::MetricFamily family{"graphrag_test_collected",
                                    "Read at scrape.",
                                    prometheus::MetricType::Gauge,
                                    {prometheus::ClientMetric{}}};
    family.metric[0].gauge.value = 42;
    return std::vector{family};
  });
  const auto text = expose();
  EXPECT_THAT(text, HasSubstr("graphrag_test_text_total{kind=\"quo\\\"te\\\\n\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("graphrag_test_depth 7\n"));
  EXPECT_THAT(text, HasSubstr("graphrag_test_collected 42\n"));
  EXPECT_THAT(text, HasSubstr("graphrag_test_wait_seconds_bucket{le=\"0.025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("graphrag_test_wait_seconds_bucket{le=\"+Inf\"} 1\n"));
  EXPECT_EQ(promtool(text), "");
}

TEST(Metrics, FamiliesOfOneNameFromSeveralCollectorsAreJoined) {
  for (const char* kind : {"a", "b"})
    add_collector([kind] {
      prometheus::ClientMetric metric;
      metric.label = {{"kind", kind}};
      return std::vector{prometheus::MetricFamily{
          "graphrag_test_joined", "Joined.", prometheus::MetricType::Gauge, {metric}}};
    });
  const auto text = expose();
  const auto first = text.find("# TYPE graphrag_test_joined gauge");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(text.find("# TYPE graphrag_test_joined gauge", first + 1), std::string::npos);
  EXPECT_THAT(text, HasSubstr("graphrag_test_joined{kind=\"a\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("graphrag_test_joined{kind=\"b\"} 0\n"));
}

TEST(Metrics, AFailingCollectorIsCountedAndCostsNothingElse) {
  gauge("graphrag_test_survives", "Still there.").Set(1);
  auto& errors = counter("graphrag_scrape_collector_errors_total",
                         "Collectors that failed during a scrape; their families were missing "
                         "from it.");
  const double before = errors.Value();
  auto failing = std::make_shared<bool>(true);
  add_collector([failing]() -> std::vector<prometheus::MetricFamily> {
    if (*failing) throw std::runtime_error("no");
    return {};
  });
  EXPECT_THAT(expose(), HasSubstr("graphrag_test_survives 1\n"));
  *failing = false;
  EXPECT_EQ(errors.Value(), before + 1);
}

TEST(Metrics, OpenMetricsNamesCountersWithoutTotalAndEndsInEof) {
  counter("graphrag_test_open_total", "Opened.", {{"kind", "x"}}).Increment(2);
  histogram("graphrag_test_open_seconds", "Took \"long\".", {0.5, 1}).Observe(0.75);
  const auto text = expose(true);
  EXPECT_TRUE(text.ends_with("# EOF\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE graphrag_test_open counter\n"
                              "# HELP graphrag_test_open Opened.\n"
                              "graphrag_test_open_total{kind=\"x\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE graphrag_test_open_seconds histogram\n"
                              "# HELP graphrag_test_open_seconds Took \\\"long\\\".\n"
                              "graphrag_test_open_seconds_bucket{le=\"0.5\"} 0\n"
                              "graphrag_test_open_seconds_bucket{le=\"1.0\"} 1\n"
                              "graphrag_test_open_seconds_bucket{le=\"+Inf\"} 1\n"
                              "graphrag_test_open_seconds_count 1\n"
                              "graphrag_test_open_seconds_sum 0.75\n"));
  EXPECT_THAT(text, Not(HasSubstr("\n\n")));
}

double value_of(const std::string& text, const std::string& name) {
  const auto at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST(Metrics, TheProcessItselfIsMeasured) {
  const auto before = expose();
  EXPECT_GT(value_of(before, "process_resident_memory_bytes"), 1e6);
  EXPECT_GT(value_of(before, "process_start_time_seconds"), 1.6e9);
  EXPECT_GE(value_of(before, "process_cpu_seconds_total"), 0);
  EXPECT_GE(value_of(before, "process_threads"), 1);
  const auto open = value_of(before, "process_open_fds");
  EXPECT_GT(open, 0);
  EXPECT_GE(value_of(before, "process_max_fds"), open);
  std::ifstream one_more{"/dev/null"};
  EXPECT_EQ(value_of(expose(), "process_open_fds"), open + 1);
}

TEST(Metrics, DurationBucketsHaveAnEdgeAtTheObjective) {
  EXPECT_THAT(duration_buckets(), ::testing::Contains(1.0));
  EXPECT_TRUE(std::is_sorted(duration_buckets().begin(), duration_buckets().end()));
  EXPECT_TRUE(std::is_sorted(handling_buckets().begin(), handling_buckets().end()));
}

} // namespace
} // namespace graphrag::observability
