#pragma once
// A small hash table from 64-bit keys to numbers that is emptied without touching its memory: for
// scratch that is used again and again by one thread.
#include <cstdint>
#include <vector>

namespace graphrag::entity {

class KeySet {
public:
  static constexpr std::uint32_t absent = 0xffffffff;

  // Empties it. Memory beyond what is usual is given back.
  void clear() {
    if (entries_.size() > usual_size) entries_ = std::vector<Entry>(usual_size);
    if (++round_ == 0) { // the numbers have gone once around
      entries_.assign(entries_.size(), {});
      round_ = 1;
    }
    used_ = 0;
  }

  // The number kept for `key`, after storing `value` when there was none.
  std::uint32_t insert(std::uint64_t key, std::uint32_t value) {
    if (used_ * 2 >= entries_.size()) grow();
    for (auto at = place(key);; at = (at + 1) & (entries_.size() - 1)) {
      auto& entry = entries_[at];
      if (entry.round != round_) {
        entry = {key, value, round_};
        ++used_;
        return value;
      }
      if (entry.key == key) return entry.value;
    }
  }

  std::uint32_t find(std::uint64_t key) const {
    for (auto at = place(key); entries_[at].round == round_; at = (at + 1) & (entries_.size() - 1))
      if (entries_[at].key == key) return entries_[at].value;
    return absent;
  }

private:
  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t value = 0, round = 0;
  };
  static constexpr std::size_t usual_size = 8192;

  std::size_t place(std::uint64_t key) const noexcept {
    return (key * 0x9E3779B97F4A7C15ULL >> 32) & (entries_.size() - 1);
  }
  void grow() {
    std::vector<Entry> old(entries_.size() * 2);
    old.swap(entries_);
    used_ = 0;
    for (const auto& entry : old)
      if (entry.round == round_) insert(entry.key, entry.value);
  }

  std::vector<Entry> entries_ = std::vector<Entry>(1024);
  std::size_t used_ = 0;
  std::uint32_t round_ = 1;
};

} // namespace graphrag::entity
