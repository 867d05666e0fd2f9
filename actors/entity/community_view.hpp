#pragma once
// The communities of one collection on this node. Derived from what the entity view has applied,
// some time later; no answer waits for them. Three sides:
//
//   entity follower ── note() ──> queue ── step() of one driver ──> publication ── readers
//
// The queue coalesces by document: it holds what the communities know of a document and what they
// should know, so it is bounded by the number of documents. A document waits there until the view
// that summaries are read from shows it: the followers of the shards may be behind the entities'.
// All state is here and none in the driver, which may be killed between two steps.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "actors/chunk/index.hpp"
#include "actors/entity/community_snapshot.hpp"

namespace graphrag::entity {

class CommunityBuilder;
class NameDirectory;
using DocumentPtr = std::shared_ptr<const chunk::LiveDocument>;

// What the communities know of a document, and what they should (null: nothing); and from which
// number of the log on views show that.
struct DocumentStep {
  DocumentPtr before, after;
  std::uint64_t seq = 0;
};

enum class CommunityWork : std::uint8_t {
  none,  // all that was noted is published
  more,  // there is more to do
  later, // what is left is not shown by the view that was given
};

struct CommunityProgress {
  std::size_t queued = 0;    // documents not yet in a publication: queued or in work
  std::uint64_t rebuilt = 0; // how often everything was grouped anew, ever
  std::size_t bytes = 0;     // heap of graph, groups and publication, about
};

class CommunityView {
public:
  CommunityView();
  ~CommunityView();

  // The document was `before` and is `after`, which views that have applied `seq` show; 0: all do.
  // One writer; any thread.
  void note(const std::string& id, const DocumentPtr& before, const DocumentPtr& after,
            std::uint64_t seq = 0);

  // A bounded part of the work: some documents applied and grouped, or some communities summarised
  // from `view`; publishes when all is done, and under lasting writes whenever the collection has
  // grown by half. One driver at a time. `view` has applied `shown` in all shards.
  CommunityWork step(const chunk::ReadView& view, const NameDirectory& names,
                     std::uint64_t shown = std::numeric_limits<std::uint64_t>::max());

  // The last publication; never null. Thread-safe, as is the rest below.
  CommunitySnapshotPtr snapshot() const;
  CommunityProgress progress() const;
  // Whether the last publication holds all that was noted.
  bool current() const { return progress().queued == 0; }

private:
  bool has_to_publish() const;
  void take(std::unordered_map<std::string, DocumentStep>& batch, std::uint64_t shown);

  mutable std::mutex mutex_; // of the next three
  std::unordered_map<std::string, DocumentStep> queue_;
  CommunityProgress progress_;
  CommunitySnapshotPtr snapshot_;

  // The driver's.
  std::unique_ptr<CommunityBuilder> builder_;
  std::size_t unpublished_ = 0; // documents in work
  bool summarising_ = false;
};

} // namespace graphrag::entity
