#include "actors/entity/communities/community_level.hpp"

#include "runtime/check.hpp"

namespace graphrag::entity {

void CommunityLevel::fit(std::size_t places) {
  if (of_.size() >= places) return;
  of_.resize(places, none);
  position_.resize(places, 0);
}

void CommunityLevel::set(Entry& entry, std::uint64_t inside, std::uint64_t strength) {
  inside_ += inside - entry.inside;
  squares_ += static_cast<double>(strength) * static_cast<double>(strength) -
              static_cast<double>(entry.strength) * static_cast<double>(entry.strength);
  entry.inside = inside;
  entry.strength = strength;
}

CommunityLevel::Slot CommunityLevel::open(std::uint64_t id, Slot parent) {
  Slot slot = static_cast<Slot>(entries_.size());
  if (free_.empty()) {
    entries_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  entries_[slot].id = id;
  entries_[slot].parent = parent;
  slots_[id] = slot;
  return slot;
}

CommunityLevel::Slot CommunityLevel::find(std::uint64_t id) const {
  const auto it = slots_.find(id);
  return it == slots_.end() ? none : it->second;
}

void CommunityLevel::close(Slot slot) {
  auto& entry = entries_[slot];
  RUNTIME_CHECK(entry.inside == 0 && entry.strength == 0, "an empty community has weight");
  slots_.erase(entry.id);
  entry = {};
  free_.push_back(slot);
}

void CommunityLevel::join(Node node, Slot slot, std::uint64_t strength, std::uint64_t weight) {
  auto& entry = entries_[slot];
  of_[node] = slot;
  position_[node] = static_cast<std::uint32_t>(entry.members.size());
  entry.members.push_back(node);
  set(entry, entry.inside + 2 * weight, entry.strength + strength);
  entry.churn += strength;
}

void CommunityLevel::leave(Node node, std::uint64_t strength, std::uint64_t weight) {
  const auto slot = of_[node];
  auto& entry = entries_[slot];
  const auto last = entry.members.back();
  entry.members[position_[node]] = last;
  position_[last] = position_[node];
  entry.members.pop_back();
  of_[node] = none;
  set(entry, entry.inside - 2 * weight, entry.strength - strength);
  entry.churn += strength;
  if (entry.members.empty()) close(slot);
}

void CommunityLevel::merge(Slot from, Slot into, std::uint64_t weight) {
  auto& target = entries_[into];
  auto& source = entries_[from];
  for (const auto node : source.members) {
    of_[node] = into;
    position_[node] = static_cast<std::uint32_t>(target.members.size());
    target.members.push_back(node);
  }
  set(target, target.inside + source.inside + 2 * weight, target.strength + source.strength);
  target.churn += source.strength;
  set(source, 0, 0);
  close(from);
}

void CommunityLevel::dissolve(Slot slot) {
  for (const auto node : entries_[slot].members) of_[node] = none;
  set(entries_[slot], 0, 0);
  close(slot);
}

void CommunityLevel::change(Slot slot, std::int64_t inside, std::int64_t strength) {
  auto& entry = entries_[slot];
  set(entry, entry.inside + static_cast<std::uint64_t>(inside),
      entry.strength + static_cast<std::uint64_t>(strength));
  entry.churn += static_cast<std::uint64_t>(inside < 0 ? -inside : inside);
}

std::size_t CommunityLevel::bytes() const noexcept {
  std::size_t sum = entries_.capacity() * sizeof(Entry) + of_.capacity() * sizeof(Slot) +
                    position_.capacity() * sizeof(std::uint32_t) + slots_.size() * 32 +
                    slots_.bucket_count() * sizeof(void*);
  for (const auto& entry : entries_) sum += entry.members.capacity() * sizeof(Node);
  return sum;
}

} // namespace graphrag::entity
