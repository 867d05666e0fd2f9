#include "tests/sim/cluster_history.hpp"

namespace graphrag::cluster::sim {
namespace {

std::string name(DocId doc) { return "document " + std::to_string(doc); }

} // namespace

void History::changed(DocId doc, Change change) {
  auto& list = changes_[doc];
  if (change.version != 0)
    for (const auto& earlier : list)
      require(earlier.version < change.version, name(doc) + " commits an older version");
  list.push_back(change);
}

Change History::at(DocId doc, std::uint64_t seq) const {
  Change last;
  if (const auto found = changes_.find(doc); found != changes_.end())
    for (const auto& change : found->second)
      if (change.seq <= seq) last = change;
  return last;
}

void History::view_written(const ClusterView& before, const ClusterView& after) {
  require(after.version == before.version + 1, "a view does not follow the one before it");
  require(views_.emplace(after.version, after).second, "two views of one version");
  for (std::uint32_t shard = 0; shard < std::min(before.shards.size(), after.shards.size());
       ++shard) {
    const auto& was = before.shards[shard].serving;
    const auto& is = after.shards[shard].serving;
    const bool survivor = std::ranges::any_of(was, [&](NodeOrdinal node) {
      const auto* member = before.find(node);
      return member != nullptr && after.find(member->id) != nullptr;
    });
    require(!survivor || !is.empty(), "nobody serves shard " + std::to_string(shard) +
                                          " although one who did is still there");
    for (auto node : is)
      require(contains(was, node) || contains(before.shards[shard].loading, node),
              "a node serves a shard that it did not load");
  }
}

void History::view_seen(const NodeId& node, std::uint64_t before, const ClusterView& view) {
  require(view.version >= before, "the view of " + to_string(node) + " goes back");
  const auto found = views_.find(view.version);
  require(view.version == 0 || (found != views_.end() && found->second == view),
          "a node sees a view that was never written");
}

void History::claimed(DocId doc, std::uint64_t epoch) {
  auto& last = last_claim_[doc];
  require(epoch > last, name(doc) + " is claimed twice with one epoch");
  last = epoch;
}

void History::committed(DocId doc, std::uint64_t used_epoch, std::uint64_t row_epoch) {
  require(used_epoch == row_epoch, name(doc) + " is written under an old epoch");
}

void History::delete_answered(DocId doc, std::uint64_t seq, Millis now) {
  deletes_[doc].push_back({now, seq});
}

void History::shown(int client, DocId doc, std::uint64_t version, std::uint64_t applied,
                    Millis began) {
  const auto truth = at(doc, applied);
  require(truth.version == version, name(doc) + " is shown as it was not at the view's number");
  auto& last = seen_[{client, doc}];
  require(truth.seq >= last, name(doc) + " goes back in the eyes of one client");
  last = std::max(last, truth.seq);
  if (version == 0) return;
  for (const auto& deleted : deletes_[doc])
    require(deleted.at >= began || truth.seq > deleted.seq,
            name(doc) + " is shown after its delete was answered");
}

} // namespace graphrag::cluster::sim
