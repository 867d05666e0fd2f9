#pragma once
// What a batch will read and write, found before it runs: the rows to load, and the locks that keep
// other nodes away from them until the batch has ended. Pure.
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/store/types.hpp"

namespace graphrag::runtime::postgres {

using Pair = std::pair<std::string, std::string>; // collection and something in it

struct Touched {
  std::set<DocumentKey> documents;
  std::set<DocumentKey> with_vectors; // of these the stored vector is compared
  std::set<std::string> collections;
  std::set<std::string> made_or_dropped; // collections
  std::set<std::string> dropped;
  std::set<Pair> chunk_ids;
  std::set<std::string> brought_blobs;
  std::set<std::string> jobs;
  std::set<Pair> replies;
  std::vector<Verdict> verdicts; // names only
  std::vector<std::string> verdict_collections;
  bool changes_models = false;
  bool needs_models = false;
};

// Operations that check_input refuses touch nothing.
Touched touched_by(std::span<const WriteOp> ops);

// A transaction advisory lock. All batches take theirs in the order of the keys, so that no two
// wait for each other.
struct Lock {
  std::int64_t key = 0;
  bool shared = false;
};

// A lock for each key, whether or not its row exists; at most `most_document_locks` for documents:
// a larger batch takes one lock on all documents instead, since the server's table of locks is
// small. `writer` is locked too: who gets that lock knows that the writer's last batch has ended.
inline constexpr std::size_t most_document_locks = 512;
std::vector<Lock> locks_of(const Touched& touched, const std::string& writer);

Lock writer_lock(const std::string& writer);
Lock all_documents_lock(bool shared);

} // namespace graphrag::runtime::postgres
