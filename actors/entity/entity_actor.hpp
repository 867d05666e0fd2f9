#pragma once
// The entity actor: the one writer of the node's entity views. A delete answers only once it, too,
// has applied it, so that no dead document's entity is shown.
#include "actors/chunk/follower_actor.hpp"

namespace graphrag::entity {

class EntityActor final : public chunk::FollowerActor {
public:
  EntityActor(caf::actor_config& config, runtime::ActorIdentity identity,
              std::shared_ptr<runtime::Store> store, std::shared_ptr<chunk::Views> views)
      : FollowerActor(config, std::move(identity), std::move(store), views,
                      views->entity_follower()) {}

protected:
  bool wants(const chunk::LogEntry&) const override { return true; }
  void apply(std::uint64_t seq, const std::string& collection,
             std::span<const chunk::LogEntry> entries) override;
};

} // namespace graphrag::entity
