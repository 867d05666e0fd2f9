#pragma once
// The three ways to the top passages: ours, Xapian's, and scoring everything.
#include <memory>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "bench/bm25/corpus.hpp"

namespace graphrag::bench {

struct Found {
  std::string id;
  float score = 0;
  friend bool operator==(const Found&, const Found&) = default;
};

class Ours {
public:
  Ours(const Corpus& corpus, std::uint32_t shards);
  // A new view, the terms looked up, the top searched.
  std::vector<chunk::ScoredChunk> search(const Question& question, std::size_t k) const;
  std::vector<Found> named(const Question& question, std::size_t k) const;
  chunk::CollectionIndex& index() noexcept { return *index_; }

private:
  std::shared_ptr<chunk::CollectionIndex> index_;
};
std::shared_ptr<const chunk::LiveDocument> document_of(const Passage& passage);

class Reference { // every passage that holds a term is scored, all of them are sorted
public:
  explicit Reference(const Corpus& corpus);
  ~Reference();
  std::vector<Found> search(const Question& question, std::size_t k) const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

class Xapian { // a glass database in `folder`, BM25Weight with our parameters, terms joined by OR
public:
  Xapian(const Corpus& corpus, const std::string& folder);
  ~Xapian();
  std::size_t search(const Question& question, std::size_t k); // how many were found

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace graphrag::bench
