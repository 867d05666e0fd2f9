#include "cluster/stored_membership.hpp"

#include "cluster/lease_codec.hpp"
#include "cluster/view_codec.hpp"

namespace graphrag::cluster {
namespace {

using runtime::Result;

runtime::MemberName name_of(const NodeId& node) { return {node.ordinal, node.incarnation}; }

Result<ClusterView> view_of(const runtime::MemberTable& table) {
  if (table.version == 0) return ClusterView{};
  auto view = decode_view(table.view);
  if (!view) return view;
  if (view->version != table.version)
    return runtime::fail(runtime::Errc::corrupt, "the view says another version than its row");
  view->seq = table.view_seq;
  return view;
}

Result<Snapshot> snapshot_of(const Result<runtime::MemberTable>& table) {
  if (!table) return tl::unexpected(table.error());
  auto view = view_of(*table);
  if (!view) return tl::unexpected(view.error());
  Snapshot out{std::move(*view), {}, table->now_ms, table->seq};
  for (const auto& member : table->members) {
    auto lease = decode_lease(member.body);
    if (!lease) return tl::unexpected(lease.error());
    lease->node = {member.name.ordinal, member.name.incarnation};
    lease->until = member.until_ms;
    lease->needed_after = member.needed_after;
    out.leases.push_back(std::move(*lease));
  }
  return out;
}

class StoredMembership final : public MembershipStore {
public:
  StoredMembership(std::shared_ptr<runtime::MemberRows> rows, const Settings& settings)
      : rows_(std::move(rows)), lease_(settings.lease) {}

  Result<Snapshot> read() override { return snapshot_of(rows_->read()); }

  Result<Snapshot> renew(const Renewal& renewal) override {
    Lease said{{}, 0, renewal.seen_view, renewal.isolated, renewal.against, renewal.loaded};
    return snapshot_of(rows_->renew(
        {name_of(renewal.node), renewal.number, encode_lease(said), lease_, renewal.needed_after}));
  }

  Result<Snapshot> try_change(const ViewChange& change) override {
    runtime::ViewReplacement row;
    row.version = change.view.version;
    row.view = encode_view(change.view);
    if (!decode_view(row.view)) // nobody could read it, and nobody could change it any more
      return runtime::fail(runtime::Errc::invalid_argument, "the view breaks its own rules");
    for (const auto& member : change.view.members) row.members.push_back(name_of(member.id));
    Lease fresh;
    fresh.seen_view = change.view.version;
    row.newcomer = encode_lease(fresh);
    row.lease = lease_;
    for (const auto& ended : change.ended) row.ended.push_back({name_of(ended.node), ended.until});
    return snapshot_of(rows_->replace(row));
  }

private:
  std::shared_ptr<runtime::MemberRows> rows_;
  std::chrono::milliseconds lease_;
};

} // namespace

std::unique_ptr<MembershipStore> make_stored_membership(std::shared_ptr<runtime::MemberRows> rows,
                                                        const Settings& settings) {
  return std::make_unique<StoredMembership>(std::move(rows), settings);
}

} // namespace graphrag::cluster
