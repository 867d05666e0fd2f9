#include "actors/query/passage.hpp"

#include "actors/chunk/characters.hpp"

namespace graphrag::query {

Hit hit_of(const chunk::ChunkView& passage, float score) {
  Hit hit;
  hit.document_id = passage.document->id;
  hit.chunk_id = passage.chunk_id;
  hit.title = passage.document->title;
  hit.text = passage.text;
  hit.section = passage.chunk->section;
  hit.metadata = passage.document->metadata;
  hit.score = score;
  hit.page = passage.chunk->page;
  hit.start = passage.chunk->start;
  hit.end = passage.chunk->end;
  return hit;
}

Citation citation_of(const chunk::ChunkView& passage, const chunk::Span& span) {
  Citation citation;
  citation.document_id = passage.document->id;
  citation.title = passage.document->title;
  citation.section = passage.chunk->section;
  citation.page = passage.chunk->page;
  citation.start =
      passage.chunk->start + chunk::count_code_points(passage.text.substr(0, span.start));
  citation.text = passage.text.substr(span.start, span.end - span.start);
  citation.end = citation.start + chunk::count_code_points(citation.text);
  return citation;
}

} // namespace graphrag::query
