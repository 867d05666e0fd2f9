#include "cluster/request/body_shelf.hpp"

namespace graphrag::cluster {

using runtime::Errc;
using runtime::fail;
using runtime::NodeOrdinal;

runtime::Result<std::uint64_t> BodyShelf::put(NodeOrdinal peer, std::string body,
                                              runtime::SteadyTime deadline) {
  auto& bytes = bytes_of_[peer];
  if (bytes + body.size() > max_bytes_per_peer_)
    return fail(Errc::overloaded,
                "too many bytes wait for node " + std::to_string(peer) + " to fetch them");
  bytes += body.size();
  const auto parts = (body.size() + part_bytes_ - 1) / part_bytes_;
  const auto id = next_id_++;
  bodies_.emplace(id, Body{peer, std::move(body), deadline, std::vector<bool>(parts), parts});
  return id;
}

runtime::Result<std::string> BodyShelf::part(NodeOrdinal peer, std::uint64_t id,
                                             std::uint64_t offset) {
  const auto at = bodies_.find(id);
  if (at == bodies_.end() || at->second.peer != peer || offset % part_bytes_ != 0 ||
      offset >= at->second.bytes.size())
    return fail(Errc::not_found, "no such part of a body");
  auto& body = at->second;
  auto out = body.bytes.substr(offset, part_bytes_);
  if (const auto number = offset / part_bytes_; !body.given[number]) {
    body.given[number] = true;
    if (--body.left == 0) remove(at);
  }
  return out;
}

BodyShelf::Table::iterator BodyShelf::remove(Table::iterator at) {
  const auto bytes = bytes_of_.find(at->second.peer);
  bytes->second -= at->second.bytes.size();
  if (bytes->second == 0) bytes_of_.erase(bytes);
  return bodies_.erase(at);
}

void BodyShelf::remove(std::uint64_t id) {
  if (const auto at = bodies_.find(id); at != bodies_.end()) remove(at);
}

void BodyShelf::remove_peer(NodeOrdinal peer) {
  for (auto at = bodies_.begin(); at != bodies_.end();)
    at = at->second.peer == peer ? remove(at) : std::next(at);
}

void BodyShelf::remove_due(runtime::SteadyTime now) {
  for (auto at = bodies_.begin(); at != bodies_.end();)
    at = at->second.deadline <= now ? remove(at) : std::next(at);
}

} // namespace graphrag::cluster
