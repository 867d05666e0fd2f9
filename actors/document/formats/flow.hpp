#pragma once
// The flow of text of a page, for formats that come as a stream of tags (HTML, office, RTF): where
// blocks begin and end, white space, and tables. Data tables become rows "a | b"; tables that only
// lay out a page dissolve into paragraphs. Calls may come in any order and need not match.
#include <string>
#include <string_view>
#include <vector>

#include "actors/document/formats/text_builder.hpp"

namespace graphrag::document::formats {

class Flow {
public:
  explicit Flow(TextBuilder& out) : out_(out) {}

  void text(std::string_view decoded);
  void image(std::string_view alt);
  void line_break();
  void block_boundary(); // a paragraph ends here, if there is one
  void begin_block();    // the same, and a heading that was left open
  void end_all();        // the same, and a list item

  void begin(BlockKind kind); // a list item or a caption
  void begin_heading(int level);
  void end();

  void begin_pre();
  void code_inside_pre() { pre_is_code_ |= pre_depth_ > 0; }
  void end_pre();

  void begin_table();
  void begin_row();
  void begin_cell();
  void end_cell();
  void end_row();
  void end_table();

  void finish();

private:
  struct Table {
    std::vector<std::string> cells; // of the row that is being read
    bool in_cell = false;
    bool layout = false; // this row is no data: its cells are running text
  };

  bool in_data_cell() const;
  void flush();
  void dissolve_row();
  void emit_row(Table& table);

  TextBuilder& out_;
  std::string run_; // the block in the making
  bool space_pending_ = false;
  BlockKind kind_ = BlockKind::paragraph;
  int level_ = 0;
  int pre_depth_ = 0;
  bool pre_is_code_ = false;
  std::vector<Table> tables_;
  std::size_t too_deep_ = 0; // tables beyond the depth that is followed
};

} // namespace graphrag::document::formats
