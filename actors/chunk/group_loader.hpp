#pragma once
// Brings groups of collections to this node and gives them up again, as a cluster's placement says.
// One caller (the cluster's driver), never blocks it; the work is done on the pool's threads, and
// by the followers, which adopt what was brought. A load that fails leaves the group absent.
#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "actors/chunk/views.hpp"
#include "runtime/actor/actor_ref.hpp"
#include "runtime/actor/io_pool.hpp"
#include "runtime/store/store.hpp"

namespace graphrag::chunk {

class GroupLoader : public std::enable_shared_from_this<GroupLoader> {
public:
  GroupLoader(std::shared_ptr<Views> views, std::shared_ptr<runtime::Store> store,
              std::shared_ptr<runtime::IoPool> pool, std::vector<runtime::ActorRef> followers)
      : views_(std::move(views)), store_(std::move(store)), pool_(std::move(pool)),
        followers_(std::move(followers)), begun_at_(views_->groups()), bytes_(views_->groups()) {}

  // What an older attempt brought is given up first.
  void load(std::uint32_t group, std::uint64_t attempt);
  void drop(std::uint32_t group) { free(views_->let_go(group)); }
  // Nothing here reads changes of the log up to this number any more: neither a follower, nor a
  // group on its way, whose followers have yet to read what came after its rows were read.
  std::uint64_t needed_after() const;
  // Estimated memory of the group's collections, some seconds old; 0: not known, or nothing.
  std::uint64_t bytes(std::uint32_t group);

private:
  bool bring(std::uint32_t group, std::uint64_t attempt);
  void free(CollectionMap collections); // on a thread of the pool

  std::shared_ptr<Views> views_;
  std::shared_ptr<runtime::Store> store_;
  std::shared_ptr<runtime::IoPool> pool_;
  std::vector<runtime::ActorRef> followers_;
  std::vector<std::uint64_t> begun_at_; // by group: at most the number at which its load reads rows
  std::vector<std::uint64_t> bytes_;    // by group
  std::chrono::steady_clock::time_point measured_{};
  std::atomic<bool> stale_{false}; // another group is here
};

} // namespace graphrag::chunk
