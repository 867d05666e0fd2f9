// Rows of comma (tab, semicolon, bar) separated values. With a header each row is written as
// "Header: value; Header: value", so that any few rows are understood without the first one;
// wide or headless tables are written as "a | b | c".
#include <array>
#include <set>
#include <string>
#include <vector>

#include "actors/document/formats/ascii.hpp"
#include "actors/document/formats/readers.hpp"

namespace graphrag::document::formats {
namespace {

using Row = std::vector<std::string>;

constexpr std::size_t sample_bytes = 64 * 1024;
constexpr std::size_t max_labelled_columns = 50;
constexpr std::size_t max_label_bytes = 64;

class RowReader {
public:
  RowReader(std::string_view text, char delimiter) : rest_(text), delimiter_(delimiter) {}

  // The next row with anything in it. A quote that is never closed ends at the end of the text.
  bool next(Row& row) {
    while (!rest_.empty()) {
      read(row);
      for (const auto& cell : row)
        if (!trim(cell).empty()) return true;
    }
    return false;
  }

private:
  void read(Row& row) {
    row.clear();
    for (;;) {
      row.push_back(cell());
      if (rest_.empty()) return;
      const char stop = rest_.front();
      rest_.remove_prefix(1);
      if (stop == delimiter_) continue;
      if (stop == '\r' && !rest_.empty() && rest_.front() == '\n') rest_.remove_prefix(1);
      return;
    }
  }

  std::string cell() {
    std::string value;
    if (!rest_.empty() && rest_.front() == '"') {
      rest_.remove_prefix(1);
      while (!rest_.empty()) {
        const auto quote = std::min(rest_.find('"'), rest_.size());
        value += rest_.substr(0, quote);
        rest_.remove_prefix(std::min(quote + 1, rest_.size()));
        if (rest_.empty() || rest_.front() != '"') break;
        value += '"';
        rest_.remove_prefix(1);
      }
    }
    const char stops[] = {delimiter_, '\n', '\r'};
    const auto end =
        std::min(rest_.find_first_of(std::string_view(stops, sizeof stops)), rest_.size());
    value += rest_.substr(0, end);
    rest_.remove_prefix(end);
    return value;
  }

  std::string_view rest_;
  char delimiter_;
};

// The delimiter that gives most rows the same number (two or more) of cells; 0 when none does.
char find_delimiter(std::string_view text) {
  auto sample = text.substr(0, sample_bytes);
  if (sample.size() < text.size())
    if (const auto cut = sample.rfind('\n'); cut != sample.npos) sample = sample.substr(0, cut);
  char best = 0;
  double best_share = 0.5;
  for (const char candidate : {',', '\t', ';', '|'}) {
    RowReader reader(sample, candidate);
    std::map<std::size_t, std::size_t> widths;
    std::size_t rows = 0;
    for (Row row; reader.next(row); ++rows) ++widths[row.size()];
    for (const auto& [width, count] : widths) {
      const double share = static_cast<double>(count) / static_cast<double>(rows);
      if (width >= 2 && share > best_share) best = candidate, best_share = share;
    }
  }
  return best;
}

bool looks_numeric(std::string_view cell) {
  bool digit = false;
  for (const char c : trim(cell)) {
    if (is_digit(c))
      digit = true;
    else if (std::string_view("+-.,:/%$ eE()").find(c) == std::string_view::npos)
      return false;
  }
  return digit;
}

bool is_header(const Row& row) {
  std::set<std::string_view> names;
  for (const auto& cell : row) {
    const auto name = trim(cell);
    if (name.empty()) continue;
    if (name.size() > max_label_bytes || looks_numeric(name) || !names.insert(name).second)
      return false;
  }
  return row.size() >= 2 && row.size() <= max_labelled_columns &&
         names.size() * 3 >= row.size() * 2;
}

std::size_t filled(const Row& row) {
  return static_cast<std::size_t>(
      std::count_if(row.begin(), row.end(), [](const auto& cell) { return !trim(cell).empty(); }));
}

std::string plain_row(const Row& row) {
  std::string line;
  std::size_t last = row.size();
  while (last > 0 && trim(row[last - 1]).empty()) --last;
  for (std::size_t i = 0; i < last; ++i) {
    if (i > 0) line += " | ";
    line += trim(row[i]);
  }
  return line;
}

std::string labelled_row(const Row& header, const Row& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto value = trim(row[i]);
    if (value.empty()) continue;
    if (!line.empty()) line += "; ";
    if (i < header.size() && !trim(header[i]).empty()) (line += trim(header[i])) += ": ";
    line += value;
  }
  return line;
}

} // namespace

void read_csv(std::string_view utf8, TextBuilder& out) {
  RowReader reader(utf8, find_delimiter(utf8));
  Row row, header;
  bool first = true, labelled = false;
  std::size_t cells = 0;
  while (!out.full() && reader.next(row)) {
    cells += row.size();
    if (cells > out.limits().max_cells)
      return out.refuse(Errc::too_large,
                        "more than " + std::to_string(out.limits().max_cells) + " cells");
    if (first && row.size() > 1 && filled(row) == 1) { // a title above the table
      out.add_clean(BlockKind::caption, clean_line(plain_row(row)));
      continue;
    }
    if (first && is_header(row)) {
      header = row;
      labelled = true;
      out.add_clean(BlockKind::table_row, clean_line(plain_row(row)));
    } else {
      out.add_clean(BlockKind::table_row,
                    clean_line(labelled ? labelled_row(header, row) : plain_row(row)));
    }
    first = false;
  }
}

} // namespace graphrag::document::formats
