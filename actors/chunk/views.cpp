#include "actors/chunk/views.hpp"

#include <algorithm>

#include "runtime/check.hpp"
#include "runtime/ids.hpp"

namespace graphrag::chunk {

std::uint32_t Views::group_of(std::string_view collection) const noexcept {
  return runtime::group_of(collection, groups());
}

CollectionViews Views::find(std::string_view collection) const {
  std::shared_lock lock{mutex_};
  auto it = collections_.find(collection);
  return it == collections_.end() ? CollectionViews{} : it->second;
}

std::vector<std::string> Views::names() const {
  std::shared_lock lock{mutex_};
  std::vector<std::string> out;
  for (const auto& [name, views] : collections_) out.push_back(name);
  return out;
}

// ---- which collections there are

bool Views::knows(std::string_view collection) const {
  std::shared_lock lock{mutex_};
  return known_.contains(collection);
}

bool Views::dropped_after(const std::string& collection, std::uint64_t seq) const {
  auto dropped = dropped_.find(collection);
  return dropped != dropped_.end() && dropped->second > seq;
}

void Views::made(const std::string& collection, std::uint64_t seq) {
  std::unique_lock lock{mutex_};
  if (!dropped_after(collection, seq)) known_.insert(collection);
}

void Views::drop(const std::string& collection, std::uint64_t seq) {
  CollectionViews last; // freed after the lock
  std::unique_lock lock{mutex_};
  auto& dropped = dropped_[collection];
  if (dropped >= seq) return;
  dropped = seq;
  const auto& group = groups_[group_of(collection)];
  if (group.published && group.seq >= seq) return; // loaded later than that: it was made again
  known_.erase(collection);
  auto it = collections_.find(collection);
  if (it == collections_.end()) return;
  last = std::move(it->second);
  collections_.erase(it);
}

// ---- for followers

bool Views::follows(std::uint32_t follower, std::string_view collection, std::uint64_t seq) const {
  std::shared_lock lock{mutex_};
  const auto& group = groups_[group_of(collection)];
  if (!group.published) return false;
  const auto& follows = group.followers[follower];
  return follows.part == Part::following && seq > follows.progress.applied;
}

CollectionViews Views::ensure(std::uint32_t follower, const std::string& collection,
                              std::uint64_t seq) {
  std::unique_lock lock{mutex_};
  const auto& group = groups_[group_of(collection)];
  if (!group.published) return {};
  const auto& follows = group.followers[follower];
  const bool known_before = follows.part == Part::following && seq <= follows.progress.applied;
  if (follows.part == Part::waiting || known_before || dropped_after(collection, seq)) return {};
  known_.insert(collection);
  auto& views = collections_[collection];
  if (!views.index) {
    views.index = CollectionIndex::make(collection, shards_);
    views.entities = std::make_shared<entity::EntityView>();
  }
  return views;
}

std::optional<Adoption> Views::begin_adoption(std::uint32_t follower) {
  std::unique_lock lock{mutex_};
  for (std::uint32_t i = 0; i < groups(); ++i) {
    auto& group = groups_[i];
    if (!group.published) continue;
    auto& follows = group.followers[follower];
    if (follows.part == Part::following) continue;
    follows.part = Part::adopting;
    return Adoption{i, group.attempt, follows.progress};
  }
  return std::nullopt;
}

void Views::finish_adoption(std::uint32_t follower, const Adoption& adoption, bool complete) {
  std::unique_lock lock{mutex_};
  auto& group = groups_[adoption.group];
  if (!group.published || group.attempt != adoption.attempt) return;
  auto& follows = group.followers[follower];
  follows.progress = adoption.progress;
  follows.part = complete ? Part::following : Part::waiting;
}

// ---- for loaders

CollectionMap Views::begin(std::uint32_t group, std::uint64_t attempt) {
  auto last = let_go(group);
  std::unique_lock lock{mutex_};
  groups_[group].attempt = attempt;
  return last;
}

bool Views::publish(std::uint32_t number, std::uint64_t attempt, std::uint64_t seq,
                    CollectionMap collections) {
  std::unique_lock lock{mutex_};
  auto& group = groups_[number];
  if (group.attempt != attempt) return false;
  RUNTIME_CHECK(!group.published, "one attempt brings a group once");
  group.published = true;
  group.seq = seq;
  group.followers.assign(shards_ + 1, Follows{Part::waiting, {seq, seq}});
  for (auto& [name, views] : collections) {
    if (dropped_after(name, seq)) continue;
    known_.insert(name);
    collections_.insert_or_assign(name, std::move(views));
  }
  return true;
}

CollectionMap Views::let_go(std::uint32_t number, std::optional<std::uint64_t> attempt) {
  CollectionMap last;
  std::unique_lock lock{mutex_};
  auto& group = groups_[number];
  if (attempt && group.attempt != *attempt) return last;
  for (auto it = collections_.begin(); it != collections_.end();) {
    const auto next = std::next(it);
    if (group_of(it->first) == number) last.insert(collections_.extract(it));
    it = next;
  }
  group = {};
  return last;
}

GroupState Views::group(std::uint32_t number) const {
  std::shared_lock lock{mutex_};
  const auto& group = groups_[number];
  GroupState out{group.attempt, group.published, UINT64_MAX};
  for (std::uint32_t i = 0; i < group.followers.size(); ++i) {
    const auto& follows = group.followers[i];
    out.loaded &= follows.part == Part::following;
    out.applied =
        std::min(out.applied, std::max(follows.progress.applied, board_.progress(i).applied));
  }
  if (!out.loaded) out.applied = 0;
  return out;
}

} // namespace graphrag::chunk
