#pragma once
// This process as a member of a cluster: its link, the driver of its membership, and the groups of
// collections that it holds as the shards that the cluster's placement speaks of
// (docs/decisions/0013). What actors see of it is Peers.
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/chunk/group_loader.hpp"
#include "actors/peers.hpp"
#include "cluster/link/link.hpp"
#include "cluster/node/cluster_node.hpp"
#include "cluster/node/lease_clock.hpp"
#include "runtime/config/config.hpp"

namespace graphrag {

// The ordinal of the configuration, or the number at the end of this machine's name.
runtime::Result<cluster::NodeOrdinal> cluster_ordinal(const runtime::Config& config);

class ClusterMember final : public Peers,
                            private cluster::ShardHost,
                            public std::enable_shared_from_this<ClusterMember> {
public:
  static constexpr std::uint32_t groups = 64; // of collections; part of what all nodes agree on

  // Binds the link's port; nobody hears of this node before start(). The followers stand at some
  // number of the log, which was its last one at `as_of` (cluster::LeaseClock) or later, and the
  // views hold nothing yet. `lives_file` is in the locked data folder.
  static runtime::Result<std::shared_ptr<ClusterMember>>
  open(const runtime::Config& config, std::shared_ptr<chunk::Views> views,
       std::shared_ptr<chunk::GroupLoader> loader, std::vector<runtime::ActorRef> followers,
       std::span<const runtime::CollectionRecord> collections, const std::string& lives_file,
       runtime::SteadyTime as_of);
  void start();
  // Leaves and waits for it, at most so long. Then, or when it is too late, ends.
  void stop(std::chrono::milliseconds patience);
  // What chunk::TrimActor asks for.
  std::optional<std::uint64_t> left_behind() const { return node_->left_behind(); }
  static std::chrono::milliseconds keeps_deletions() {
    return std::chrono::milliseconds(cluster::Settings{}.keep_deletions);
  }
  // Leaves without waiting: this node or another member. not_found when there is no such member.
  runtime::Status drain(cluster::NodeOrdinal ordinal);

  std::uint16_t port() const { return link_->port(); }
  nlohmann::json status() const;
  std::uint32_t shard_of(std::string_view collection) const { return views_->group_of(collection); }
  // The number of what was written through this node last, here or by a peer; 0: nothing yet.
  std::uint64_t last_written() const { return last_written_; }
  void wrote(std::uint64_t seq);
  // For questions of this node to others; handle() before start(). Lives as long as the member.
  cluster::ClusterNode& node() { return *node_; }

  const std::string& self() const override { return name_; }
  std::vector<std::string> others() const override;
  bool works() const override { return worker_ && node_->phase() == cluster::Phase::up; }
  bool ready() const override;
  bool enriches(const runtime::DocumentKey& key) const override;
  std::uint64_t read_right(std::string_view collection) const override {
    return node_->may_read(views_->group_of(collection));
  }
  runtime::Status room_for(std::string_view collection) const override;
  void announce(std::uint64_t seq) override;
  void when_shown(std::uint64_t seq, const std::string& collection,
                  runtime::Promise<std::uint64_t> shown) override;
  void when_gone(std::uint64_t seq, std::uint64_t view, const std::string& collection,
                 runtime::Promise<std::uint64_t> gone) override;
  void store_failed() override { node_->database_failed(); }

private:
  ClusterMember() = default;
  void load(std::uint32_t shard, std::uint64_t attempt) override;
  void drop(std::uint32_t shard) override;
  cluster::ShardState state(std::uint32_t shard) const override;
  std::uint64_t expected_bytes(std::uint32_t shard) const override { return expected_[shard]; }
  std::uint64_t needed_after() const override { return loader_->needed_after(); }
  void handle_messages();
  void say_when_applied(std::uint64_t seq);

  std::string name_;
  bool worker_ = true;         // takes over work
  std::uint32_t replicas_ = 0; // wanted of each group
  mutable std::atomic<bool> was_ready_{false};
  runtime::SteadyTime started_{};
  std::vector<std::uint64_t> expected_; // bytes of each group, from the number of its documents
  std::atomic<std::uint64_t> last_written_{0};
  std::shared_ptr<chunk::Views> views_;
  std::shared_ptr<chunk::GroupLoader> loader_;
  std::vector<runtime::ActorRef> followers_;
  std::shared_ptr<cluster::MembershipStore> store_;
  runtime::SystemClock clock_;
  cluster::LeaseClock lease_clock_;
  std::unique_ptr<cluster::Link> link_;
  std::unique_ptr<cluster::ClusterNode> node_; // uses all of the above, and ends first
};

} // namespace graphrag
