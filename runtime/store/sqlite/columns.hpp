#pragma once
// How rows of `documents` and `texts` are read, in one place.
#include <string>

#include "runtime/store/rules/document_rules.hpp"
#include "runtime/store/sqlite/connection.hpp"

namespace graphrag::runtime::sqlite {

// Of the table aliases d (documents) and t (texts, without the text itself).
extern const std::string record_columns;
extern const std::string live_columns;
inline constexpr int record_column_count = 25;
inline constexpr int live_column_count = 9;

DocumentRecord read_record(const Query& query, int first = 0);
LiveVersion read_live(const Query& query, int first);

// The numbers of a document's chunks are [first_chunk(doc), first_chunk(doc + 1)).
inline std::int64_t first_chunk(std::int64_t doc) { return doc << 20; }

// Vectors as they lie on the disk: little-endian 32-bit floats.
std::string pack_floats(std::span<const float> floats);
std::vector<float> unpack_floats(std::string_view bytes);

} // namespace graphrag::runtime::sqlite
