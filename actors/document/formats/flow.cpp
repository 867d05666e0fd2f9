#include "actors/document/formats/flow.hpp"

#include "actors/document/formats/ascii.hpp"

namespace graphrag::document::formats {
namespace {

constexpr std::size_t max_tables = 32;            // nested; beyond, cells are running text
constexpr std::size_t max_data_cell_bytes = 1000; // a longer cell is an article, not a datum

} // namespace

bool Flow::in_data_cell() const {
  return !tables_.empty() && tables_.back().in_cell && !tables_.back().layout;
}

void Flow::text(std::string_view decoded) {
  if (pre_depth_ > 0) {
    run_ += decoded;
    return;
  }
  for (const char c : decoded) {
    if (is_blank(c)) {
      space_pending_ = !run_.empty();
      continue;
    }
    if (space_pending_ && run_.back() != '\n') run_ += ' ';
    space_pending_ = false;
    run_ += c;
  }
  if (in_data_cell() && run_.size() > max_data_cell_bytes) dissolve_row();
}

void Flow::image(std::string_view alt) {
  if (trim(alt).empty()) return;
  if (!run_.empty() || in_data_cell() || kind_ != BlockKind::paragraph) {
    space_pending_ = !run_.empty();
    text(alt);
    space_pending_ = true;
  } else {
    out_.add(BlockKind::caption, alt);
  }
}

void Flow::line_break() {
  const bool blank_line = !run_.empty() && run_.back() == '\n';
  if (blank_line && kind_ == BlockKind::paragraph && !in_data_cell() && pre_depth_ == 0)
    return flush();
  if (!run_.empty()) run_ += '\n';
  space_pending_ = false;
}

void Flow::block_boundary() {
  if (in_data_cell() || pre_depth_ > 0) return line_break();
  if (kind_ == BlockKind::paragraph) return flush();
  line_break(); // <li><p>, <h2><div>: still the same item
}

void Flow::begin_block() {
  if (kind_ == BlockKind::heading && !run_.empty()) end();
  block_boundary();
}

void Flow::end_all() {
  if (in_data_cell() || pre_depth_ > 0)
    line_break();
  else
    end();
}

void Flow::flush() {
  if (!run_.empty()) {
    if (kind_ == BlockKind::heading)
      out_.heading(run_, level_);
    else
      out_.add(kind_, run_);
  }
  run_.clear();
  space_pending_ = false;
}

void Flow::begin(BlockKind kind) {
  if (in_data_cell()) return line_break();
  flush();
  kind_ = kind;
}

void Flow::begin_heading(int level) {
  if (in_data_cell()) dissolve_row();
  flush();
  kind_ = BlockKind::heading;
  level_ = level;
}

void Flow::end() {
  if (in_data_cell()) return line_break();
  flush();
  kind_ = BlockKind::paragraph;
}

void Flow::begin_pre() {
  if (pre_depth_++ > 0) return;
  if (in_data_cell()) dissolve_row();
  flush();
  kind_ = BlockKind::paragraph;
  pre_is_code_ = false;
}

// Preformatted text with <code> inside is code, one block; without it is text with paragraphs.
void Flow::end_pre() {
  if (pre_depth_ == 0 || --pre_depth_ > 0) return;
  const auto text = clean(run_, Space::keep);
  run_.clear();
  if (pre_is_code_) return out_.add_clean(BlockKind::code, text);
  std::string_view rest = text;
  while (!rest.empty() && !out_.full()) {
    const auto gap = std::min(rest.find("\n\n"), rest.size());
    out_.add_clean(BlockKind::paragraph, rest.substr(0, gap));
    rest.remove_prefix(std::min(gap + 2, rest.size()));
  }
}

void Flow::begin_table() {
  if (in_data_cell()) dissolve_row();
  end();
  if (tables_.size() >= max_tables)
    ++too_deep_;
  else
    tables_.emplace_back();
}

void Flow::begin_row() {
  if (tables_.empty() || too_deep_ > 0) return flush();
  end_row();
}

void Flow::begin_cell() {
  if (tables_.empty() || too_deep_ > 0) return flush();
  end_cell();
  auto& table = tables_.back();
  if (!table.in_cell) end();
  table.in_cell = true;
}

void Flow::end_cell() {
  if (tables_.empty() || too_deep_ > 0 || !tables_.back().in_cell) return;
  auto& table = tables_.back();
  table.in_cell = false;
  if (table.layout) return end();
  table.cells.push_back(std::move(run_));
  run_.clear();
  space_pending_ = false;
}

void Flow::end_row() {
  if (tables_.empty() || too_deep_ > 0) return flush();
  end_cell();
  emit_row(tables_.back());
}

void Flow::emit_row(Table& table) {
  std::string line;
  std::size_t filled = 0;
  for (const auto& cell : table.cells) {
    const auto value = clean_line(cell);
    if (value.empty()) continue;
    if (filled++ > 0) line += " | ";
    line += value;
  }
  if (filled > 0) {
    flush();
    if (filled > 1)
      out_.add_clean(BlockKind::table_row, line);
    else
      for (const auto& cell : table.cells) out_.add(BlockKind::paragraph, cell);
  }
  table.cells.clear();
  table.layout = false;
}

void Flow::dissolve_row() {
  auto& table = tables_.back();
  for (const auto& cell : table.cells) out_.add(BlockKind::paragraph, cell);
  table.cells.clear();
  table.layout = true;
}

void Flow::end_table() {
  if (too_deep_ > 0) {
    --too_deep_;
    return flush();
  }
  if (tables_.empty()) return flush();
  end_row();
  flush();
  tables_.pop_back();
}

void Flow::finish() {
  if (pre_depth_ > 0) {
    pre_depth_ = 1;
    end_pre();
  }
  while (!tables_.empty()) {
    too_deep_ = 0;
    end_table();
  }
  end();
}

} // namespace graphrag::document::formats
