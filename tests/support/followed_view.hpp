#pragma once
// What tests of followers share: commits of plain texts, and a view that is a map from id to text.
#include <map>
#include <string>

#include "actors/chunk/follower.hpp"

namespace graphrag::test {

// A commit of one chunk into the collection `default`.
inline runtime::CommitOp commit_of(const std::string& id, const std::string& text) {
  runtime::CommitOp op;
  op.input.key = {"default", id};
  op.input.content_hash = text;
  op.text = text;
  chunk::AnalysedChunk facts;
  facts.end_byte = facts.end = static_cast<std::uint32_t>(text.size());
  op.chunks.push_back(
      {runtime::chunk_id(op.input.key, text, 0), 0, 0, facts.end, chunk::pack(facts)});
  return op;
}

// Applies to `view`, which must outlive the follower.
inline chunk::Follower::Apply applies_to(std::map<std::string, std::string>& view) {
  return [&view](std::uint64_t, const std::string&, std::span<const chunk::LogEntry> entries) {
    for (const auto& entry : entries) {
      if (entry.id.empty()) continue;
      if (entry.document)
        view[entry.id] = entry.document->text;
      else
        view.erase(entry.id);
    }
  };
}

} // namespace graphrag::test
