#include "runtime/store/sqlite/columns.hpp"

#include <bit>
#include <cstring>

namespace graphrag::runtime::sqlite {

static_assert(std::endian::native == std::endian::little,
              "vectors are stored as they lie in memory");

const std::string record_columns =
    "d.collection, d.id, d.version, d.live_version, d.epoch, d.seq, d.state, d.title, d.filename, "
    "d.mime, d.metadata, d.content_hash, d.blob, d.bytes, d.created_ms, d.updated_ms, "
    "d.chunk_count, d.entity_count, d.attempts, d.has_vector, d.error_code, d.error_detail, "
    "d.error_retryable, d.owner, d.doc";

const std::string live_columns = "t.title, t.filename, t.mime, t.metadata, t.content_hash, t.blob, "
                                 "t.bytes, t.updated_ms, t.analysis_version";

DocumentRecord read_record(const Query& query, int first) {
  int at = first;
  DocumentRecord record;
  record.key.collection = query.text(at++);
  record.key.id = query.text(at++);
  record.version = query.number(at++);
  record.live_version = query.number(at++);
  record.epoch = query.number(at++);
  record.seq = query.number(at++);
  record.state = static_cast<DocumentState>(query.integer(at++));
  record.title = query.text(at++);
  record.filename = query.text(at++);
  record.mime = query.text(at++);
  record.metadata = query.text(at++);
  record.content_hash = query.text(at++);
  record.blob = query.text(at++);
  record.bytes = query.number(at++);
  record.created_ms = query.integer(at++);
  record.updated_ms = query.integer(at++);
  record.chunk_count = query.small(at++);
  record.entity_count = query.small(at++);
  record.attempts = query.small(at++);
  record.has_vector = query.integer(at++) != 0;
  if (!query.is_null(at))
    record.error = DocumentError{query.text(at), query.text(at + 1), query.integer(at + 2) != 0};
  record.owner = query.text(at + 3);
  return record;
}

LiveVersion read_live(const Query& query, int first) {
  int at = first;
  LiveVersion live;
  live.title = query.text(at++);
  live.filename = query.text(at++);
  live.mime = query.text(at++);
  live.metadata = query.text(at++);
  live.content_hash = query.text(at++);
  live.blob = query.text(at++);
  live.bytes = query.number(at++);
  live.updated_ms = query.integer(at++);
  live.analysis_version = query.small(at++);
  return live;
}

std::string pack_floats(std::span<const float> floats) {
  std::string bytes(floats.size_bytes(), '\0');
  if (!floats.empty()) std::memcpy(bytes.data(), floats.data(), bytes.size());
  return bytes;
}

std::vector<float> unpack_floats(std::string_view bytes) {
  std::vector<float> floats(bytes.size() / sizeof(float));
  if (!floats.empty()) std::memcpy(floats.data(), bytes.data(), floats.size() * sizeof(float));
  return floats;
}

} // namespace graphrag::runtime::sqlite
