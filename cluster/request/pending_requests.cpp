#include "cluster/request/pending_requests.hpp"

namespace graphrag::cluster {

using runtime::NodeOrdinal;

runtime::Result<std::uint64_t> PendingRequests::add(NodeOrdinal peer, runtime::SteadyTime deadline,
                                                    const Answer& answer) {
  auto& count = per_peer_[peer];
  if (count >= max_per_peer_)
    return runtime::fail(runtime::Errc::overloaded,
                         "too many requests wait for node " + std::to_string(peer));
  ++count;
  const auto id = next_id_++;
  waiting_.emplace(id, Waiting{peer, due_.emplace(deadline, id), answer});
  return id;
}

Answer PendingRequests::remove(Table::iterator at) {
  auto answer = std::move(at->second.answer);
  --per_peer_[at->second.peer];
  due_.erase(at->second.due);
  waiting_.erase(at);
  return answer;
}

std::optional<Answer> PendingRequests::take(NodeOrdinal peer, std::uint64_t id) {
  const auto at = waiting_.find(id);
  if (at == waiting_.end() || at->second.peer != peer) return std::nullopt;
  return remove(at);
}

std::vector<Answer> PendingRequests::take_peer(NodeOrdinal peer) {
  std::vector<Answer> taken;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const auto here = at++;
    if (here->second.peer == peer) taken.push_back(remove(here));
  }
  return taken;
}

std::vector<Answer> PendingRequests::take_due(runtime::SteadyTime now) {
  std::vector<Answer> taken;
  while (!due_.empty() && due_.begin()->first <= now)
    taken.push_back(remove(waiting_.find(due_.begin()->second)));
  return taken;
}

std::vector<Answer> PendingRequests::take_all() {
  std::vector<Answer> taken;
  while (!waiting_.empty()) taken.push_back(remove(waiting_.begin()));
  return taken;
}

} // namespace graphrag::cluster
