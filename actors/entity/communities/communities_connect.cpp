// Keeping communities connected while nodes and edges leave them. What was connected can only fall
// apart into pieces that each hold a suspect: an end of a lost edge or a neighbour of a node that
// left. Searches from all suspects of a community take turns and unite where they meet, so the
// time goes with the smaller pieces, not with the community.
#include <algorithm>
#include <numeric>

#include "actors/entity/communities/communities.hpp"

namespace graphrag::entity {
namespace {
constexpr auto none = CommunityLevel::none;
} // namespace

void Communities::connect_all(std::uint32_t level, UpdateStats& stats) {
  auto suspects = std::move(work_[level].suspects);
  work_[level].suspects.clear();
  const auto& here = levels_[level];
  std::erase_if(suspects, [&](Node node) { return here.of(node) == none; });
  std::sort(suspects.begin(), suspects.end(), [&](Node a, Node b) {
    return here.of(a) != here.of(b) ? here.of(a) < here.of(b) : a < b;
  });
  suspects.erase(std::unique(suspects.begin(), suspects.end()), suspects.end());
  std::vector<std::span<const Node>> groups;
  for (std::size_t begin = 0, end = 0; begin < suspects.size(); begin = end) {
    while (end < suspects.size() && here.of(suspects[end]) == here.of(suspects[begin])) ++end;
    groups.emplace_back(suspects.data() + begin, end - begin);
  }
  for (const auto& group : groups)
    if (group.size() > 1) connect(level, group, stats);
}

void Communities::connect(std::uint32_t level, std::span<const Node> suspects, UpdateStats& stats) {
  struct Search {
    std::vector<Node> found, frontier;
    std::size_t done = 0; // of the frontier
    std::uint32_t root = 0;
  };
  const auto& here = levels_[level];
  const auto slot = here.of(suspects[0]);
  std::vector<Search> searches(suspects.size());
  std::vector<std::uint32_t> open(suspects.size());
  std::iota(open.begin(), open.end(), 0U);
  for (const auto s : open) {
    mark_[suspects[s]] = s;
    searches[s] = {{suspects[s]}, {suspects[s]}, 0, s};
  }
  const auto root_of = [&](std::uint32_t s) {
    while (searches[s].root != s) s = searches[s].root = searches[searches[s].root].root;
    return s;
  };
  const auto unite = [&](std::uint32_t a, std::uint32_t b) {
    if (searches[a].found.size() < searches[b].found.size()) std::swap(a, b);
    auto& from = searches[b];
    auto& into = searches[a];
    from.root = a;
    into.found.insert(into.found.end(), from.found.begin(), from.found.end());
    into.frontier.insert(into.frontier.end(),
                         from.frontier.begin() + static_cast<std::ptrdiff_t>(from.done),
                         from.frontier.end());
    from.found.clear();
    from.frontier.clear();
    return a;
  };
  std::vector<std::vector<Node>> cut;
  std::size_t pieces = open.size(); // neither united with another nor complete
  for (std::size_t turn = 0; pieces > 1; ++turn) {
    const auto i = turn % open.size();
    auto s = open[i];
    const bool united = searches[s].root != s;
    const bool complete = !united && searches[s].done == searches[s].frontier.size();
    if (united || complete) {
      if (complete) cut.push_back(searches[s].found);
      if (complete) --pieces;
      open[i] = open.back();
      open.pop_back();
      continue;
    }
    const auto node = searches[s].frontier[searches[s].done++];
    ++stats.visited;
    for (const auto& edge : graph_.neighbours(node)) {
      if (here.of(edge.to) != slot) continue;
      if (mark_[edge.to] == none) {
        mark_[edge.to] = s;
        searches[s].found.push_back(edge.to);
        searches[s].frontier.push_back(edge.to);
      } else if (const auto other = root_of(mark_[edge.to]); other != s) {
        s = unite(s, other);
        --pieces;
      }
    }
  }
  for (const auto& search : searches)
    for (const auto node : search.found) mark_[node] = none;
  for (const auto& part : cut) {
    ++stats.split;
    cut_off(level, part, here[slot].parent);
  }
}

// Makes the part, all of one community and without edges to the rest of it, a community of its own.
// Its communities on lower levels follow it, also when only some of their members do.
void Communities::cut_off(std::uint32_t level, const std::vector<Node>& part, Slot parent) {
  auto& here = levels_[level];
  const auto from = here.of(part[0]);
  if (here[from].members.size() == part.size()) {
    here[from].parent = parent;
    return;
  }
  touch(level, from);
  const auto to = here.open(next_id_++, parent);
  here[to].whole = here[from].whole;
  for (const auto node : part) {
    here.leave(node, graph_.strength(node), weight_into(level, node, from));
    here.join(node, to, graph_.strength(node), weight_into(level, node, to));
  }
  here[to].churn = 0;
  touch(level, to);
  if (level == 0) return;
  const auto& below = levels_[level - 1];
  auto by_child = part;
  std::erase_if(by_child, [&](Node node) { return below.of(node) == none; });
  std::sort(by_child.begin(), by_child.end(), [&](Node a, Node b) {
    return below.of(a) != below.of(b) ? below.of(a) < below.of(b) : a < b;
  });
  for (std::size_t begin = 0, end = 0; begin < by_child.size(); begin = end) {
    const auto child = below.of(by_child[begin]);
    while (end < by_child.size() && below.of(by_child[end]) == child) ++end;
    std::vector<Node> members(by_child.begin() + static_cast<std::ptrdiff_t>(begin),
                              by_child.begin() + static_cast<std::ptrdiff_t>(end));
    cut_off(level - 1, members, to);
  }
}

} // namespace graphrag::entity
