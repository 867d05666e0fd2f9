#pragma once
// From documents to summarised communities: what each chunk contributes to the graph, which
// communities have to be summarised again, and the publication made of them. Pure over the views it
// is given; not thread-safe.
#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>

#include "actors/chunk/index.hpp"
#include "actors/entity/communities/communities.hpp"
#include "actors/entity/community_snapshot.hpp"
#include "actors/entity/directory.hpp"

namespace graphrag::entity {

// What a chunk says of names that belong together: its whole names in the order of the text (no
// inner parts, no dates, and not `left_out`: a title that is a file's name), its stated relations
// and aliases. By the names' own keys and not by entities, so that it depends on the document alone
// and can be retracted whatever was decided on names in between.
ChunkContribution contribution_of(const chunk::AnalysedChunk& chunk, std::uint64_t left_out = 0);

class CommunityBuilder {
public:
  static constexpr std::size_t least_members = 3; // smaller communities are not shown
  static constexpr std::size_t central_names = 32;

  explicit CommunityBuilder(CommunityOptions options = {}) : communities_{options} {}

  // The document's facts were `before` and are `after`; null is none. Communities follow at the
  // next regroup().
  void replace(const chunk::LiveDocument* before, const chunk::LiveDocument* after);
  // Updates the communities, or finds them anew when that is due.
  void regroup();

  // Summarises up to `count` communities of those that are out of date, large levels first; a
  // finer one that equals its parent is left to it. Returns how many are left.
  std::size_t summarise(const chunk::ReadView& view, const NameDirectory& names, std::size_t count);
  // All communities as last summarised.
  CommunitySnapshotPtr publish();

  const Communities& communities() const noexcept { return communities_; }
  std::uint64_t rebuilds() const noexcept { return rebuilds_; }
  std::size_t documents() const noexcept { return documents_; }
  std::size_t bytes() const noexcept; // heap, about

private:
  std::vector<CentralName> central_of(const Community& community, const chunk::ReadView& view,
                                      const NameDirectory& names_of) const;
  CommunityInfoPtr summary_of_community(const Community& community, const chunk::ReadView& view,
                                        const NameDirectory& names) const;
  void add_to(CommunitySnapshot& snapshot, std::uint32_t level);

  Communities communities_;
  std::size_t documents_ = 0;
  std::uint64_t rebuilds_ = 0, published_ = 0;
  std::set<std::uint64_t> touched_; // keys of documents replaced since the last regroup()
  // (levels down from the top, id) of what has to be summarised.
  std::set<std::pair<std::uint32_t, std::uint64_t>> stale_;
  std::unordered_map<std::uint64_t, CommunityInfoPtr> infos_; // by id; as its parent: not in it
};

} // namespace graphrag::entity
