#pragma once
// The names of one collection on this node, as entities: kept by whoever applies documents, read by
// anybody. Holds only what the live documents say; rebuilt from them.
//
// A name that documents define as several things is several entities, one for each of its senses
// and one for the mentions of nobody knows which. A sense has a key of its own (that of
// sense_normal()), and a passage's name leads to it by way of the passage.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/analysed_document.hpp"
#include "actors/entity/resolution.hpp"
#include "actors/entity/sense_table.hpp"

namespace graphrag::entity {

struct EntityPage {
  std::vector<Entity> items; // by normal form of their names
  std::string next;          // pass as `after` for the next page; empty when this was the last
};

// How passages write one of an entity's names.
struct Writing {
  std::uint64_t key = 0;     // of the name in the entity
  std::uint64_t written = 0; // of the name in passages
  bool shared = false;       // passages may mean another entity by it: ask means()
};

// Thread-safe: readers share; one writer at a time, who excludes them for the microseconds of one
// chunk, and longer when the senses of a name change.
class NameDirectory {
public:
  // The document's facts are now these (null: it is gone). Returns what they were.
  DocumentPtr set_document(const std::string& id, DocumentPtr document);

  // What people decided, in place of what they decided before.
  void set_verdicts(std::span<const NameVerdict> verdicts);

  std::map<NameVerdicts::Pair, bool> verdicts() const; // pair of keys -> same
  bool evidence_joins(std::uint64_t a, std::uint64_t b) const;
  std::string normal(std::uint64_t key) const; // empty when the name is unknown

  std::size_t names() const;
  // The entity that a name belongs to (name_key of its normal form, or the key of a sense). Of a
  // name with several senses: what the bare name stands for, perhaps with no mention of its own.
  std::optional<Entity> entity_of(std::uint64_t key) const;
  // The key of what a passage means by a name: the name's own, or that of one of its senses.
  std::uint64_t meant_in(std::string_view document, std::uint32_t chunk, std::uint64_t name) const;
  // Whether a passage means this name of an entity.
  bool means(std::string_view document, std::uint32_t chunk, const Writing& writing) const {
    return !writing.shared || meant_in(document, chunk, writing.written) == writing.key;
  }
  std::vector<Writing> writings(const Entity& entity) const; // in the order of its keys
  // By an entity's id, or the id that it had before its name was found to be an alias.
  std::optional<Entity> find(std::string_view id) const;
  // Entities one of whose names contains `q` (any spelling, empty = all), of one kind if given,
  // after the position of an earlier page. Positions stay valid while names come and go.
  EntityPage list(std::string_view q, std::optional<Kind> kind, const std::string& after,
                  std::size_t limit) const;

private:
  struct Evidence;
  struct Surnames;
  void add_document(DocumentNumber number, int sign);
  void apply(const Evidence& evidence, int sign);
  void change_name(std::uint64_t key, DocumentNumber number, int sign);
  void resplit(std::uint64_t key, std::optional<DocumentNumber> not_in_graph);
  std::uint64_t meant(DocumentNumber number, std::uint32_t chunk, std::uint64_t name) const;
  Evidence evidence_of(DocumentNumber number, const chunk::AnalysedChunk& chunk,
                       const Surnames& surnames, std::optional<std::uint64_t> only) const;
  Entity shown(std::uint64_t root) const;
  bool few(std::string_view part, std::vector<std::uint64_t>& keys) const;
  // Shared, with the graph settled.
  std::shared_lock<std::shared_mutex> settled() const;

  mutable std::shared_mutex mutex_;
  mutable NameGraph graph_; // changed by readers only to settle it
  SenseTable table_;        // changed by the writer, under the lock
};

} // namespace graphrag::entity
