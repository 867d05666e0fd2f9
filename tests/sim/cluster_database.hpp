#pragma once
// The database of the simulated cluster: the row of the view, the leases, and the product's own
// store in memory, with its rules of versions, epochs, claims and numbers. Every function is one
// transaction. Its clock is the world's.
#include <memory>
#include <span>

#include "cluster/membership_store.hpp"
#include "runtime/store/store.hpp"
#include "tests/sim/cluster_history.hpp"

namespace graphrag::cluster::sim {

inline constexpr DocId documents = 24;
const runtime::DocumentKey& key_of(DocId doc);
DocId doc_of(const runtime::DocumentKey& key);
inline constexpr std::uint32_t sim_shards = 8;
inline constexpr std::uint64_t bytes_per_shard = 10;
std::uint32_t shard_of(DocId doc);

class Database final : public MembershipStore {
public:
  Database(const Settings& settings, History& history, const Millis& now, Mistake mistake);

  runtime::Result<Snapshot> read() override { return shown(); }
  runtime::Result<Snapshot> renew(const Renewal& renewal) override;
  runtime::Result<Snapshot> try_change(const ViewChange& change) override;

  std::uint64_t accept(DocId doc); // the new version
  struct Erased {
    std::uint64_t seq = 0, view_version = 0;
  };
  Erased erase(DocId doc);
  // Queued documents that none of `busy` owns; as Store::claimable, at most `limit`.
  std::vector<runtime::Claimable> claimable(const NodeId& node, std::span<const std::string> busy,
                                            std::size_t limit) const;
  // The epoch to work under; nothing: somebody else was faster.
  std::optional<std::uint64_t> claim(const runtime::Claimable& document, const NodeId& node);
  bool commit(DocId doc, std::uint64_t epoch); // false: fenced
  struct Tail {
    std::uint64_t previous = 0, upto = 0;
    std::vector<std::pair<DocId, Change>> entries;
  };
  Tail tail(std::uint64_t after) const;
  struct Content {
    std::uint64_t seq = 0;
    std::map<DocId, std::uint64_t> versions;
  };
  Content content(std::uint32_t shard) const;

  bool waits(DocId doc) const; // for a worker
  const ClusterView& view() const { return view_; }
  Snapshot truth() const;
  std::uint64_t fenced() const { return fenced_; }

private:
  Snapshot shown() const; // what nodes get to see
  runtime::WriteResult write(runtime::WriteOp op);
  std::optional<runtime::DocumentRecord> record(DocId doc) const;
  std::uint64_t last_seq() const { return *store_->last_seq(); }

  Settings settings_;
  History& history_;
  const Millis& now_;
  Mistake mistake_;
  ClusterView view_;
  struct LeaseRow {
    Lease lease;
    std::uint64_t number = 0;
  };
  std::vector<LeaseRow> leases_;
  std::unique_ptr<runtime::Store> store_;
  std::uint64_t contents_ = 0; // made so far: every accepted one is another
  std::uint64_t fenced_ = 0;
};

} // namespace graphrag::cluster::sim
