#pragma once
// The names of one collection on this node, as entities: kept by whoever applies documents, read by
// anybody. Holds only what the live chunks say; rebuilt from them.
#include <cstdint>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "actors/chunk/analysed_document.hpp"
#include "actors/entity/resolution.hpp"

namespace graphrag::entity {

struct EntityPage {
  std::vector<Entity> items; // by normal form of their names
  std::string next;          // pass as `after` for the next page; empty when this was the last
};

// Thread-safe: readers share, writers exclude for the microseconds of one chunk.
class NameDirectory {
public:
  // `text` is the chunk's own text. remove() takes exactly what was added.
  void add(const chunk::AnalysedChunk& chunk, std::string_view text) { change(chunk, text, true); }
  void remove(const chunk::AnalysedChunk& chunk, std::string_view text) {
    change(chunk, text, false);
  }

  std::size_t names() const;
  // The entity that a name belongs to (name_key of its normal form).
  std::optional<Entity> entity_of(std::uint64_t key) const;
  // By an entity's id, or the id that it had before its name was found to be an alias.
  std::optional<Entity> find(std::string_view id) const;
  // Entities one of whose names contains `q` (any spelling, empty = all), of one kind if given,
  // after the position of an earlier page. Positions stay valid while names come and go.
  EntityPage list(std::string_view q, std::optional<Kind> kind, const std::string& after,
                  std::size_t limit) const;

private:
  void change(const chunk::AnalysedChunk& chunk, std::string_view text, bool add);

  mutable std::shared_mutex mutex_;
  NameGraph graph_;
};

} // namespace graphrag::entity
