#include "actors/chunk/embedding/embed_group.hpp"

#include "actors/chunk/analysed_document.hpp"
#include "actors/chunk/embedding/encoders.hpp"

namespace graphrag::chunk {

EmbedGroup::EmbedGroup(std::string model, std::uint32_t dimension,
                       std::vector<runtime::DocumentContent> contents)
    : dimension_(dimension) {
  for (auto& content : contents) {
    auto vectors = std::make_shared<runtime::ChunkVectors>();
    vectors->model = model;
    vectors->dimension = dimension;
    vectors->floats.resize(content.chunks.size() * dimension);
    total_ += content.chunks.size();
    documents_.push_back({std::move(content), std::move(vectors)});
  }
}

std::vector<EmbedGroup::Passage> EmbedGroup::next(std::size_t most) {
  std::vector<Passage> out;
  while (out.size() < most && document_ < documents_.size()) {
    auto& [content, vectors] = documents_[document_];
    if (chunk_ == content.chunks.size()) {
      ++document_;
      chunk_ = 0;
      continue;
    }
    AnalysedChunk facts;
    // Facts that cannot be read leave a vector of zeros, which is near to nothing.
    if (unpack(content.chunks[chunk_].facts, facts) && facts.start_byte <= facts.end_byte &&
        facts.end_byte <= content.text.size()) {
      const auto text = std::string_view{content.text}.substr(facts.start_byte,
                                                              facts.end_byte - facts.start_byte);
      out.push_back(
          {passage_text(content.record.title, text), vectors->floats.data() + chunk_ * dimension_});
    }
    ++chunk_;
  }
  return out;
}

std::vector<runtime::WriteOp> EmbedGroup::finish() {
  std::vector<runtime::WriteOp> ops;
  for (auto& [content, vectors] : documents_)
    ops.push_back(
        runtime::EmbedOp{content.record.key, content.record.live_version, std::move(vectors)});
  return ops;
}

} // namespace graphrag::chunk
