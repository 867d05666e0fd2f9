#include "cluster/query_route.hpp"

#include <limits>
#include <tuple>

namespace graphrag::cluster {
namespace {

constexpr Millis least_late = 50, pause = 50;
constexpr Millis not_yet = std::numeric_limits<Millis>::max();

} // namespace

QueryRoute::QueryRoute(NodeId self, std::uint64_t id, std::span<const std::uint32_t> shards,
                       Millis deadline, Millis p99)
    : self_(self), id_(id), deadline_(deadline), late_(std::max(least_late, 3 * p99)) {
  for (auto shard : shards) open_.try_emplace(shard);
}

std::vector<QueryRoute::Send> QueryRoute::next(Millis now, const ClusterView& view) {
  std::vector<Send> out;
  if (done(now)) return out;
  for (auto& [number, message] : under_way_) {
    if (message.counted_late || now < message.late_at) continue;
    message.counted_late = true;
    for (auto shard : message.shards)
      if (const auto at = open_.find(shard); at != open_.end()) at->second.ask_at = now;
  }
  // Which replicas may still be asked for which shard.
  std::map<NodeId, std::vector<std::uint32_t>> can;
  for (auto& [number, shard] : open_) {
    if (shard.ask_at > now) continue;
    bool any = false;
    if (number < view.shards.size()) {
      for (auto ordinal : view.shards[number].serving) {
        const auto* member = view.find(ordinal);
        if (member == nullptr || std::ranges::find(shard.tried, member->id) != shard.tried.end())
          continue;
        if (is_asked(shard, member->id)) continue; // it may still answer
        can[member->id].push_back(number);
        any = true;
      }
    }
    if (any) continue;
    shard.ask_at = now + (shard.asked.empty() ? pause : late_);
    shard.tried.clear(); // a new round, of the view as it is then
  }
  // Greedy cover: whoever has most of what is left gets all of it.
  while (!can.empty()) {
    const auto merit = [&](const auto& entry) {
      return std::tuple{entry.second.size(), entry.first == self_,
                        (entry.first.incarnation ^ id_) * 0x9e3779b97f4a7c15ULL};
    };
    const auto best = std::ranges::max_element(can, {}, merit);
    Send send{best->first, ++messages_, best->second};
    can.erase(best);
    for (auto shard : send.shards) {
      auto& open = open_.at(shard);
      open.tried.push_back(send.to);
      open.asked.push_back(send.number);
      open.ask_at = not_yet; // until refused or late
      for (auto& [node, list] : can) std::erase(list, shard);
    }
    std::erase_if(can, [](const auto& entry) { return entry.second.empty(); });
    under_way_[send.number] = {send.to, send.shards, now + late_, false};
    out.push_back(std::move(send));
  }
  return out;
}

bool QueryRoute::is_asked(const Shard& shard, const NodeId& node) const {
  return std::ranges::any_of(shard.asked, [&](std::uint32_t number) {
    const auto at = under_way_.find(number);
    return at != under_way_.end() && at->second.to == node;
  });
}

void QueryRoute::refused(Millis now, std::uint32_t number,
                         const std::vector<std::uint32_t>& shards) {
  for (auto shard : shards) {
    const auto at = open_.find(shard);
    if (at == open_.end()) continue;
    std::erase(at->second.asked, number);
    at->second.ask_at = std::min(at->second.ask_at, now);
  }
}

std::vector<bool> QueryRoute::on_answer(Millis now, const NodeId& from, std::uint32_t number,
                                        std::span<const std::uint32_t> answered) {
  std::vector<bool> counts(answered.size());
  const auto at = under_way_.find(number);
  if (at == under_way_.end() || at->second.to != from || now >= deadline_) return counts;
  const auto message = std::move(at->second);
  under_way_.erase(at);
  for (std::size_t i = 0; i < answered.size(); ++i) {
    if (std::ranges::find(message.shards, answered[i]) == message.shards.end()) continue;
    counts[i] = open_.erase(answered[i]) == 1;
  }
  refused(now, number, message.shards);
  return counts;
}

void QueryRoute::on_lost(Millis now, const NodeId& node) {
  std::erase_if(under_way_, [&](const auto& entry) {
    if (entry.second.to != node) return false;
    refused(now, entry.first, entry.second.shards);
    return true;
  });
}

std::vector<std::uint32_t> QueryRoute::missing_shards() const {
  std::vector<std::uint32_t> out;
  for (const auto& [number, shard] : open_) out.push_back(number);
  return out;
}

Millis QueryRoute::wake() const {
  auto at = deadline_;
  for (const auto& [number, shard] : open_) at = std::min(at, shard.ask_at);
  for (const auto& [number, message] : under_way_)
    if (!message.counted_late) at = std::min(at, message.late_at);
  return at;
}

} // namespace graphrag::cluster
