#pragma once
// The communities actor: drives the community views of all collections, a step at a time and below
// all else, and has what is published summed up by a model when one is set up. Keeps nothing that
// cannot be found again: killed, it goes on where the views are. Detached, since a step may take as
// long as grouping a large collection anew.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/chunk/views.hpp"
#include "actors/models/endpoint_patience.hpp"
#include "actors/node_parts.hpp"
#include "runtime/actor/metered_actor.hpp"

namespace graphrag::entity {

class CommunitiesActor final : public runtime::MeteredActor {
public:
  CommunitiesActor(caf::actor_config& config, runtime::ActorIdentity identity, NodePartsPtr node)
      : MeteredActor(config, std::move(identity)), node_(std::move(node)) {}
  caf::behavior make_behavior() override;

private:
  using Steady = std::chrono::steady_clock;
  using Duration = Steady::duration;
  struct Pace {
    Steady::time_point again; // no step before
    Duration spent{};         // since the last publication
  };

  void look();
  // A step of the collection's communities, unless it rests. When the next one is due; nothing:
  // none is.
  std::optional<Duration> step(const std::string& collection, const chunk::CollectionViews& views);
  // Has summaries written until the line of the model is in use.
  void summarise(const std::string& collection, const chunk::CollectionViews& views);
  void submit(const std::string& collection, std::uint64_t key, std::vector<std::string> sentences);
  void written(const std::string& collection, std::uint64_t key, const runtime::Status& status);

  NodePartsPtr node_;
  std::unordered_map<std::string, Pace> paces_;             // by collection
  std::unordered_map<std::string, std::uint64_t> complete_; // publications with all summaries
  std::set<std::pair<std::string, std::uint64_t>> asked_;   // being written
  EndpointPatience patience_;
};

} // namespace graphrag::entity
