#pragma once
// The chunk actor: the one writer of a shard's indexes, in every collection.
#include "actors/chunk/follower_actor.hpp"

namespace graphrag::chunk {

class ChunkActor final : public FollowerActor {
public:
  ChunkActor(caf::actor_config& config, runtime::ActorIdentity identity,
             std::shared_ptr<runtime::Store> store, std::shared_ptr<Views> views,
             std::uint32_t shard)
      : FollowerActor(config, std::move(identity), std::move(store), std::move(views), shard),
        shard_(shard) {}

protected:
  bool wants(const LogEntry& entry) const override;
  void apply(std::uint64_t seq, const std::string& collection,
             std::span<const LogEntry> entries) override;

private:
  std::uint32_t shard_;
};

} // namespace graphrag::chunk
