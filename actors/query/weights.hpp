#pragma once
// The constants of ranking, one setting for all collections. Each is a flat optimum on four public
// question sets (bench/quality): halving or doubling one moves recall by a point or less.
#include <cstddef>

namespace graphrag::query {

// Those that weigh one kind of evidence against another. A value, so that bench/quality can choose
// each with one set of questions left out.
struct Weights {
  // A home passage of a name in the question gains this much of the best keyword score, times the
  // name's weight and the home's confidence to weights::name_confidence_power.
  float name_bonus = 1.0F;
  // A passage that mentions the same name as a named anchor: this, divided by the number of
  // passages that mention it to the power of weights::mention_rarity.
  float mention_link = 0.8F;
  float mention_share = 0.7F; // of the anchor's name bonus
  // A name in a sentence that says nothing of the relation asked for leads on with this much.
  float unrelated = 0.85F;
  // A link to a thing of a kind that the question does not speak of (asked_kinds.hpp) leads on with
  // this much.
  float other_kind = 0.7F;
  // Names have an equal voice, however many words they have: the home of each is raised by this
  // much of what it lacks to the best one, times how sure it is that the question means it.
  float equal_voice = 0.7F;
  // A link to a name that many mention weighs less: its idf as a part of the largest one, to this
  // power.
  float link_rarity = 0.1F;
  // Links of passages that the question does not name are followed with this much less trust.
  float unnamed_anchor = 0.8F;
  // The nearest passage by vector gains this much of the best keyword score; times the part of the
  // question that its names leave open if an encoder made the vectors, and if clients did, times
  // how far they agree with the words for this very question.
  float vector_bonus = 0.5F;
  // What a link leads to has this much of the bonus of where it came from, times the link's weight.
  float vector_share = 0.5F;
};

namespace weights {

inline constexpr float name_confidence_power = 1.2F;
// Names that the question writes in lower case are often common words.
inline constexpr float lower_case_title = 0.7F; // several words that are a title
inline constexpr float lower_case_other = 0.2F;
// A name counts fully when its words' idf add up to this part of the rarest word's idf.
inline constexpr float specific_idf = 0.75F;

// A link weighs its target home's confidence, times one of these for parts of longer names.
inline constexpr float inner_part = 0.9F;
inline constexpr float inner_word = 0.5F;
inline constexpr float mention_rarity = 0.25F;
inline constexpr std::size_t rare_name = 24; // names of more passages lead nowhere without a home
inline constexpr float clearly_named = 0.3F; // anchors with less of the bonus are left out
// The passage that leads comes before the one it leads to when both explain the same.
inline constexpr float lead = 0.001F;

// Homes below this part of the best one's confidence are not considered.
inline constexpr float close_confidence = 0.5F;
inline constexpr float same_confidence = 0.9F; // homes that share a name's weight

inline constexpr std::size_t keyword_anchors = 20;
inline constexpr std::size_t homes_per_name = 3;
inline constexpr std::size_t links_per_anchor = 24;
inline constexpr std::size_t mention_links_per_anchor = 128;
inline constexpr std::size_t max_candidates = 1024;

inline constexpr std::size_t vector_candidates = 100;
inline constexpr std::size_t vector_anchors = 5; // nearest passages whose links are followed

} // namespace weights
} // namespace graphrag::query
