// The rows of a cluster's members in memory, for tests and simulation.
#include <algorithm>
#include <map>
#include <mutex>

#include "runtime/store/member_rows.hpp"

namespace graphrag::runtime {
namespace {

class MemoryMemberRows final : public MemberRows {
public:
  MemoryMemberRows(std::shared_ptr<const Clock> clock, std::function<std::uint64_t()> last_seq)
      : clock_(std::move(clock)), last_seq_(std::move(last_seq)) {}

  Result<MemberTable> read() override {
    std::lock_guard lock(mutex_);
    return table();
  }

  Result<MemberTable> renew(const LeaseRenewal& renewal) override {
    std::lock_guard lock(mutex_);
    auto found = members_.find(renewal.name);
    if (found == members_.end()) return fail(Errc::not_found, "no such member");
    if (renewal.number > found->second.number)
      found->second = {renewal.number, clock_->wall_ms() + renewal.length.count(), renewal.body,
                       renewal.needed_after};
    return table();
  }

  Result<MemberTable> replace(const ViewReplacement& change) override {
    std::lock_guard lock(mutex_);
    bool as_it_was = std::ranges::all_of(change.ended, [&](const auto& ended) {
      auto found = members_.find(ended.name);
      return found == members_.end() || found->second.until_ms == ended.until_ms;
    });
    if (change.version != version_ + 1 || !as_it_was)
      return fail(Errc::conflict, "the view or a lease has changed");
    version_ = change.version;
    view_seq_ = last_seq();
    view_ = change.view;
    std::erase_if(members_, [&](const auto& row) {
      return std::ranges::find(change.members, row.first) == change.members.end();
    });
    for (const auto& name : change.members)
      members_.try_emplace(name,
                           Member{0, clock_->wall_ms() + change.lease.count(), change.newcomer});
    return table();
  }

private:
  struct Member {
    std::uint64_t number = 0;
    std::int64_t until_ms = 0;
    std::string body;
    std::uint64_t needed_after = 0;
  };

  std::uint64_t last_seq() const { return last_seq_ ? last_seq_() : 0; }

  MemberTable table() const {
    MemberTable out{version_, view_seq_, view_, {}, clock_->wall_ms(), last_seq()};
    for (const auto& [name, member] : members_)
      out.members.push_back({name, member.until_ms, member.body, member.needed_after});
    return out;
  }

  std::shared_ptr<const Clock> clock_;
  std::function<std::uint64_t()> last_seq_;
  std::mutex mutex_;
  std::uint64_t version_ = 0, view_seq_ = 0;
  std::string view_;
  std::map<MemberName, Member> members_;
};

} // namespace

std::unique_ptr<MemberRows> make_memory_member_rows(std::shared_ptr<const Clock> clock,
                                                    std::function<std::uint64_t()> last_seq) {
  return std::make_unique<MemoryMemberRows>(std::move(clock), std::move(last_seq));
}

} // namespace graphrag::runtime
