#pragma once
// What a short form may mean, up to a few.
#include <array>

#include "actors/entity/resolution.hpp"

namespace graphrag::entity {

class NameGraph::LongForms {
public:
  struct Long {
    std::uint64_t key = 0;
    bool joins = false; // false: a rival, which only makes the name ambiguous
  };

  // False when there are too many, so that no more need to be looked for.
  bool add(std::uint64_t key, bool joins) {
    for (std::size_t i = 0; i < size_; ++i)
      if (longs_[i].key == key) {
        longs_[i].joins = longs_[i].joins || joins;
        return true;
      }
    if (size_ == longs_.size()) {
      give_up();
      return false;
    }
    longs_[size_++] = {key, joins};
    return true;
  }
  void give_up() { too_many_ = true; }

  bool too_many() const { return too_many_; }
  std::size_t size() const { return size_; }
  const Long& operator[](std::size_t i) const { return longs_[i]; }

private:
  static constexpr std::size_t max_long_forms = 8; // more are ambiguous without a look
  std::array<Long, max_long_forms> longs_;
  std::size_t size_ = 0;
  bool too_many_ = false;
};

} // namespace graphrag::entity
