#include <algorithm>
#include <cstdio>

#include <poll.h>

#include <nlohmann/json.hpp>

#include "gateway/client/cluster_health.hpp"
#include "gateway/client/text.hpp"
#include "gateway/main/cluster_commands.hpp"

namespace graphrag {
namespace {

using nlohmann::json;

client::HttpCall call(const char* method, std::string target) {
  client::HttpCall out;
  out.method = method;
  out.target = std::move(target);
  out.deadline = std::chrono::seconds(5);
  return out;
}

// The answer as JSON; otherwise says why not and gives the exit code.
tl::expected<json, int> ask(client::HttpClient& client, const client::HttpCall& call) {
  auto reply = client.send(call);
  if (!reply) {
    std::fprintf(stderr, "%s\n", reply.error().detail.c_str());
    return tl::unexpected(client::exit_unreachable);
  }
  if (!reply->ok()) {
    std::fprintf(stderr, "%s\n", client::in_words(*reply).c_str());
    return tl::unexpected(client::exit_findings);
  }
  auto body = json::parse(reply->body, nullptr, false);
  if (body.is_object()) return body;
  std::fprintf(stderr, "the answer is no JSON object\n");
  return tl::unexpected(client::exit_findings);
}

std::string text(const json& object, const char* key) {
  return client::printable(object.value(key, std::string{}));
}

void print_member(const json& member) {
  std::string notes;
  const auto note = [&](const char* key) {
    if (member.value(key, false)) notes += std::string{" "} + key;
  };
  note("self");
  note("planner");
  const auto shards = member.value("shards", json::object());
  std::printf("  %-3llu %-8s %s serves %llu loads %llu lag %llu%s\n",
              static_cast<unsigned long long>(member.value("ordinal", std::uint64_t{0})),
              text(member, "state").c_str(), client::padded(text(member, "address"), 28).c_str(),
              static_cast<unsigned long long>(shards.value("served", std::uint64_t{0})),
              static_cast<unsigned long long>(shards.value("loading", std::uint64_t{0})),
              static_cast<unsigned long long>(member.value("lag", std::uint64_t{0})),
              notes.c_str());
}

} // namespace

int cluster_status(const ClusterOptions& options) {
  auto client = client::open_client(options.admin);
  if (!client) {
    std::fprintf(stderr, "%s\n", client.error().detail.c_str());
    return client::exit_usage;
  }
  auto status = ask(*client, call("GET", "/api/v1/admin/cluster"));
  if (!status) return status.error();
  const auto findings = client::cluster_findings(*status);
  const int code = findings.empty() ? client::exit_ok : client::exit_findings;
  if (options.json) {
    std::printf("%s\n", status->dump().c_str());
    return code;
  }
  const auto members = status->value("members", json::array());
  std::printf("view %llu, %zu members, seen by %s (%s)\n",
              static_cast<unsigned long long>(status->value("view", std::uint64_t{0})),
              members.size(), text(*status, "self").c_str(), text(*status, "phase").c_str());
  for (const auto& member : members) print_member(member);
  for (const auto& finding : findings) std::printf("  %s\n", finding.c_str());
  if (findings.empty()) std::printf("  all is well; the database answers\n");
  return code;
}

int cluster_drain(const ClusterOptions& options) {
  auto client = client::open_client(options.admin);
  if (!client) {
    std::fprintf(stderr, "%s\n", client.error().detail.c_str());
    return client::exit_usage;
  }
  auto asked = ask(*client, call("POST", "/api/v1/admin/cluster/drain?ordinal=" +
                                             std::to_string(options.ordinal)));
  if (!asked) return asked.error();
  for (unsigned i = 0; i < 5 * options.wait_seconds; ++i) {
    auto status = ask(*client, call("GET", "/api/v1/admin/cluster"));
    if (!status) return status.error();
    const auto members = status->value("members", json::array());
    if (std::ranges::none_of(members, [&](const json& member) {
          return member.value("ordinal", options.ordinal + 1) == options.ordinal;
        })) {
      std::printf("node %u has left\n", options.ordinal);
      return client::exit_ok;
    }
    ::poll(nullptr, 0, 200);
  }
  std::fprintf(stderr, "node %u has not left in %u s; it goes on leaving\n", options.ordinal,
               options.wait_seconds);
  return client::exit_findings;
}

} // namespace graphrag
