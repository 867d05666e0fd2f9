#include "cluster/membership.hpp"

#include "cluster/placement.hpp"
#include "cluster/view_change.hpp"

namespace graphrag::cluster {
namespace {

constexpr Millis long_ago = INT64_MIN / 2;
constexpr Millis least_gap = 100; // between calls

} // namespace

Membership::Membership(Member self, const Settings& settings, std::set<std::string> ended)
    : self_(std::move(self)), settings_(settings), ended_(std::move(ended)), right_(settings),
      last_call_(long_ago), last_renewal_(long_ago) {}

DatabaseCall Membership::call(DatabaseCall::Kind kind, Millis now) {
  DatabaseCall out;
  out.kind = kind;
  out.number = ++calls_;
  out.sent = last_call_ = now;
  return out;
}

std::optional<DatabaseCall> Membership::next(Millis now, const LocalFacts& facts) {
  if (under_way_ && now - under_way_->sent <= settings_.database_timeout) return std::nullopt;
  if (under_way_) failed(now);
  if (phase_ == Phase::left || phase_ == Phase::fenced) return std::nullopt;
  if (fresh_ && !lost_) {
    fresh_ = false;
    if (auto change = proposal(now, facts)) {
      auto out = call(DatabaseCall::Kind::change, now);
      out.change = std::move(*change);
      under_way_ = out;
      return out;
    }
  }
  if (now - last_call_ < least_gap) return std::nullopt;
  if (phase_ == Phase::waiting) {
    if (now - last_call_ < settings_.poll && hinted_ <= view().version) return std::nullopt;
    under_way_ = call(DatabaseCall::Kind::read, now);
    return under_way_;
  }
  if (!must_renew(now, facts)) return std::nullopt;
  auto out = call(DatabaseCall::Kind::renew, now);
  out.renewal = {self_.id,          out.number,   view().version,    facts.isolated,
                 votes(now, facts), facts.loaded, facts.needed_after};
  votes_sent_.insert(out.renewal.against.begin(), out.renewal.against.end());
  last_renewal_ = now;
  under_way_ = out;
  return out;
}

std::vector<NodeId> Membership::votes(Millis now, const LocalFacts& facts) const {
  std::vector<NodeId> out;
  for (const auto& member : view().members)
    if (member.id != self_.id && lease_ended(snapshot_, member.id) && facts.may_vote(member.id) &&
        watched_long_enough(now))
      out.push_back(member.id);
  return out;
}

bool Membership::busy() const {
  return !is_settled(snapshot_, settings_) ||
         std::ranges::any_of(view().members,
                             [](const Member& m) { return m.state != MemberState::up; }) ||
         (planner(snapshot_, settings_) == self_.id &&
          std::ranges::any_of(view().shards, [](const ShardOwners& owners) {
            return !owners.loading.empty() || !owners.retiring.empty();
          }));
}

bool Membership::must_renew(Millis now, const LocalFacts& facts) const {
  const auto since = now - last_renewal_;
  if (since >= settings_.renew) return true;
  if (since >= settings_.poll && (doubts_ || lost_ || busy())) return true;
  if (lost_) return false;
  return hinted_ > view().version || last_renewed_.seen_view != view().version ||
         last_renewed_.isolated != facts.isolated || last_renewed_.loaded != facts.loaded ||
         last_renewed_.against != votes(now, facts);
}

// After an outage all leases have ended; everybody gets the time to renew before anybody judges.
bool Membership::watched_long_enough(Millis now) const {
  return contact_since_ && now - *contact_since_ >= settings_.lease;
}

std::optional<ViewChange> Membership::proposal(Millis now, const LocalFacts& facts) {
  if (auto own = own_proposal(now, facts)) return own;
  if (!is_member() || planner(snapshot_, settings_) != self_.id) return std::nullopt;
  if (auto change = removal(now)) return change;
  auto plan = next_placement(snapshot_, facts.shard_bytes, settings_);
  no_room_ = std::move(plan.no_room);
  if (plan.shards == view().shards) return std::nullopt;
  return ViewChange{with_shards(view(), std::move(plan.shards)), {}};
}

std::optional<ViewChange> Membership::own_proposal(Millis now, const LocalFacts& facts) {
  if (phase_ == Phase::waiting) {
    auto joining = self_;
    joining.state = MemberState::joining;
    const auto* twin = view().find(self_.id.ordinal);
    if (twin == nullptr) return ViewChange{with_member(view(), joining), {}};
    const bool expired = watched_long_enough(now) && has_expired(snapshot_, twin->id, settings_);
    if (!expired && !ended_.contains(to_string(twin->id))) return std::nullopt;
    const auto* lease = snapshot_.lease_of(twin->id);
    const EndedLease ended{twin->id, lease == nullptr ? 0 : lease->until};
    return ViewChange{with_member(view(), joining), {ended}};
  }
  const auto* me = view().find(self_.id);
  if (me == nullptr) return std::nullopt;
  if (wants_to_leave_ && me->state != MemberState::leaving)
    return ViewChange{
        with_state(view(), me->id, MemberState::leaving, snapshot_.now + settings_.drain), {}};
  if (me->state == MemberState::leaving) {
    const bool holds = std::ranges::any_of(view().shards, [&](const ShardOwners& owners) {
      return contains(owners.serving, me->id.ordinal) || contains(owners.loading, me->id.ordinal) ||
             contains(owners.retiring, me->id.ordinal);
    });
    if (holds && snapshot_.now < me->leave_by) return std::nullopt;
    right_.end(); // before the others stop counting on it
    const NodeId gone[] = {me->id};
    return ViewChange{without(view(), gone), {}};
  }
  if (me->state == MemberState::joining && facts.reaches_quorum && !facts.isolated)
    return ViewChange{with_state(view(), me->id, MemberState::up), {}};
  return std::nullopt;
}

// All that expired go in one change, and only when nobody else is about to: who goes later would
// not have seen who votes by then, and would be waited for longer.
std::optional<ViewChange> Membership::removal(Millis now) const {
  if (!watched_long_enough(now)) return std::nullopt;
  std::vector<NodeId> gone;
  ViewChange change;
  for (const auto& member : view().members) {
    if (member.id == self_.id) continue;
    if (has_expired(snapshot_, member.id, settings_)) {
      const auto* lease = snapshot_.lease_of(member.id);
      gone.push_back(member.id);
      change.ended.push_back({member.id, lease == nullptr ? 0 : lease->until});
    } else if (is_late(snapshot_, member.id, settings_)) {
      return std::nullopt;
    }
  }
  if (gone.empty()) return std::nullopt;
  change.view = without(view(), gone);
  return change;
}

void Membership::failed(Millis now) {
  under_way_.reset();
  doubts_ = true;
  if (last_contact_ && now - *last_contact_ < settings_.lost_after) return;
  lost_ = true;
  contact_since_.reset();
}

void Membership::database_failed() { doubts_ = true; }

void Membership::hint(std::uint64_t version) { hinted_ = std::max(hinted_, version); }

void Membership::told_gone(std::uint64_t version) {
  if (!is_member() || version <= view().version) return;
  phase_ = Phase::fenced;
  right_.end();
}

void Membership::answered(Millis now, const DatabaseCall& call,
                          const runtime::Result<Snapshot>& answer) {
  if (!under_way_ || under_way_->number != call.number) return;
  if (now - call.sent > settings_.database_timeout) return failed(now);
  under_way_.reset();
  if (!answer && answer.error().code != runtime::Errc::not_found &&
      answer.error().code != runtime::Errc::conflict)
    return failed(now);
  lost_ = doubts_ = false;
  last_contact_ = call.sent;
  if (!contact_since_) contact_since_ = call.sent;
  if (!answer) {
    if (answer.error().code == runtime::Errc::not_found && is_member()) {
      phase_ = phase_ == Phase::leaving ? Phase::left : Phase::fenced;
      right_.end();
    } else {
      hinted_ = view().version + 1; // the view has changed: look again soon
    }
    return;
  }
  if (call.kind == DatabaseCall::Kind::renew) {
    right_.renewed(call.sent, now, answer->seq);
    last_renewed_ = call.renewal;
    votes_sent_ = {call.renewal.against.begin(), call.renewal.against.end()};
  }
  take(now, *answer);
}

void Membership::take(Millis, const Snapshot& snapshot) {
  if (snapshot.view.version < view().version) return;
  snapshot_ = snapshot;
  hinted_ = std::max(hinted_, view().version);
  if (hinted_ > view().version) hinted_ = view().version; // a hint is good for one look
  fresh_ = true;
  const auto* me = view().find(self_.id);
  if (me == nullptr) {
    if (!is_member()) return;
    phase_ = phase_ == Phase::leaving ? Phase::left : Phase::fenced;
    right_.end();
    return;
  }
  phase_ = me->state == MemberState::joining ? Phase::joining
           : me->state == MemberState::up    ? Phase::up
                                             : Phase::leaving;
}

} // namespace graphrag::cluster
