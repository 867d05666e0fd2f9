#include "actors/chunk/index/id_table.hpp"

namespace graphrag::chunk::detail {

IdTable::IdTable() { grow(); }

void IdTable::grow() {
  Table* old = current_.load(std::memory_order_relaxed);
  auto table = std::make_unique<Table>();
  std::uint64_t slots = old == nullptr ? 64 : (std::uint64_t{old->mask} + 1) * 2;
  table->mask = static_cast<std::uint32_t>(slots - 1);
  table->slots = std::make_unique<std::atomic<std::uint64_t>[]>(slots);
  if (old != nullptr)
    for (std::uint64_t i = 0; i <= old->mask; ++i)
      if (auto slot = old->slots[i].load(std::memory_order_relaxed); slot != 0) put(*table, slot);
  bytes_.store(bytes_.load(std::memory_order_relaxed) + slots * 8, std::memory_order_relaxed);
  tables_.push_back(std::move(table));
  current_.store(tables_.back().get(), std::memory_order_release);
}

void IdTable::put(Table& table, std::uint64_t slot) noexcept {
  auto i = static_cast<std::uint32_t>(slot >> 32) & table.mask;
  while (table.slots[i].load(std::memory_order_relaxed) != 0) i = (i + 1) & table.mask;
  table.slots[i].store(slot, std::memory_order_release);
}

void IdTable::insert(std::uint64_t hash, std::uint32_t id) {
  if (used_ >= current_.load(std::memory_order_relaxed)->mask / 2) grow();
  put(*current_.load(std::memory_order_relaxed), (hash >> 32 << 32) | (std::uint64_t{id} + 1));
  ++used_;
}

void IdTable::replace(std::uint64_t hash, std::uint32_t old, std::uint32_t id) noexcept {
  Table& table = *current_.load(std::memory_order_relaxed);
  std::uint64_t wanted = (hash >> 32 << 32) | (std::uint64_t{old} + 1);
  for (auto i = static_cast<std::uint32_t>(hash >> 32) & table.mask;; i = (i + 1) & table.mask) {
    if (table.slots[i].load(std::memory_order_relaxed) != wanted) continue;
    table.slots[i].store((hash >> 32 << 32) | (std::uint64_t{id} + 1), std::memory_order_release);
    return;
  }
}

} // namespace graphrag::chunk::detail
