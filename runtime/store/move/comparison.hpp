#pragma once
// Whether two stores hold the same, as far as the Store port shows it: read through both, hashed
// collection by collection. Holds one document of each at a time.
#include <map>
#include <string>

#include "runtime/store/store.hpp"

namespace graphrag::runtime::move {

struct Content {
  std::uint64_t documents = 0; // in every state
  std::uint64_t chunks = 0;    // of live versions
  std::uint64_t vectors = 0;   // documents that have some, counted once a model
  std::uint64_t verdicts = 0, jobs = 0;
  std::string digest; // SHA-256 over all of it, records, texts, facts and floats too
  friend bool operator==(const Content&, const Content&) = default;
};

struct Contents {
  std::map<std::string, Content> collections;
  // SHA-256 over what belongs to none: the log from its beginning, jobs of no collection, models.
  std::string rest;
  std::uint64_t last_seq = 0;
  friend bool operator==(const Contents&, const Contents&) = default;
};

Result<Contents> contents_of(Store& store);

} // namespace graphrag::runtime::move
