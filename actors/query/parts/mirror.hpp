#pragma once
// What a question has learned of a collection that is elsewhere. Grows and forgets nothing, so
// that what it showed stays where it is.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/query/parts/response.hpp"
#include "actors/query/view.hpp"

namespace graphrag::query::parts {

// A passage as ChunkView shows it.
struct Shown {
  chunk::LiveDocument* document = nullptr; // the mirror's
  chunk::AnalysedChunk chunk;
  std::string text, chunk_id;
  std::vector<chunk::TermId> names; // sorted
  bool whole = false;
  chunk::ChunkView view() const;
};

struct Row {
  chunk::ChunkRef ref;
  std::string document;
  std::uint32_t index = 0;
  bool passes = false, has_vector = false;
  float similarity = 0;
  std::uint32_t scoring = 0; // under which the contributions are; 0: none
  std::vector<float> contributions;
  std::unique_ptr<Shown> shown;
};

struct KnownName {
  std::uint64_t key = 0;
  bool known = false;      // the rest has been asked for
  std::uint16_t wish = 0;  // how much of it
  std::uint64_t count = 0; // live chunks that mention it
  bool has_home = false, comma = false;
  NameHomes homes;
  std::vector<std::uint8_t> kinds; // of NameHomes::passing
  std::vector<chunk::ChunkRef> mentions;
  bool described = false;
  std::string written;
  std::uint8_t kind = 0;
};

// An answer of one round, and what it answers.
struct Answered {
  const Request* request = nullptr;
  const Response* response = nullptr;
};

class Mirror {
public:
  Row* find(chunk::ChunkRef ref) {
    const auto found = rows_.find(ref.packed());
    return found == rows_.end() ? nullptr : &found->second;
  }
  // By falling score, then by place: the order of all results. Both must have rows.
  bool before(const chunk::ScoredChunk& a, const chunk::ScoredChunk& b) const;

  chunk::TermId name_of(std::uint64_t key); // a number for it, though nothing is known yet
  std::size_t names() const noexcept { return names_.size(); }
  KnownName& name(chunk::TermId name) { return names_[name]; }
  const KnownName& name(chunk::TermId name) const { return names_[name]; }

  // Takes in the rows and passages of one answer, scored under this number. False when it says a
  // thing twice.
  bool take(const Response& response, std::uint32_t scoring);
  // The names of a round, of which every part was asked the same; after its rows.
  void take_names(const Request& request, std::span<const Response* const> responses);

private:
  struct Telling; // what one part says of one name
  bool precedes(chunk::ChunkRef a, chunk::ChunkRef b) const;
  void show(Row& row, const Passage& passage);
  void merge(KnownName& name, std::span<const Telling> parts);

  std::unordered_map<std::uint64_t, Row> rows_;
  std::unordered_map<std::string, std::unique_ptr<chunk::LiveDocument>> documents_;
  std::unordered_map<std::uint64_t, chunk::TermId> name_numbers_;
  std::vector<KnownName> names_;
};

} // namespace graphrag::query::parts
