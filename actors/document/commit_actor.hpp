#pragma once
// The commit actor: the node's one writer. It gathers the jobs that wait in its mailbox into one
// transaction (group commit), answers them once that is durable, and hands what changed to the
// followers (chunk and entity actors) as a hint. Jobs that bring data are refused with no_space
// while the disk is down to its reserve; deletes and the states of work in progress never are.
#include <memory>
#include <span>
#include <vector>

#include "actors/chunk/messages.hpp"
#include "actors/peers.hpp"
#include "runtime/actor/actor_ref.hpp"
#include "runtime/actor/metered_actor.hpp"
#include "runtime/actor/promise.hpp"
#include "runtime/disk_space.hpp"
#include "runtime/store/store.hpp"

namespace graphrag::document {

inline constexpr std::size_t max_ops_per_commit = 512;

using WriteResults = std::vector<runtime::WriteResult>;

// Operations that must be committed together (at most max_ops_per_commit), with the live form of
// each document that becomes searchable, so that followers need not read it back.
struct WriteJob {
  std::vector<runtime::WriteOp> ops;
  std::vector<std::shared_ptr<chunk::LiveDocument>>
      live;                            // one per op or empty; entries may be null
  runtime::Promise<WriteResults> done; // durable; not yet visible (see VisibilityBoard)
};
using WriteJobPtr = std::shared_ptr<WriteJob>;

class CommitActor final : public runtime::MeteredActor {
public:
  CommitActor(caf::actor_config& config, runtime::ActorIdentity identity,
              std::shared_ptr<runtime::Store> store, std::shared_ptr<runtime::DiskSpace> space,
              std::vector<runtime::ActorRef> followers, std::shared_ptr<Peers> peers);
  caf::behavior make_behavior() override;
  void on_exit() override { waiting_.clear(); } // their promises answer `lost` at once

private:
  void take(const WriteJobPtr& job);
  void flush();
  void commit(std::span<const WriteJobPtr> jobs);
  void publish(std::span<const WriteJobPtr> jobs, std::span<const runtime::WriteOp> ops,
               runtime::WriteSummary& summary);

  std::shared_ptr<runtime::Store> store_;
  std::shared_ptr<runtime::DiskSpace> space_;
  std::vector<runtime::ActorRef> followers_;
  std::shared_ptr<Peers> peers_;
  std::vector<WriteJobPtr> waiting_;
  std::size_t waiting_ops_ = 0;
};

} // namespace graphrag::document

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(graphrag::document::WriteJobPtr)
