#pragma once
// The last flight of a batch: what a draft changed, as a few statements of many rows each, the
// sequence number, and the commit. Large rows are written first; the row of the sequence number is
// locked only from then to the commit, with no round trip between.
#include <optional>

#include "runtime/store/postgres/draft.hpp"

namespace graphrag::runtime::postgres {

struct Flight {
  std::vector<Statement> statements;
  std::size_t number = 0; // which answer has the sequence number and the membership's version
  std::optional<std::size_t> blobs; // which answer has the blobs that are named after all
};

struct BatchName { // of this batch among those of its writer
  std::string writer;
  std::uint64_t batch = 0;
  std::int64_t replies_now_ms = 0;
};

// `released` are blobs that the batch believes nobody names any more.
Flight changes_of(const Draft& draft, const std::vector<std::string>& released,
                  const BatchName& name);

} // namespace graphrag::runtime::postgres
