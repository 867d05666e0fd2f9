#pragma once
// The port to whoever holds the shards' data in this process: the driver says which shards should
// be here, the host brings them and keeps them up with the store's log.
#include <cstdint>

namespace graphrag::cluster {

struct ShardState {
  enum class Kind : std::uint8_t {
    absent, // nothing, or the load failed: the driver asks again, under a newer attempt
    loading,
    loaded // a tail has reached the log's end at least once; it goes on following the log
  };
  Kind kind = Kind::absent;
  std::uint64_t attempt = 0; // of the load() that brought it
  std::uint64_t applied = 0; // the log's number up to which it is shown; never falls in one attempt
  std::uint64_t bytes = 0;   // of memory that it takes
};

// Every function is called by the driver's thread only and must not block: begin the work, or read
// what another thread has published. Errors of the work show in state(). An attempt's number is
// never used again for the same shard; a larger one is newer.
class ShardHost {
public:
  virtual ~ShardHost() = default;
  // Begin to bring the shard: a snapshot of the store read from now on, then the log after it. What
  // is still under way of an older attempt, and its data, are given up first: no two attempts write
  // into one replica. When a load fails the host says absent, and is asked again after a pause.
  virtual void load(std::uint32_t shard, std::uint64_t attempt) = 0;
  // The shard is not wanted here any more: no question reads it from now on (may_read() is already
  // false), its memory should go.
  virtual void drop(std::uint32_t shard) = 0;
  virtual ShardState state(std::uint32_t shard) const = 0;
  // Bytes that a shard would take whose size nobody in the cluster knows since nobody holds it; the
  // placement believes it. A guess will do.
  virtual std::uint64_t expected_bytes(std::uint32_t shard) const = 0;
  // The host reads changes of the log after this number only, and after no older one ever again:
  // what is under way counts with where it began. A smaller number is always right.
  virtual std::uint64_t needed_after() const = 0;
};

} // namespace graphrag::cluster
