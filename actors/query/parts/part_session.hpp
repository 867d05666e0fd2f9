#pragma once
// One question at a part of a collection: what the part sees stays as it was when the question
// came, however long it takes.
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/query/local_view.hpp"
#include "actors/query/parts/request.hpp"
#include "actors/query/parts/response.hpp"
#include "actors/query/query.hpp"

namespace graphrag::query::parts {

class PartSession {
public:
  // An error when the collection has no such shards, or the filter cannot be read.
  static runtime::Result<std::unique_ptr<PartSession>>
  open(std::shared_ptr<const chunk::CollectionIndex> index, const Opening& opening);

  // Answers one round. One caller at a time.
  runtime::Result<Response> answer(const Request& request);

private:
  PartSession(std::shared_ptr<const chunk::CollectionIndex> index, const Opening& opening,
              chunk::Filter filter);

  runtime::Status score_by(const Scoring& scoring);
  std::uint32_t row_of(chunk::ChunkRef ref);
  Found found(const std::vector<chunk::ScoredChunk>& chunks);
  void tell_name(std::uint32_t asked, std::uint64_t key, std::uint16_t wish);
  void tell_homes(chunk::TermId name, Names& names);
  bool add_passage(chunk::ChunkRef ref, bool whole); // false: they are too many
  void fill_rows();
  bool known(const Refs& refs) const;

  chunk::ReadView view_;
  Question question_; // its filter and vector
  LocalView local_{view_};
  std::uint64_t chunks_ = 0, tokens_ = 0; // of the part
  std::vector<std::string> terms_;
  std::vector<chunk::QueryTerm> asked_;
  // Of the round that is being answered.
  Response out_;
  std::unordered_map<std::uint64_t, std::uint32_t> rows_;
  std::unordered_map<std::uint32_t, std::size_t> passages_; // by row
  NameHomes homes_;
  std::vector<chunk::ChunkRef> mentions_;
};

} // namespace graphrag::query::parts
