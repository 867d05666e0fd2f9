#pragma once
// The trim actor: has the store forget deletions that nobody needs any more (Store::trim_changes),
// on the pool for calls that block, one at a time. Keeps nothing that matters: started anew, it
// waits again for as long as deletions are kept.
#include <functional>

#include "actors/chunk/trim_rule.hpp"
#include "actors/node_parts.hpp"
#include "runtime/actor/metered_actor.hpp"

namespace graphrag::chunk {

struct Forgetting {
  // Nobody needs changes of the log up to this number any more. Nothing: it is not known, or it is
  // for another node to forget them. Any thread, does not block.
  std::function<std::optional<std::uint64_t>()> left_behind;
  std::chrono::milliseconds keep{0}; // as in TrimRule
};

// Look now; sent by itself every minute.
using trim_atom = caf::atom_constant<caf::atom("trim")>;

class TrimActor final : public runtime::MeteredActor {
public:
  TrimActor(caf::actor_config& config, runtime::ActorIdentity identity, NodePartsPtr node,
            Forgetting forgetting)
      : MeteredActor(config, std::move(identity)), node_(std::move(node)),
        left_behind_(std::move(forgetting.left_behind)), rule_(forgetting.keep) {}
  caf::behavior make_behavior() override;

private:
  void look();
  void ended(std::uint64_t number);

  NodePartsPtr node_;
  std::function<std::optional<std::uint64_t>()> left_behind_;
  TrimRule rule_;
  std::uint64_t trimmed_ = 0;
  bool busy_ = false;
};

} // namespace graphrag::chunk
