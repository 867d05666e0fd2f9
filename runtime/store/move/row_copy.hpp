#pragma once
// Copies every row of a SQLite store into a PostgreSQL store that has none, as they are: versions,
// epochs, stamps, owners, the log with its numbers, what deletes left, jobs and remembered replies.
// So everything that a client or a node could ask for is the same afterwards, and goes on from
// there.
//
// One transaction: it is all there or nothing is. Holds a few megabytes of rows at a time. Nobody
// may write to the source meanwhile (its data folder is locked by the caller); the target's tables
// are locked, so that no node joins on it.
#include <cstdint>
#include <string>

#include "runtime/error.hpp"

namespace graphrag::runtime::move {

struct Copied {
  std::uint64_t rows = 0;
  std::uint64_t last_seq = 0;
};

// Both stores were opened before, which brings their schemas up to date. Errors: `conflict` when
// the target has rows, or members, or the source has what this code does not know; those of either
// database.
Result<Copied> copy_rows(const std::string& sqlite_file, const std::string& postgres_url);

// Whether copy_rows() would find it empty.
Result<bool> is_empty(const std::string& postgres_url);

// What no other comparison sees, the floors of deleted documents and remembered replies, on both
// sides. Names the table that differs; empty when none does.
Result<std::string> differing_table(const std::string& sqlite_file,
                                    const std::string& postgres_url);

} // namespace graphrag::runtime::move
