#pragma once
// How a spreadsheet shows a number: plain, as a percentage, as a date or a time.
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace graphrag::document::formats {

enum class NumberKind : unsigned char { plain, percent, date, time, date_time };

// What a format code such as "yyyy-mm-dd" or "0.0%" makes of a number.
NumberKind kind_of_format(std::string_view code);

// The kind of each cell style of xl/styles.xml, by its index.
std::vector<NumberKind> read_cell_styles(std::string_view styles_xml);

// "44927" as a date -> "2023-01-01"; "0.1" as a percentage -> "10%"; "0.30000000000000004" plain
// -> "0.3". What is not a number stays as it is. Serial days count from 1900 or 1904.
std::string show_number(std::string_view value, NumberKind kind, bool since_1904);

} // namespace graphrag::document::formats
