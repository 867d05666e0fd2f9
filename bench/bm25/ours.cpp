#include "bench/bm25/engines.hpp"

namespace graphrag::bench {

std::shared_ptr<const chunk::LiveDocument> document_of(const Passage& passage) {
  auto out = std::make_shared<chunk::LiveDocument>();
  out->id = passage.id;
  out->metadata = "{}";
  out->chunk_ids = {passage.id};
  chunk::AnalysedChunk analysed;
  analysed.length = passage.length;
  for (const auto& [term, count] : passage.terms) analysed.terms.push_back({term, count});
  out->analysis.chunks.push_back(std::move(analysed));
  return out;
}

Ours::Ours(const Corpus& corpus, std::uint32_t shards)
    : index_{chunk::CollectionIndex::make("bench", shards)} {
  std::vector<std::uint64_t> seq(shards);
  for (const auto& passage : corpus.passages) {
    chunk::DocumentChange change{passage.id, document_of(passage)};
    auto shard = index_->shard_of(passage.id);
    index_->apply(shard, ++seq[shard], {&change, 1});
  }
}

namespace {
std::vector<chunk::ScoredChunk> search_view(const chunk::ReadView& view, const Question& question,
                                            std::size_t k) {
  std::vector<chunk::QueryTerm> terms;
  terms.reserve(question.terms.size());
  for (const auto& [term, count] : question.terms)
    terms.push_back({view.find_term(term), static_cast<float>(count)});
  return view.top_k(terms, k, {});
}
} // namespace

std::vector<chunk::ScoredChunk> Ours::search(const Question& question, std::size_t k) const {
  return search_view(index_->view(), question, k);
}

std::vector<Found> Ours::named(const Question& question, std::size_t k) const {
  auto view = index_->view();
  std::vector<Found> out;
  for (const auto& hit : search_view(view, question, k))
    out.push_back({view.chunk(hit.ref).document->id, hit.score});
  return out;
}

} // namespace graphrag::bench
