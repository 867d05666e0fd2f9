#pragma once
// A collection of this node, or the part of it that a ReadView sees. Hints change nothing here.
#include <optional>
#include <vector>

#include "actors/query/view.hpp"

namespace graphrag::query {

class LocalView final : public View {
public:
  explicit LocalView(const chunk::ReadView& view) : view_(view) {} // which must outlive this

  void begin(const Question& question, std::size_t nearest) override;
  std::uint64_t chunk_count() override { return view_.chunk_count(); }
  chunk::TermId find_term(std::string_view term) override { return view_.find_term(term); }
  std::uint32_t document_frequency(chunk::TermId term) override {
    return view_.document_frequency(term);
  }
  float idf(chunk::TermId term) override { return view_.idf(term); }
  std::vector<chunk::ScoredChunk> top_k(std::span<const chunk::QueryTerm> terms,
                                        std::size_t k) override {
    return view_.top_k(terms, k, filter_);
  }
  void contributions(std::span<const chunk::ChunkRef> refs, std::span<const chunk::QueryTerm> terms,
                     std::span<float> out) override {
    view_.contributions(refs, terms, out);
  }
  std::vector<chunk::ScoredChunk> nearest(std::size_t k) override;
  void similarities(std::span<const chunk::ChunkRef> refs, std::span<float> out) override;
  bool passes(chunk::ChunkRef ref) override { return view_.passes(ref, filter_); }
  Place place(chunk::ChunkRef ref) override;
  chunk::ChunkView chunk(chunk::ChunkRef ref) override { return view_.chunk(ref); }
  chunk::ChunkView whole(chunk::ChunkRef ref) override { return view_.chunk(ref); }
  chunk::TermId find_name(std::uint64_t key) override { return view_.find_name(key); }
  std::uint64_t name_key(chunk::TermId name) override { return view_.name_key(name); }
  std::uint32_t mention_count(chunk::TermId name) override { return view_.mention_count(name); }
  bool has_home(chunk::TermId name) override { return view_.has_home(name); }
  void homes(chunk::TermId name, NameHomes& out) override;
  void mentions(chunk::TermId name, std::size_t limit, std::vector<chunk::ChunkRef>& out) override {
    view_.mentions(name, limit, out);
  }
  bool home_has_comma(chunk::TermId name) override;
  std::uint8_t kind_at_home(chunk::ChunkRef home, chunk::TermId name) override;
  bool describe(chunk::TermId name, std::string& written, std::uint8_t& kind) override;

  // What the first passage that mentions a name, if it passes, writes for it.
  bool describe_mention(chunk::TermId name, std::string& written, std::uint8_t& kind);
  // The homes that homes() looked at last, those that do not pass among them, best first.
  std::span<const chunk::HomeRef> all_homes() const noexcept { return homes_; }

private:
  const chunk::ReadView& view_;
  chunk::FilterSet filter_;
  std::span<const float> vector_; // of the question
  std::string_view model_;
  std::vector<chunk::HomeRef> homes_; // kept for their memory
  NameHomes looked_at_;
};

} // namespace graphrag::query
