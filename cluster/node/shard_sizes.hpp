#pragma once
// How large the shards are, for the placement: as the nodes that hold them say, else as the host
// guesses. Rounded up by up to an eighth, so that a shard that grows does not move replicas about
// at every document. Not thread-safe.
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace graphrag::cluster {

class ShardSizes {
public:
  explicit ShardSizes(std::uint32_t shards) : said_(shards), bytes_(shards) {}

  void heard(std::uint32_t shard, std::uint64_t bytes) {
    if (shard < said_.size() && bytes != 0) said_[shard] = bytes;
  }
  template <class Guess>
  std::span<const std::uint64_t> bytes(Guess&& guess) {
    for (std::uint32_t shard = 0; shard < said_.size(); ++shard)
      bytes_[shard] = rounded(said_[shard] != 0 ? said_[shard] : guess(shard));
    return bytes_;
  }
  static std::uint64_t rounded(std::uint64_t bytes) noexcept {
    if (bytes < 16) return bytes;
    const auto step = std::uint64_t{1} << (std::bit_width(bytes) - 4);
    return (bytes + step - 1) / step * step;
  }

private:
  std::vector<std::uint64_t> said_, bytes_;
};

} // namespace graphrag::cluster
