#pragma once
// Checks of an operation that need nothing but the operation: what could never be read back
// rightly is refused before it becomes durable. Shared by all adapters.
#include "runtime/store/types.hpp"

namespace graphrag::runtime {

// The most chunks of one document.
inline constexpr std::uint32_t max_chunks_per_document = 1U << 20;

// invalid_argument with the reason: keys, names and texts that are not UTF-8, chunks that are not
// numbered in order or reach outside the text, chunk ids given twice, a vector that is not finite.
Status check_input(const WriteOp& op);

// The collection that an operation works in; empty for a job that belongs to none.
const std::string& collection_of(const WriteOp& op);

// Made by make_document_id(), so the client gave none.
bool is_made_document_id(std::string_view id) noexcept;

} // namespace graphrag::runtime
