#pragma once
// What the simulated cluster is judged by: everything that its database ever held, and the first
// rule that was broken. See cluster_world.hpp.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cluster/cluster_view.hpp"

namespace graphrag::cluster::sim {

using DocId = int;

// Mistakes planted into the seams between the machines, never into the machines themselves.
enum class Mistake {
  none,
  no_epoch_check,                // the store commits whatever the epoch
  ack_before_commit,             // a put is answered before the store has answered
  two_appliers,                  // the snapshot of an abandoned load is applied
  lease_not_checked_after_pause, // the right to read is looked at in the tick, not at the answer
  view_cas_ignored,              // the store takes a view whatever its predecessor
  drops_before_load,             // the old owner stops serving as soon as the new one loads
  delete_before_replicas,        // a delete is answered when it is in the store
  read_lease_ignored,            // a replica answers without the right to read
  stale_incarnation_heard,       // messages of nodes outside the view are taken
  double_claim,                  // a claim takes no notice of the owner and keeps the epoch
  claim_kept_by_the_dead,        // a claim outlives its owner
  lease_end_is_enough            // the store shows votes that nobody gave
};

struct Change { // of one document: from `seq` on queries see this version; 0 is none
  std::uint64_t seq = 0, version = 0;
};

class History {
public:
  void broken(const std::string& rule) {
    if (!violation_) violation_ = rule;
  }
  const std::optional<std::string>& violation() const { return violation_; }
  void require(bool holds, const std::string& rule) {
    if (!holds) broken(rule);
  }

  void changed(DocId doc, Change change);
  Change at(DocId doc, std::uint64_t seq) const; // what was seen of it at that number

  void view_written(const ClusterView& before, const ClusterView& after);
  void view_seen(const NodeId& node, std::uint64_t before, const ClusterView& view);
  void claimed(DocId doc, std::uint64_t epoch);
  void committed(DocId doc, std::uint64_t used_epoch, std::uint64_t row_epoch);
  void delete_answered(DocId doc, std::uint64_t seq, Millis now);
  // A question that began at `began` was shown this version of the document by a view at `applied`.
  void shown(int client, DocId doc, std::uint64_t version, std::uint64_t applied, Millis began);

private:
  std::optional<std::string> violation_;
  std::map<DocId, std::vector<Change>> changes_;
  std::map<std::uint64_t, ClusterView> views_;
  std::map<DocId, std::uint64_t> last_claim_;
  struct Answered {
    Millis at = 0;
    std::uint64_t seq = 0;
  };
  std::map<DocId, std::vector<Answered>> deletes_;
  std::map<std::pair<int, DocId>, std::uint64_t> seen_; // by client: number of what it saw last
};

} // namespace graphrag::cluster::sim
