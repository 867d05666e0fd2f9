#pragma once
// A folder of passages and questions (corpus.jsonl, queries.jsonl) as an index in this process and
// what is asked of it. Unreadable files throw std::runtime_error.
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/query/query.hpp"
#include "actors/query/weights.hpp"
#include "bench/quality/figures.hpp"
#include "runtime/encoder/encoder.hpp"

namespace quality {

struct LoadOptions {
  std::uint32_t shards = 1;
  bool untitled = false;                                     // drops the titles
  std::string questions;                                     // a file; empty: the folder's own
  std::vector<std::string> extra;                            // files of passages without questions
  std::shared_ptr<const graphrag::runtime::Encoder> encoder; // null: no vectors
  std::string keep;                                          // passage_vectors.hpp
};

struct Asked {
  std::string question;
  std::vector<float> vector;  // by the encoder; empty without one
  bool known_language = true; // to the encoder
  std::set<std::string> gold;
  std::string answer; // folded; empty, or yes and no: not scored
};

struct QuestionSet {
  std::string folder;
  std::string model; // of the vectors
  std::shared_ptr<graphrag::chunk::CollectionIndex> index;
  std::size_t passages = 0, chunks = 0;
  double analyse_micros = 0, index_micros = 0; // sums over the passages
  std::vector<Asked> questions;
};

QuestionSet load_set(const std::string& folder, const LoadOptions& options);

// Asks everything once. A document counts once, at its best passage. With `encoded` the vectors of
// the questions go along, in hybrid mode those of a language that the encoder knows. The time is
// CPU time of this thread, without the encoding.
Figures ask(const QuestionSet& set, graphrag::query::Mode mode, bool encoded,
            const graphrag::query::Weights& weights = {});

} // namespace quality
