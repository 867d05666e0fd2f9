#include "tests/sim/cluster_database.hpp"

#include <algorithm>

#include "cluster/view_codec.hpp"

namespace graphrag::cluster::sim {
namespace {

const std::vector<runtime::DocumentKey>& keys() {
  static const auto all = [] {
    std::vector<runtime::DocumentKey> out;
    for (DocId doc = 0; doc < documents; ++doc)
      out.push_back({std::string(1, static_cast<char>('a' + doc % 3)), "d" + std::to_string(doc)});
    return out;
  }();
  return all;
}

class WorldClock final : public runtime::Clock {
public:
  explicit WorldClock(const Millis& now) : now_(now) {}
  runtime::SteadyTime now() const override {
    return runtime::SteadyTime{std::chrono::milliseconds{now_}};
  }
  std::int64_t wall_ms() const override { return now_; }

private:
  const Millis& now_;
};

} // namespace

Database::Database(const Settings& settings, History& history, const Millis& now, Mistake mistake)
    : settings_(settings), history_(history), now_(now), mistake_(mistake),
      store_(runtime::make_memory_store(std::make_shared<WorldClock>(now))) {
  for (const auto& key : keys()) (void)write(runtime::CreateCollectionOp{key.collection});
}

const runtime::DocumentKey& key_of(DocId doc) { return keys()[static_cast<std::size_t>(doc)]; }
std::uint32_t shard_of(DocId doc) {
  static const auto all = [] {
    std::vector<std::uint32_t> out;
    for (const auto& key : keys())
      out.push_back(runtime::shard_of(runtime::slot_of(key.collection, key.id), sim_shards));
    return out;
  }();
  return all[static_cast<std::size_t>(doc)];
}

DocId doc_of(const runtime::DocumentKey& key) { return std::stoi(key.id.substr(1)); }

Snapshot Database::truth() const {
  Snapshot out{view_, {}, now_, last_seq()};
  for (const auto& row : leases_) out.leases.push_back(row.lease);
  return out;
}

Snapshot Database::shown() const {
  auto out = truth();
  if (mistake_ != Mistake::lease_end_is_enough) return out;
  for (auto& lease : out.leases) {
    lease.against.clear();
    for (const auto& member : view_.members)
      if (member.id != lease.node) lease.against.push_back(member.id);
  }
  return out;
}

runtime::Result<Snapshot> Database::renew(const Renewal& renewal) {
  for (auto& row : leases_) {
    if (row.lease.node != renewal.node) continue;
    if (renewal.number > row.number) {
      row.number = renewal.number;
      row.lease = {renewal.node,    now_ + settings_.lease, renewal.seen_view,   renewal.isolated,
                   renewal.against, renewal.loaded,         renewal.needed_after};
    }
    return shown();
  }
  return runtime::fail(runtime::Errc::not_found, "no member");
}

runtime::Result<Snapshot> Database::try_change(const ViewChange& change) {
  const auto refuse = [] { return runtime::fail(runtime::Errc::conflict, "the view changed"); };
  if (mistake_ != Mistake::view_cas_ignored) {
    if (change.view.version != view_.version + 1) return refuse();
    for (const auto& ended : change.ended) {
      const auto row = std::ranges::find(leases_, ended.node, [](auto& r) { return r.lease.node; });
      if (row != leases_.end() && row->lease.until != ended.until) return refuse();
    }
  }
  auto next = change.view;
  next.seq = last_seq();
  history_.view_written(view_, next);
  view_ = *decode_view(encode_view(next)); // as it comes out of a row
  std::erase_if(leases_, [&](auto& row) { return view_.find(row.lease.node) == nullptr; });
  for (const auto& member : view_.members)
    if (std::ranges::find(leases_, member.id, [](auto& r) { return r.lease.node; }) ==
        leases_.end())
      leases_.push_back({{member.id, now_ + settings_.lease, view_.version, false, {}, {}}, 0});
  return shown();
}

runtime::WriteResult Database::write(runtime::WriteOp op) {
  return store_->write(std::span(&op, 1))->results.front();
}

std::optional<runtime::DocumentRecord> Database::record(DocId doc) const {
  auto found = store_->document(key_of(doc));
  return found ? std::optional{std::move(*found)} : std::nullopt;
}

bool Database::waits(DocId doc) const {
  const auto found = record(doc);
  return found && found->state == runtime::DocumentState::queued;
}

std::uint64_t Database::accept(DocId doc) {
  runtime::AcceptOp op;
  op.input.key = key_of(doc);
  op.input.content_hash = std::to_string(++contents_);
  return write(std::move(op)).version;
}

Database::Erased Database::erase(DocId doc) {
  const auto result = write(runtime::DeleteOp{key_of(doc), std::nullopt});
  if (!result.error && result.seq != 0) history_.changed(doc, {result.seq, 0});
  return {last_seq(), view_.version};
}

std::vector<runtime::Claimable> Database::claimable(const NodeId& node,
                                                    std::span<const std::string> busy,
                                                    std::size_t limit) const {
  if (mistake_ == Mistake::double_claim) busy = {};
  auto out = *store_->claimable(limit, limit, busy);
  if (mistake_ == Mistake::claim_kept_by_the_dead)
    std::erase_if(
        out, [&](const auto& one) { return !one.owner.empty() && one.owner != to_string(node); });
  return out;
}

std::optional<std::uint64_t> Database::claim(const runtime::Claimable& document,
                                             const NodeId& node) {
  auto epoch = document.epoch;
  if (mistake_ != Mistake::double_claim || document.owner.empty()) {
    const auto result = write(runtime::ClaimOp{document.key, document.epoch, to_string(node)});
    if (result.error) return std::nullopt;
    epoch = result.epoch;
  }
  history_.claimed(doc_of(document.key), epoch);
  return epoch;
}

bool Database::commit(DocId doc, std::uint64_t epoch) {
  const auto before = record(doc);
  runtime::CommitOp op;
  op.input.key = key_of(doc);
  op.claim = mistake_ == Mistake::no_epoch_check && before ? before->epoch : epoch;
  const auto result = write(std::move(op));
  if (result.error) return ++fenced_, false;
  history_.committed(doc, epoch, before->epoch);
  history_.changed(doc, {result.seq, result.live_version});
  return true;
}

Database::Tail Database::tail(std::uint64_t after) const {
  Tail out{after, std::max(after, last_seq()), {}};
  const auto changes = store_->changes_after(after, last_seq() + 1);
  for (const auto& change : *changes) {
    if (change.key.id.empty()) continue; // a collection
    const auto doc = doc_of(change.key);
    const bool gone = change.kind == runtime::ChangeKind::remove;
    out.entries.push_back({doc, {change.seq, gone ? 0 : record(doc)->live_version}});
  }
  return out;
}

Database::Content Database::content(std::uint32_t shard) const {
  Content out{last_seq(), {}};
  for (DocId doc = 0; doc < documents; ++doc) {
    if (shard_of(doc) != shard) continue;
    if (const auto found = record(doc); found && found->live_version != 0)
      out.versions[doc] = found->live_version;
  }
  return out;
}

} // namespace graphrag::cluster::sim
