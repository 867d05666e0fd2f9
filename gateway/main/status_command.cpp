#include <cstdio>

#include <poll.h>

#include <nlohmann/json.hpp>

#include "gateway/client/text.hpp"
#include "gateway/main/commands.hpp"

namespace graphrag {
namespace {

using nlohmann::json;
using Steady = std::chrono::steady_clock;

client::HttpCall get(const char* target) {
  client::HttpCall call;
  call.target = target;
  call.deadline = std::chrono::seconds(5);
  return call;
}

// The last answer to /ready: at once, or when it is ready, or when the wait is over.
runtime::Result<client::HttpReply> ready(client::HttpClient& connection, unsigned wait_seconds) {
  auto end = Steady::now() + std::chrono::seconds(wait_seconds);
  while (true) {
    auto reply = connection.send(get("/ready"));
    if ((reply && reply->status == 200) || Steady::now() >= end) return reply;
    ::poll(nullptr, 0, 50);
  }
}

} // namespace

int status(const StatusOptions& options) {
  auto connection = client::open_client(options.server);
  if (!connection) {
    std::fprintf(stderr, "%s\n", connection.error().detail.c_str());
    return client::exit_usage;
  }
  auto answer = ready(*connection, options.wait_seconds);
  if (!answer) {
    std::fprintf(stderr, "%s\n", answer.error().detail.c_str());
    return client::exit_unreachable;
  }
  bool is_ready = answer->status == 200;
  auto listed = connection->send(get("/api/v1/collections"));
  json collections = json::array();
  if (listed && listed->ok())
    if (auto body = json::parse(listed->body, nullptr, false); body.is_object())
      collections = body.value("items", json::array());
  if (options.json) {
    json out{{"url", options.server.url}, {"ready", is_ready}, {"collections", collections}};
    std::printf("%s\n", out.dump().c_str());
  } else {
    std::printf("%s is %s\n", options.server.url.c_str(), is_ready ? "ready" : "NOT ready");
    for (const auto& c : collections)
      std::printf("  %-32s %8llu documents\n",
                  client::printable(c.value("name", std::string{})).c_str(),
                  static_cast<unsigned long long>(c.value("documents", std::uint64_t{0})));
    if (listed && !listed->ok())
      std::fprintf(stderr, "collections: %s\n", client::in_words(*listed).c_str());
  }
  return is_ready ? client::exit_ok : client::exit_findings;
}

} // namespace graphrag
