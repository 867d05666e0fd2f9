#include <gtest/gtest.h>

#include "cluster/view_change.hpp"
#include "cluster/view_codec.hpp"

namespace graphrag::cluster {
namespace {

Member member(NodeOrdinal ordinal, MemberState state = MemberState::up) {
  return {{ordinal, 100 + ordinal}, state, "node-" + std::to_string(ordinal) + ":7001", 1 << 20, 0};
}

ClusterView view_of(std::vector<Member> members) {
  ClusterView view;
  view.version = 9;
  view.voters_since = 4;
  view.seq = 12'345'678'901;
  view.members = std::move(members);
  return view;
}

ClusterView full_view() {
  auto view =
      view_of({member(0), member(2, MemberState::leaving), member(5, MemberState::joining)});
  view.members[1].leave_by = 99;
  view.shards = {{{0, 2}, {5}, {}}, {{0}, {}, {2}}, {{}, {}, {}}};
  return view;
}

TEST(ClusterView, ComesBackFromItsBytes) {
  const auto view = full_view();
  const auto back = decode_view(encode_view(view));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*back, view);
  EXPECT_EQ(*decode_view(encode_view({})), ClusterView{});
}

TEST(ClusterView, DecodingRefusesWhatIsNoView) {
  const auto good = encode_view(full_view());
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(decode_view(good.substr(0, size))) << size;
  EXPECT_FALSE(decode_view(good + "x"));
  EXPECT_FALSE(decode_view(std::string(max_view_bytes + 1, '\x90')));
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) { // another valid view, or refused; never anything else
      auto bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      if (const auto view = decode_view(bad)) {
        EXPECT_EQ(*decode_view(encode_view(*view)), *view);
      }
    }
  auto other_wire = good;
  other_wire[1] = 2;
  EXPECT_EQ(decode_view(other_wire).error().code, runtime::Errc::invalid_argument);
}

TEST(ClusterView, DecodingRefusesWhatBreaksItsRules) {
  auto unsorted = view_of({member(2), member(0)});
  auto twice = view_of({member(1), member(1)});
  auto nobody = view_of({member(1)});
  nobody.members[0].id.incarnation = 0;
  auto stranger = full_view();
  stranger.shards[0].loading = {7};
  auto two_lists = full_view();
  two_lists.shards[0].loading = {2};
  auto voters_from_the_future = full_view();
  voters_from_the_future.voters_since = 10;
  auto long_address = view_of({member(1)});
  long_address.members[0].address.assign(max_address_bytes + 1, 'x');
  for (const auto& bad :
       {unsorted, twice, nobody, stranger, two_lists, voters_from_the_future, long_address}) {
    const auto view = decode_view(encode_view(bad));
    ASSERT_FALSE(view);
    EXPECT_EQ(view.error().code, runtime::Errc::corrupt);
  }
}

TEST(ClusterView, AQuorumIsMoreThanHalfOrHalfWithTheLowest) {
  const auto view = view_of({member(0), member(1), member(2), member(3)});
  const auto quorum = [&](std::vector<NodeOrdinal> in) {
    return is_quorum(view, [&](const NodeId& id) { return contains(in, id.ordinal); });
  };
  EXPECT_TRUE(quorum({1, 2, 3}));
  EXPECT_TRUE(quorum({0, 3}));
  EXPECT_FALSE(quorum({1, 2}));
  EXPECT_FALSE(quorum({0}));
  EXPECT_FALSE(is_quorum(ClusterView{}, [](const NodeId&) { return true; }));
}

TEST(ClusterView, AnyTwoQuorumsShareAVoter) {
  for (NodeOrdinal size = 1; size <= 7; ++size) {
    std::vector<Member> members;
    for (NodeOrdinal i = 0; i < size; ++i) members.push_back(member(i));
    const auto view = view_of(members);
    const auto quorum = [&](unsigned set) {
      return is_quorum(view, [&](const NodeId& id) { return (set >> id.ordinal & 1) != 0; });
    };
    for (unsigned a = 0; a < 1U << size; ++a)
      for (unsigned b = 0; b < 1U << size; ++b)
        EXPECT_TRUE((a & b) != 0 || !quorum(a) || !quorum(b)) << size << " " << a << " " << b;
  }
}

TEST(ClusterView, JoiningMembersHaveNoVoteUnlessAllAreJoining) {
  const auto view = view_of({member(0), member(1, MemberState::joining)});
  EXPECT_TRUE(votes(view, view.members[0]));
  EXPECT_FALSE(votes(view, view.members[1]));
  const auto first = view_of({member(1, MemberState::joining)});
  EXPECT_TRUE(votes(first, first.members[0]));
}

TEST(ViewChange, RemovedMembersLoseTheirShardsAndVotersAreDated) {
  const NodeId gone[] = {member(2).id};
  const auto next = without(full_view(), gone);
  EXPECT_EQ(next.version, 10U);
  EXPECT_EQ(next.voters_since, 10U);
  EXPECT_EQ(next.find(NodeOrdinal{2}), nullptr);
  EXPECT_EQ(next.shards[0].serving, std::vector<NodeOrdinal>{0});
  EXPECT_TRUE(next.shards[1].retiring.empty());
}

TEST(ViewChange, ANewcomerTakesItsTwinsPlaceWithoutItsShards) {
  auto newcomer = member(0, MemberState::joining);
  newcomer.id.incarnation = 777;
  const auto next = with_member(full_view(), newcomer);
  EXPECT_EQ(next.members.size(), 3U);
  EXPECT_EQ(next.find(member(0).id), nullptr);
  EXPECT_NE(next.find(newcomer.id), nullptr);
  EXPECT_FALSE(reads(next, 0, 0));
}

TEST(ViewChange, AJoiningMemberDoesNotChangeTheVoters) {
  const auto next = with_member(full_view(), member(6, MemberState::joining));
  EXPECT_EQ(next.voters_since, 4U);
  EXPECT_EQ(with_state(next, member(6).id, MemberState::up).voters_since, 11U);
}

} // namespace
} // namespace graphrag::cluster
