#pragma once
// How rows of `documents` and `texts` are read, in one place.
#include <string>

#include "runtime/store/postgres/answer.hpp"
#include "runtime/store/rules/document_rules.hpp"

namespace graphrag::runtime::postgres {

// Of the table aliases d (documents) and t (texts, without the text itself).
extern const std::string record_columns;
extern const std::string live_columns;
inline constexpr int record_column_count = 25;
inline constexpr int live_column_count = 9;

DocumentRecord read_record(const Row& row, int first = 0);
std::int64_t read_number(const Row& row, int first = 0); // of the record at `first`
LiveVersion read_live(const Row& row, int first);

// A count as a bigint.
std::int64_t bounded(std::size_t limit);

} // namespace graphrag::runtime::postgres
