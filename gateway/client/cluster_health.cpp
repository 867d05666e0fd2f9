#include "gateway/client/cluster_health.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "gateway/client/text.hpp"

namespace graphrag::client {
namespace {

using nlohmann::json;
using Findings = std::vector<std::string>;

constexpr std::size_t most_named = 16; // shards in one sentence

std::size_t count(const json& object, const char* key) {
  return object.value(key, json::array()).size();
}

std::string shards(std::size_t number) {
  return std::to_string(number) + (number == 1 ? " shard" : " shards");
}

void judge_answerer(const json& status, Findings& out) {
  if (!status.value("ready", false)) out.emplace_back("the node that answered is not ready");
  if (!status.value("quorum", false)) out.emplace_back("the node that answered has no quorum");
  const auto database = status.value("database", json::object());
  const auto age = database.value("age_ms", std::int64_t{0});
  if (age < 0)
    out.emplace_back("the database has not answered yet");
  else if (database.value("lost", false))
    out.emplace_back("the database does not answer, for " +
                     human_seconds(static_cast<double>(age) / 1000) + " now");
}

void judge_members(const json& members, Findings& out) {
  if (members.empty()) out.emplace_back("there are no members");
  for (const auto& member : members) {
    const auto node = "node " + std::to_string(member.value("ordinal", std::uint64_t{0}));
    const auto state = member.value("state", std::string{});
    if (state != "up") out.push_back(node + " is " + printable(state));
    if (!member.value("reached", false)) out.push_back(node + " is NOT REACHED");
  }
}

void judge_placement(const json& status, const json& members, Findings& out) {
  const auto placement = status.value("placement", json::array());
  if (placement.empty()) out.emplace_back("no shard has a place yet");
  const auto wanted = status.value("replicas", std::size_t{1});
  const auto can_hold = static_cast<std::size_t>(std::ranges::count_if(members, [](const json& m) {
    return m.value("state", std::string{}) == "up" && m.value("memory_budget", 1ULL) > 0;
  }));
  std::size_t unserved = 0, short_of = 0, loading = 0, retiring = 0, least = wanted;
  for (const auto& shard : placement) {
    const auto serving = count(shard, "serving");
    unserved += serving == 0;
    short_of += serving > 0 && serving < wanted;
    least = std::min(least, serving);
    loading += count(shard, "loading");
    retiring += count(shard, "retiring");
  }
  if (unserved > 0) out.push_back("nobody serves " + shards(unserved));
  if (can_hold < wanted)
    out.push_back(std::to_string(can_hold) + " of " + std::to_string(wanted) +
                  " replicas: too few members that can hold collections (cluster.replicas)");
  else if (short_of > 0)
    out.push_back(std::to_string(least) + " of " + std::to_string(wanted) + " replicas of some: " +
                  shards(short_of) + (short_of == 1 ? " has" : " have") + " too few");
  if (loading > 0) out.push_back("replicas that are loading: " + std::to_string(loading));
  if (retiring > 0) out.push_back("replicas that are leaving: " + std::to_string(retiring));
}

void judge_room(const json& status, Findings& out) {
  const auto no_room = status.value("no_room", json::array());
  if (no_room.empty()) return;
  std::string names;
  for (std::size_t i = 0; i < std::min(no_room.size(), most_named); ++i)
    names += " " + printable(no_room[i].dump());
  if (no_room.size() > most_named) names += " ...";
  out.push_back("no node has room (cluster.max_memory) for a replica of " + shards(no_room.size()) +
                ":" + names);
}

} // namespace

std::vector<std::string> cluster_findings(const json& status) {
  Findings out;
  const auto members = status.value("members", json::array());
  judge_answerer(status, out);
  judge_members(members, out);
  judge_placement(status, members, out);
  judge_room(status, out);
  return out;
}

} // namespace graphrag::client
