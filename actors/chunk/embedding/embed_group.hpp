#pragma once
// Some documents on their way to vectors: which passages are to be encoded next, and the write that
// ends it. Pure.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/store/types.hpp"

namespace graphrag::chunk {

class EmbedGroup {
public:
  // A group takes documents in until it has this many, or this much text: it is full with the
  // document that reaches a bound.
  static constexpr std::size_t max_documents = 64;
  static constexpr std::size_t max_text_bytes = 4 << 20;
  static constexpr bool full(std::size_t documents, std::size_t text_bytes) noexcept {
    return documents >= max_documents || text_bytes >= max_text_bytes;
  }

  // `contents` are live versions with chunks.
  EmbedGroup(std::string model, std::uint32_t dimension,
             std::vector<runtime::DocumentContent> contents);

  // A passage of the round: its text and where its vector goes.
  struct Passage {
    std::string text;
    float* vector; // `dimension` floats, in the group
  };
  // The next passages, at most `most`; empty: all were given.
  std::vector<Passage> next(std::size_t most);
  std::size_t passages() const noexcept { return total_; }
  std::uint32_t dimension() const noexcept { return dimension_; }

  // One operation per document, once every passage has its vector.
  std::vector<runtime::WriteOp> finish();

private:
  struct Document {
    runtime::DocumentContent content;
    std::shared_ptr<runtime::ChunkVectors> vectors;
  };
  std::uint32_t dimension_;
  std::vector<Document> documents_;
  std::size_t document_ = 0, chunk_ = 0; // next to be given
  std::size_t total_ = 0;
};

} // namespace graphrag::chunk
