#pragma once
// Keys of documents, and the slots that documents hash into.
#include <cstdint>
#include <string>
#include <string_view>

namespace graphrag::runtime {

// A document's key. The collection is part of every key (tenancy): 1-64 characters of
// [A-Za-z0-9_-], first one a letter or digit. The id is 1-512 bytes of UTF-8 without NUL.
struct DocumentKey {
  std::string collection;
  std::string id;
  friend auto operator<=>(const DocumentKey&, const DocumentKey&) = default;
};

inline constexpr std::uint32_t slot_count = 1024;

// Slot of a document: xxh3_64(collection NUL id) mod 1024. Stable for ever; it is part of the
// data's layout in a cluster.
std::uint32_t slot_of(std::string_view collection, std::string_view id) noexcept;

// The shard, of `shards` equal ranges of slots, that a slot belongs to. shards is 1..1024.
inline std::uint32_t shard_of(std::uint32_t slot, std::uint32_t shards) noexcept {
  return slot * shards / slot_count;
}

// The group of collections, of `groups`, that a collection belongs to: xxh3_64(name) mod groups.
// Nodes of a cluster hold collections in groups; all of them must agree on it.
std::uint32_t group_of(std::string_view collection, std::uint32_t groups) noexcept;

// 32 hex digits: xxh3_128(collection NUL document id NUL content hash NUL index). The same
// chunk of the same content always has the same id.
std::string chunk_id(const DocumentKey& key, std::string_view content_hash, std::uint32_t index);

bool valid_collection_name(std::string_view name) noexcept;
bool valid_document_id(std::string_view id) noexcept; // length, valid UTF-8, no control characters

// A new random id for a document that came without one: "d_" + 26 characters, time-ordered.
std::string make_document_id();

} // namespace graphrag::runtime
