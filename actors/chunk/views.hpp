#pragma once
// The views of this node: the index and the entity view of every collection that it holds, and how
// far each follower has applied the store's log. They outlive the actors that write them: killing a
// chunk or entity actor throws nothing away.
//
// A node on its own holds every collection. The nodes of a cluster hold them in groups, by the hash
// of their names; the cluster's placement, which calls a group a shard, says which. A group comes
// in three steps: begin() gives the load its number; a loader reads the collections from the store,
// as they are at some number S or later, and publish() puts them here; then each follower applies
// what came after S, on its own thread (begin_adoption, finish_adoption), and from then on follows
// the log for that group too. The group is loaded when all followers have done that.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/chunk/visibility_board.hpp"
#include "actors/entity/entity_view.hpp"

namespace graphrag::chunk {

struct CollectionViews {
  std::shared_ptr<CollectionIndex> index;
  std::shared_ptr<entity::EntityView> entities;
};
using CollectionMap = std::map<std::string, CollectionViews, std::less<>>;

// What a follower has to catch up with: a group that was published.
struct Adoption {
  std::uint32_t group = 0;
  std::uint64_t attempt = 0;
  FollowerProgress progress; // where this follower's part of it is
};

struct GroupState {
  std::uint64_t attempt = 0; // 0: neither here nor on its way
  bool loaded = false;
  std::uint64_t applied = 0; // of a loaded one: shown up to here
};

// Collections by name. Thread-safe; lookups take a shared lock for a map look-up only.
class Views {
public:
  // They hold nothing yet. A node on its own has one group.
  explicit Views(std::uint32_t shards, std::uint32_t groups = 1)
      : shards_(shards), board_(shards + 1), groups_(groups) {}

  std::uint32_t shards() const noexcept { return shards_; }
  std::uint32_t entity_follower() const noexcept { return shards_; }
  std::uint32_t groups() const noexcept { return static_cast<std::uint32_t>(groups_.size()); }
  std::uint32_t group_of(std::string_view collection) const noexcept;
  VisibilityBoard& board() noexcept { return board_; }

  CollectionViews find(std::string_view collection) const; // empty pointers when it is not here
  std::vector<std::string> names() const;                  // of those that are here

  // ---- which collections there are, here or on other nodes
  bool knows(std::string_view collection) const;
  void made(const std::string& collection, std::uint64_t seq);
  void drop(const std::string& collection, std::uint64_t seq);

  // ---- for followers
  // Whether this follower applies changes of this number to the collection.
  bool follows(std::uint32_t follower, std::string_view collection, std::uint64_t seq) const;
  // Makes the views on first use. Empty pointers when the follower does not follow (or adopt) the
  // collection or the group had this number when it came, and when the collection was dropped at a
  // later one: followers reach a drop at different times, and a late one must not revive it.
  CollectionViews ensure(std::uint32_t follower, const std::string& collection, std::uint64_t seq);
  // The next group that this follower has to adopt; what it applies until finish_adoption() goes
  // there. An interrupted one is given again, from where it stands.
  std::optional<Adoption> begin_adoption(std::uint32_t follower);
  // `complete`: the follower has applied the log up to progress.applied, at least as far as it is
  // with everything else.
  void finish_adoption(std::uint32_t follower, const Adoption& adoption, bool complete);

  // ---- for loaders
  // What was here of the group; freeing it takes a while.
  CollectionMap begin(std::uint32_t group, std::uint64_t attempt);
  // The group's collections as of `seq` or later. False: this attempt was given up meanwhile.
  bool publish(std::uint32_t group, std::uint64_t attempt, std::uint64_t seq,
               CollectionMap collections);
  // Gives the group up. With an attempt: only if it is still that one. What was here of it.
  CollectionMap let_go(std::uint32_t group, std::optional<std::uint64_t> attempt = std::nullopt);
  GroupState group(std::uint32_t group) const;

private:
  enum class Part : std::uint8_t { waiting, adopting, following };
  struct Follows {
    Part part = Part::waiting;
    FollowerProgress progress; // changes up to `applied` are in the group already
  };
  struct Group {
    std::uint64_t attempt = 0;
    std::uint64_t seq = 0; // of the snapshot that was published
    bool published = false;
    std::vector<Follows> followers;
  };
  bool dropped_after(const std::string& collection, std::uint64_t seq) const;

  std::uint32_t shards_;
  VisibilityBoard board_;
  mutable std::shared_mutex mutex_;
  CollectionMap collections_;
  std::vector<Group> groups_;
  std::set<std::string, std::less<>> known_;
  std::map<std::string, std::uint64_t> dropped_; // name -> number of its last drop
};

} // namespace graphrag::chunk
