#pragma once
// The times and sizes of the cluster's protocol. All nodes of a cluster use the same ones.
#include <cstdint>

namespace graphrag::cluster {

// Milliseconds, of a node's steady clock or of the database's clock; a name says which. The two are
// never compared with each other.
using Millis = std::int64_t;

struct Settings {
  Millis lease = 6000;           // of a member, by the database's clock
  Millis renew = 2000;           // between renewals
  Millis late = 3000;            // a member whose last renewal is older is late: nothing moves
  Millis margin = 300;           // how much earlier a node takes what it was granted to end
  Millis database_timeout = 500; // a call without an answer by then has failed
  Millis lost_after = 1500;      // without a call that succeeded, the database counts as lost
  Millis load_timeout = 30'000;  // a shard's snapshot without an answer by then is asked for again
  Millis poll = 500;             // between reads while something is under way
  Millis ping = 250;             // between pings to a peer
  Millis reached = 1500;         // a peer counts as reached this long after an answered ping
  Millis isolated_after = 5000;  // without a quorum this long, a node gives up its slots
  Millis attest_hold = 2000;     // how long an attestation is good, see read_right.hpp
  Millis outage_reads = 70'000;  // how long reads go on without the database
  Millis drain = 60'000;         // a leaving member is gone after this, moved or not
  // A deletion stays in the log this long after all members have left it behind, and a newcomer has
  // never read the log later than `fresh_log` after it was written: at most half of that.
  Millis keep_deletions = 600'000;
  Millis fresh_log = 300'000;
  std::uint32_t shards = 64;     // of the data, whatever a host means by one; 1 to 1024
  std::uint32_t replicas = 2;    // of each shard, on different nodes
  std::uint32_t max_loading = 8; // replicas that load at once in the whole cluster
};

} // namespace graphrag::cluster
