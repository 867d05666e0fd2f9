#pragma once
// A hash table from keys kept elsewhere to 32-bit ids, read without locks.
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace graphrag::chunk::detail {

inline constexpr std::uint32_t no_id = 0xffffffff;

// Open addressing; a slot holds 32 bits of hash and the id plus one. One writer at a time, any
// number of readers. Growing publishes a larger table; the smaller ones stay for readers that are
// still in them (together at most as large as the current one). Entries are never removed.
class IdTable {
public:
  IdTable();

  // The id for which `equal(id)` holds among those of this hash, or no_id.
  template <class Equal>
  std::uint32_t find(std::uint64_t hash, Equal&& equal) const noexcept {
    const Table& table = *current_.load(std::memory_order_acquire);
    auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::uint32_t i = tag & table.mask;; i = (i + 1) & table.mask) {
      std::uint64_t slot = table.slots[i].load(std::memory_order_acquire);
      if (slot == 0) return no_id;
      auto id = static_cast<std::uint32_t>(slot) - 1;
      if (static_cast<std::uint32_t>(slot >> 32) == tag && equal(id)) return id;
    }
  }

  // By the writer: publishes a key that find() does not know.
  void insert(std::uint64_t hash, std::uint32_t id);
  // By the writer: from now on find() gives `id` where it gave `old`.
  void replace(std::uint64_t hash, std::uint32_t old, std::uint32_t id) noexcept;

  std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

private:
  struct Table {
    std::uint32_t mask = 0;
    std::unique_ptr<std::atomic<std::uint64_t>[]> slots;
  };
  void grow();
  static void put(Table& table, std::uint64_t slot) noexcept;

  std::atomic<Table*> current_{nullptr};
  std::vector<std::unique_ptr<Table>> tables_; // all that ever were; the last is current
  std::uint32_t used_ = 0;
  std::atomic<std::uint64_t> bytes_{0};
};

} // namespace graphrag::chunk::detail
