#pragma once
// Blobs in PostgreSQL, for clusters without another place that all nodes reach. Bytes lie in rows
// of 1 MiB, uncompressed. A put is one transaction that sends part after part, so a crash in the
// middle leaves nothing; a get reads a few parts at a time. Neither holds a second copy of the
// whole.
//
// Beside many large files the database grows by their size, and so do its log and its backups.
#include "runtime/store/blob.hpp"

namespace graphrag::runtime {

struct PostgresBlobOptions {
  std::string url; // of libpq
  std::uint32_t connections = 4, overflow = 4;
  std::chrono::milliseconds wait{30'000}; // for a free connection
  std::chrono::milliseconds connecting{3'000};
  std::chrono::milliseconds statement{30'000}; // of one statement at the server
  std::chrono::milliseconds migrating{600'000};
};

// Migrates the database first, as the store does.
Result<std::unique_ptr<BlobStore>> open_postgres_blobs(const PostgresBlobOptions& options);

} // namespace graphrag::runtime
