#pragma once
// Which names mean the same thing: a pure function of the evidence, whatever its order, and exact
// under retraction. Evidence points from a long form to a short one ("World Health Organization" ->
// "WHO"). A short form joins its long form when it has only one, or when its several long forms are
// themselves one; an acronym of two organisations and a surname of two people join neither.
//
// Names also join by their form, across documents: "Mr. Holmes" and "Holmes" the only Holmes whom
// the collection knows, "Apple" the only "Apple Inc." (inference.cpp has the rules). Whoever else a
// short form may mean is a rival, and a name with a rival joins nobody.
//
// Every decision looks at a name's own evidence, at the names that share its first or last word,
// and a few steps up from there, so nothing needs to be recomputed when evidence comes or goes.
//
// Verdicts of people go before evidence. A name never joins one that it was told apart from,
// however many steps up; whole entities are joined by verdicts after evidence has had its say.
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/entity/name_shape.hpp"
#include "actors/entity/names.hpp"
#include "actors/entity/verdicts.hpp"

namespace graphrag::entity {

// What one place (or many, in sum) says of a name.
struct NameEvidence {
  std::string normal, display;
  Kind kind = Kind::unknown;
  std::int64_t mentions = 0;   // chunks that mention it
  std::int64_t homes = 0;      // passages that say what it is
  std::int64_t titles = 0;     // of these, documents with this very title
  std::int64_t impersonal = 0; // uses unlike a person's: "in X", "X is a state", all capitals
};

struct AliasEvidence {
  std::string normal_a, normal_b; // long form, short form
  AliasRule rule = AliasRule::also_known_as;
  std::int64_t count = 0;
};

// Another thing of the same name.
struct OtherSense {
  std::string id, name, description;
  friend bool operator==(const OtherSense&, const OtherSense&) = default;
};

struct Entity {
  std::string id;   // 16 hex digits: name_key() of its name's normal form
  std::string name; // as written most often
  std::string normal;
  Kind kind = Kind::unknown;
  std::vector<std::string> aliases; // as written, sorted
  std::vector<std::uint64_t> keys;  // of all its names, its own first, then ascending
  std::int64_t mentions = 0, homes = 0;
  // What a passage says that it is, and the other things of its names: by the NameDirectory.
  std::string description;
  std::vector<OtherSense> senses;
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

  // All verdicts there are, in place of those before.
  void set_verdicts(std::span<const NameVerdict> verdicts);
  // Whether settle() must be called before the next question. Only with verdicts of sameness.
  bool unsettled() const noexcept { return unsettled_; }
  void settle();

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
  // All names, in the order of their normal forms.
  template <class Each>
  void for_each_name(Each each) const {
    for (const auto& [normal, key] : order_) each(normal, key);
  }
  // Keys of all names that resolve to `root`, the root first.
  std::vector<std::uint64_t> members(std::uint64_t root) const;
  const NameVerdicts& verdicts() const noexcept { return verdicts_; }
  // Whether some text says that one of the two names is short for the other.
  bool evidence_joins(std::uint64_t a, std::uint64_t b) const;
  std::string_view normal(std::uint64_t key) const;
  Kind kind(std::uint64_t root) const;

private:
  struct Edge {
    std::uint64_t other = 0;
    std::array<std::int64_t, 4> counts{}; // by AliasRule
    std::int64_t count(AliasRule rule) const { return counts[static_cast<std::size_t>(rule)]; }
    std::int64_t all() const { return counts[0] + counts[1] + counts[2] + counts[3]; }
    // Not only that the short form is the long one's last word.
    bool says_outright() const {
      return count(AliasRule::acronym) > 0 || count(AliasRule::also_known_as) > 0 ||
             count(AliasRule::title_qualifier) > 0;
    }
  };
  struct Row {
    std::string normal;
    std::vector<std::pair<std::string, std::int64_t>> displays;
    std::array<std::int64_t, 8> mention_kinds{}, home_kinds{};
    std::int64_t mentions = 0, homes = 0, titles = 0, impersonal = 0;
    NameShape shape;
    bool indexed = false;              // may be a person, and is in the slots of people
    std::vector<Edge> longs;           // sorted by key
    std::vector<std::uint64_t> shorts; // sorted
    bool empty() const noexcept {
      return mentions == 0 && homes == 0 && longs.empty() && shorts.empty();
    }
  };

  void change(const NameEvidence& evidence, std::int64_t sign);
  void change(const AliasEvidence& evidence, std::int64_t sign);
  // What a short form may mean. A rival is one that it cannot be joined with.
  class LongForms;
  enum class Slot : std::uint8_t { full, titled, initialled }; // names of one form

  Row& row(std::uint64_t key, const std::string& normal);
  static std::uint64_t slot_of(Slot slot, std::uint64_t last_word); // key
  void index(std::uint64_t key, Row& row, bool add);                // by what never changes
  void reindex(std::uint64_t key, Row& row, bool exists);           // by its kind
  void seat(std::uint64_t slot, std::uint64_t key, bool add);
  std::span<const std::uint64_t> seated(std::uint64_t slot) const;
  void long_forms(std::uint64_t key, const Row& row, LongForms& found) const;
  void infer(std::uint64_t key, const Row& row, LongForms& found) const;
  void infer_word(std::uint64_t key, const Row& row, LongForms& found) const;
  void infer_from_surname(const Row& row, LongForms& found) const;
  void infer_middle(std::uint64_t key, const Row& row, LongForms& found) const;
  void infer_core(const Row& row, LongForms& found) const;
  void infer_companies(std::uint64_t key, const Row& row, LongForms& found) const;
  bool small() const; // so few names that two people of one surname are not to be feared
  bool known_to_all(const Row& longer) const;
  static bool as_common(const Row& shorter, const Row& longer);
  bool plausible(const Row& full) const;
  bool surely_person(const Row& row) const;
  // Names that may be short for this one by their form.
  std::vector<std::uint64_t> inferred_shorts(std::uint64_t key, const Row& row) const;
  std::uint64_t parent_at(std::uint64_t key, int depth) const;
  std::uint64_t end_at(std::uint64_t key, int depth) const;
  void drop_when_empty(std::uint64_t key);
  bool counts_for(const Row& shorter, const Edge& edge) const;
  std::uint64_t parent(std::uint64_t key) const;
  std::uint64_t parent_by_evidence(std::uint64_t key) const;
  bool told_apart(std::uint64_t key, std::uint64_t above) const;
  std::uint64_t root_by_evidence(std::uint64_t key) const;
  void members_by_evidence(std::uint64_t root, std::vector<std::uint64_t>& found) const;
  std::uint64_t best_of_circle(std::uint64_t key) const;
  bool better_name(std::uint64_t a, std::uint64_t b) const;
  static Kind kind_of(const Row& row);

  std::unordered_map<std::uint64_t, Row> rows_;
  std::map<std::string_view, std::uint64_t> order_; // views into rows_, whose nodes do not move
  // Names by their form and last word, and those with a title or a legal form by their core. In
  // no order.
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> slots_, cores_;
  NameVerdicts verdicts_;
  bool unsettled_ = false;
  // Roots by evidence that verdicts join: each to the best of its group, and groups by their best.
  std::unordered_map<std::uint64_t, std::uint64_t> joined_;
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> groups_;
};

// The entities of a multiset of evidence, by normal form.
std::vector<Entity> resolve(std::span<const NameEvidence> names,
                            std::span<const AliasEvidence> aliases);

} // namespace graphrag::entity
