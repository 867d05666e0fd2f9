#include "tests/sim/visibility_content.hpp"

#include "runtime/check.hpp"

namespace graphrag::visibility {
namespace {

std::string chunk_text(Tag tag, std::uint32_t index) {
  return term_of(tag) + " part " + std::to_string(index) + "\n";
}

} // namespace

std::string term_of(Tag tag) { return "content" + std::to_string(tag); }
std::string hash_of(Tag tag) { return "hash-" + std::to_string(tag); }
std::string title_of(Tag tag) { return "title of " + std::to_string(tag); }

Tag tag_of_hash(const std::string& content_hash) {
  return content_hash.starts_with("hash-") ? static_cast<Tag>(std::stoul(content_hash.substr(5)))
                                           : 0;
}

runtime::DocumentInput input_of(const std::string& id, Tag tag) {
  runtime::DocumentInput input;
  input.key = {"default", id};
  input.title = title_of(tag);
  input.content_hash = hash_of(tag);
  return input;
}

runtime::CommitOp analysed(const runtime::DocumentInput& input, Tag tag) {
  runtime::CommitOp op;
  op.input = input;
  op.analysis_version = chunk::analysis_version;
  for (std::uint32_t index = 0; index < chunk_count_of(tag); ++index) {
    auto text = chunk_text(tag, index);
    chunk::AnalysedChunk chunk;
    chunk.index = index;
    chunk.start_byte = chunk.start = static_cast<std::uint32_t>(op.text.size());
    op.text += text;
    chunk.end_byte = chunk.end = static_cast<std::uint32_t>(op.text.size());
    chunk.length = 3;
    chunk.terms = {{term_of(tag), 1}, {"part", 1}};
    op.chunks.push_back({runtime::chunk_id(input.key, hash_of(tag), index), index, chunk.start,
                         chunk.end, chunk::pack(chunk)});
  }
  return op;
}

std::shared_ptr<const chunk::LiveDocument> live_document(const runtime::DocumentContent& content) {
  auto live = std::make_shared<chunk::LiveDocument>();
  live->id = content.record.key.id;
  live->version = content.record.version;
  live->title = content.record.title;
  live->content_hash = content.record.content_hash;
  live->text = content.text;
  for (const auto& chunk : content.chunks) {
    bool readable = chunk::unpack(chunk.facts, live->analysis.chunks.emplace_back());
    RUNTIME_CHECK(readable, "the store gives facts back as they were written");
    live->chunk_ids.push_back(chunk.id);
  }
  return live;
}

} // namespace graphrag::visibility
