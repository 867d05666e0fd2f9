#pragma once
// The sentences that a community's summary is chosen from, read from the live documents.
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/entity/communities/community_summary.hpp"
#include "actors/entity/community_snapshot.hpp"
#include "actors/entity/directory.hpp"

namespace graphrag::entity {

// Names with a weight as the entities they stand for, heavy first; names of one entity are one, and
// those that nobody mentions any more are left out. At most `limit`.
struct CentralEntity {
  Entity entity;
  double weight = 0;
};
std::vector<CentralEntity> central_entities(const NameDirectory& names,
                                            std::span<const CentralName> central,
                                            std::size_t limit);

// Takes out the entities that no passage which passes the filter names, as far as it looks.
void keep_named(const chunk::ReadView& view, const chunk::FilterSet& filter,
                std::vector<CentralEntity>& entities);

// What a sentence counts, besides how well it stands alone; 0: it is left out.
using SentenceFactor = std::function<double(std::string_view)>;

// The best summary that the live passages which pass the filter give: home passages of the entities
// and a few that mention them. Bounded in the passages looked at. Sentences have the key of an
// entity's own name for any of its names.
CommunitySummary summary_of(const chunk::ReadView& view, std::span<const CentralEntity> entities,
                            const chunk::FilterSet& filter, const SentenceFactor& factor = {});

// A sentence in a live passage.
struct LiveSentence {
  chunk::ChunkRef ref;
  chunk::Span span; // bytes in the passage's text
};
// Those of the sentences that are still there and pass the filter, in their order.
std::vector<LiveSentence> live_sentences(const chunk::ReadView& view,
                                         std::span<const SentencePlace> places,
                                         const chunk::FilterSet& filter);

// Names of the most central entities, ", " between them.
std::string title_of(std::span<const CentralEntity> entities);

} // namespace graphrag::entity
