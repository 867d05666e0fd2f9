#include "runtime/store/postgres/columns.hpp"

#include <algorithm>
#include <limits>

namespace graphrag::runtime::postgres {

const std::string record_columns =
    "d.collection, d.id, d.version, d.live_version, d.epoch, d.seq, d.state, d.title, d.filename, "
    "d.mime, d.metadata, d.content_hash, d.blob, d.bytes, d.created_at, d.updated_at, "
    "d.chunk_count, d.entity_count, d.attempts, d.has_vector, d.error_code, d.error_detail, "
    "d.error_retryable, d.owner, d.document_id";

const std::string live_columns = "t.title, t.filename, t.mime, t.metadata, t.content_hash, t.blob, "
                                 "t.bytes, t.updated_at, t.analysis_version";

DocumentRecord read_record(const Row& row, int first) {
  int at = first;
  DocumentRecord record;
  record.key.collection = row.text(at++);
  record.key.id = row.text(at++);
  record.version = row.number(at++);
  record.live_version = row.number(at++);
  record.epoch = row.number(at++);
  record.seq = row.number(at++);
  record.state = static_cast<DocumentState>(row.integer(at++));
  record.title = row.text(at++);
  record.filename = row.text(at++);
  record.mime = row.text(at++);
  record.metadata = row.text(at++);
  record.content_hash = row.text(at++);
  record.blob = row.text(at++);
  record.bytes = row.number(at++);
  record.created_ms = row.time_ms(at++);
  record.updated_ms = row.time_ms(at++);
  record.chunk_count = row.small(at++);
  record.entity_count = row.small(at++);
  record.attempts = row.small(at++);
  record.has_vector = row.flag(at++);
  if (!row.is_null(at))
    record.error = DocumentError{row.text(at), row.text(at + 1), row.flag(at + 2)};
  record.owner = row.text(at + 3);
  return record;
}

std::int64_t read_number(const Row& row, int first) {
  return row.integer(first + record_column_count - 1);
}

LiveVersion read_live(const Row& row, int first) {
  int at = first;
  LiveVersion live;
  live.title = row.text(at++);
  live.filename = row.text(at++);
  live.mime = row.text(at++);
  live.metadata = row.text(at++);
  live.content_hash = row.text(at++);
  live.blob = row.text(at++);
  live.bytes = row.number(at++);
  live.updated_ms = row.time_ms(at++);
  live.analysis_version = row.small(at++);
  return live;
}

std::int64_t bounded(std::size_t limit) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(limit, most));
}

} // namespace graphrag::runtime::postgres
