#pragma once
// Which names mean the same thing: a pure function of the evidence, whatever its order, and exact
// under retraction. Evidence points from a long form to a short one ("World Health Organization" ->
// "WHO"). A short form joins its long form when it has only one, or when its several long forms are
// themselves one; an acronym of two organisations and a surname of two people join neither.
//
// Every decision looks at a name's own evidence and a few steps up from it, so nothing needs to be
// recomputed when evidence comes or goes.
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/entity/names.hpp"

namespace graphrag::entity {

// What one place (or many, in sum) says of a name.
struct NameEvidence {
  std::string normal, display;
  Kind kind = Kind::unknown;
  std::int64_t mentions = 0; // chunks that mention it
  std::int64_t homes = 0;    // passages that say what it is
  std::int64_t titles = 0;   // of these, documents with this very title
};

struct AliasEvidence {
  std::string normal_a, normal_b; // long form, short form
  AliasRule rule = AliasRule::also_known_as;
  std::int64_t count = 0;
};

struct Entity {
  std::string id;   // 16 hex digits: name_key() of its name's normal form
  std::string name; // as written most often
  std::string normal;
  Kind kind = Kind::unknown;
  std::vector<std::string> aliases; // as written, sorted
  std::vector<std::uint64_t> keys;  // of all its names, its own first, then ascending
  std::int64_t mentions = 0, homes = 0;
};

std::string entity_id(std::uint64_t key);
// The key in an entity's id; false when it is not 16 hex digits.
bool parse_entity_id(std::string_view id, std::uint64_t& key) noexcept;

// The evidence of a collection, and the questions about it. Not thread-safe.
class NameGraph {
public:
  void add(const NameEvidence& evidence) { change(evidence, 1); }
  void retract(const NameEvidence& evidence) { change(evidence, -1); }
  void add(const AliasEvidence& evidence) { change(evidence, 1); }
  void retract(const AliasEvidence& evidence) { change(evidence, -1); }

  bool knows(std::uint64_t key) const { return rows_.contains(key); }
  std::size_t names() const noexcept { return rows_.size(); }
  // The name that stands for the entity of `key`; `key` itself when it is unknown or alone.
  std::uint64_t root(std::uint64_t key) const;
  Entity entity(std::uint64_t root) const;

  // Roots in the order of their normal forms, from the first that is greater than `after`, until
  // `each` returns false. The string is the root's normal form.
  template <class Each>
  void for_each_root(std::string_view after, Each each) const {
    for (auto it = after.empty() ? order_.begin() : order_.upper_bound(after); it != order_.end();
         ++it)
      if (root(it->second) == it->second && !each(it->first, it->second)) return;
  }
  // Keys of all names that resolve to `root`, the root first.
  std::vector<std::uint64_t> members(std::uint64_t root) const;
  std::string_view normal(std::uint64_t key) const;
  Kind kind(std::uint64_t root) const;

private:
  struct Edge {
    std::uint64_t other = 0;
    std::array<std::int64_t, 4> counts{}; // by AliasRule
  };
  struct Row {
    std::string normal;
    std::vector<std::pair<std::string, std::int64_t>> displays;
    std::array<std::int64_t, 8> mention_kinds{}, home_kinds{};
    std::int64_t mentions = 0, homes = 0, titles = 0;
    std::vector<Edge> longs;           // sorted by key
    std::vector<std::uint64_t> shorts; // sorted
    bool empty() const noexcept {
      return mentions == 0 && homes == 0 && longs.empty() && shorts.empty();
    }
  };

  void change(const NameEvidence& evidence, std::int64_t sign);
  void change(const AliasEvidence& evidence, std::int64_t sign);
  Row& row(std::uint64_t key, const std::string& normal);
  void drop_when_empty(std::uint64_t key);
  bool counts_for(const Row& shorter, const Edge& edge) const;
  std::uint64_t parent(std::uint64_t key) const;
  std::uint64_t single_long(const Row& row, std::size_t& found) const;
  std::uint64_t chain_end(std::uint64_t key) const;
  std::uint64_t best_of_circle(std::uint64_t key) const;
  bool better_name(std::uint64_t a, std::uint64_t b) const;
  static Kind kind_of(const Row& row);

  std::unordered_map<std::uint64_t, Row> rows_;
  std::map<std::string_view, std::uint64_t> order_; // views into rows_, whose nodes do not move
};

// The entities of a multiset of evidence, by normal form.
std::vector<Entity> resolve(std::span<const NameEvidence> names,
                            std::span<const AliasEvidence> aliases);

} // namespace graphrag::entity
