#include <cstdio>

#include <poll.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "gateway/client/interrupt.hpp"
#include "gateway/client/metrics_text.hpp"
#include "gateway/client/text.hpp"
#include "gateway/main/commands.hpp"

namespace graphrag {
namespace {

using client::MetricsText;
using nlohmann::json;
using Steady = std::chrono::steady_clock;

struct Reading {
  MetricsText metrics;
  Steady::time_point at;
};

struct View {
  double requests_per_s = 0, p50 = 0, p95 = 0, p99 = 0;
  std::map<std::string, double> by_status; // per second
  std::map<std::string, double> mailbox_depth, in_flight, backlog;
  double oldest_message = 0, memory = 0, restarts = 0;
};

std::map<std::string, double> grown(const std::map<std::string, double>& before,
                                    std::map<std::string, double> now, double seconds) {
  for (auto& [key, value] : now) {
    auto old = before.find(key);
    value = (value - (old == before.end() ? 0 : old->second)) / seconds;
  }
  return now;
}

// Rates of the time between two readings; levels of the second.
View view_of(const Reading& before, const Reading& now) {
  View view;
  auto seconds = std::max(1e-3, std::chrono::duration<double>(now.at - before.at).count());
  view.by_status = grown(before.metrics.by("http_requests_total", "status"),
                         now.metrics.by("http_requests_total", "status"), seconds);
  for (const auto& [status, rate] : view.by_status) view.requests_per_s += rate;
  auto old_buckets = before.metrics.buckets("http_request_duration_seconds");
  auto buckets = now.metrics.buckets("http_request_duration_seconds");
  view.p50 = client::bucket_quantile(old_buckets, buckets, 0.5);
  view.p95 = client::bucket_quantile(old_buckets, buckets, 0.95);
  view.p99 = client::bucket_quantile(old_buckets, buckets, 0.99);
  view.mailbox_depth = now.metrics.by("graphrag_actor_mailbox_depth", "kind");
  view.in_flight = now.metrics.by("graphrag_stage_in_flight", "stage");
  view.backlog["documents"] = now.metrics.sum("graphrag_ingest_backlog_documents");
  for (const auto& sample : now.metrics.samples())
    if (sample.name == "graphrag_actor_mailbox_oldest_seconds")
      view.oldest_message = std::max(view.oldest_message, sample.value);
  view.memory = now.metrics.sum("process_resident_memory_bytes");
  view.restarts = now.metrics.sum("graphrag_actor_restarts_total");
  return view;
}

void print_json(const View& view) {
  json out{{"requests_per_s", view.requests_per_s},
           {"requests_per_s_by_status", view.by_status},
           {"latency_s", {{"p50", view.p50}, {"p95", view.p95}, {"p99", view.p99}}},
           {"mailbox_depth", view.mailbox_depth},
           {"oldest_message_s", view.oldest_message},
           {"in_flight", view.in_flight},
           {"backlog_documents", view.backlog.at("documents")},
           {"restarts_total", view.restarts},
           {"resident_bytes", view.memory}};
  std::printf("%s\n", out.dump().c_str());
}

void print_levels(const char* title, const std::map<std::string, double>& levels) {
  std::printf("%-12s", title);
  for (const auto& [name, level] : levels)
    std::printf(" %s %.0f ", client::printable(name).c_str(), level);
  std::printf("\n");
}

void print(const std::string& url, const View& view) {
  std::printf("%s\n\n", url.c_str());
  std::printf("%-12s %.1f req/s\n", "requests", view.requests_per_s);
  std::printf("%-12s", "by status");
  for (const auto& [status, rate] : view.by_status)
    std::printf(" %s %.1f/s ", client::printable(status).c_str(), rate);
  std::printf("\n%-12s p50 %s  p95 %s  p99 %s\n", "latency",
              client::human_seconds(view.p50).c_str(), client::human_seconds(view.p95).c_str(),
              client::human_seconds(view.p99).c_str());
  print_levels("in flight", view.in_flight);
  print_levels("mailboxes", view.mailbox_depth);
  std::printf("%-12s %s\n", "oldest", client::human_seconds(view.oldest_message).c_str());
  print_levels("backlog", view.backlog);
  std::printf("%-12s %.0f\n", "restarts", view.restarts);
  std::printf("%-12s %s\n", "memory", client::human_bytes(view.memory).c_str());
  std::fflush(stdout);
}

runtime::Result<Reading> read(client::HttpClient& connection, std::string& refusal) {
  client::HttpCall call;
  call.target = "/metrics";
  call.deadline = std::chrono::seconds(10);
  auto reply = connection.send(call);
  if (!reply) return tl::unexpected(reply.error());
  if (!reply->ok()) refusal = client::in_words(*reply);
  return Reading{MetricsText::parse(reply->body), Steady::now()};
}

void wait(double seconds) {
  auto end = Steady::now() + std::chrono::duration<double>(seconds);
  while (!client::interrupted() && Steady::now() < end) ::poll(nullptr, 0, 50);
}

} // namespace

int top(const TopOptions& options) {
  auto connection = client::open_client({options.url, ""});
  if (!connection) {
    std::fprintf(stderr, "%s\n", connection.error().detail.c_str());
    return client::exit_usage;
  }
  bool screen = !options.json && ::isatty(STDOUT_FILENO) == 1;
  std::optional<Reading> before;
  for (unsigned shown = 0; !client::interrupted();) {
    std::string refusal;
    auto now = read(*connection, refusal);
    if (!now || !refusal.empty()) {
      std::fprintf(stderr, "%s\n", now ? refusal.c_str() : now.error().detail.c_str());
      return now ? client::exit_findings : client::exit_unreachable;
    }
    if (before) {
      auto view = view_of(*before, *now);
      if (screen) std::printf("\033[H\033[2J");
      if (options.json)
        print_json(view);
      else
        print(options.url, view);
      if (++shown == options.count) return client::exit_ok;
    }
    before = std::move(*now);
    wait(options.interval_seconds);
  }
  return client::exit_ok;
}

} // namespace graphrag
