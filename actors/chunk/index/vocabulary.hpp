#pragma once
// Keys to dense ids: terms, names, and the keys and values of metadata.
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string_view>

#include "actors/chunk/index/arena.hpp"
#include "actors/chunk/index/hash.hpp"
#include "actors/chunk/index/id_table.hpp"
#include "actors/chunk/index/segmented_array.hpp"

namespace graphrag::chunk::detail {

// A text and how many live chunks (or documents) hold it.
struct TextEntry {
  using Key = std::string_view;
  const char* data;
  std::uint32_t size;
  std::atomic<std::uint32_t> live;

  Key key() const noexcept { return {data, size}; }
  void set(Key key, Arena& arena) {
    auto* copy = static_cast<char*>(arena.allocate(key.size(), 1));
    std::memcpy(copy, key.data(), key.size());
    data = copy;
    size = static_cast<std::uint32_t>(key.size());
  }
};

// A name's key (xxh3 of its normal form); live chunks that mention it and that are its home.
struct NameEntry {
  using Key = std::uint64_t;
  std::uint64_t value;
  std::atomic<std::uint32_t> live, homes;

  Key key() const noexcept { return value; }
  void set(Key key, Arena&) noexcept { value = key; }
};

// Ids count up from 0 and stay as long as the vocabulary, also when nothing live holds the key any
// more. Lookups take no lock; intern() takes one only for a new key. Thread-safe.
template <class Entry>
class Vocabulary {
public:
  using Key = typename Entry::Key;

  std::uint32_t find(Key key) const noexcept {
    return table_.find(hash_of(key), [&](std::uint32_t id) { return entries_[id].key() == key; });
  }

  std::uint32_t intern(Key key) {
    if (auto id = find(key); id != no_id) return id;
    std::lock_guard lock{mutex_};
    if (auto id = find(key); id != no_id) return id;
    auto id = size_.load(std::memory_order_relaxed);
    entries_.make(id).set(key, arena_);
    table_.insert(hash_of(key), id);
    size_.store(id + 1, std::memory_order_release);
    return id;
  }

  const Entry& operator[](std::uint32_t id) const noexcept { return entries_[id]; }
  Entry& operator[](std::uint32_t id) noexcept { return entries_[id]; }
  std::uint32_t size() const noexcept { return size_.load(std::memory_order_acquire); }
  std::uint64_t bytes() const noexcept {
    return arena_.bytes() + entries_.bytes() + table_.bytes();
  }

private:
  mutable std::mutex mutex_;
  Arena arena_;
  SegmentedArray<Entry> entries_;
  IdTable table_;
  std::atomic<std::uint32_t> size_{0};
};

using TextVocabulary = Vocabulary<TextEntry>;
using NameVocabulary = Vocabulary<NameEntry>;

} // namespace graphrag::chunk::detail
