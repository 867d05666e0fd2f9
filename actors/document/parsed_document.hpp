#pragma once
// What every format becomes: one UTF-8 text (NFC, LF line ends, no NUL) and marks over it.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace graphrag::document {

// All offsets are bytes in `text`; blocks are in order, do not overlap and lie on character bounds.
enum class BlockKind : std::uint8_t { heading, paragraph, list_item, table_row, code, caption };

struct Block {
  BlockKind kind = BlockKind::paragraph;
  std::uint8_t level = 0;  // of a heading: 1..6
  std::uint32_t page = 0;  // from 1; 0 when the format has no pages (slides and sheets count)
  std::uint32_t start = 0; // byte
  std::uint32_t end = 0;   // byte, one past
};

struct ParsedDocument {
  std::string text;
  std::string title; // from the file itself (metadata, first heading, subject), may be empty
  std::string mime;  // by content
  std::uint32_t pages = 0;
  std::vector<Block> blocks;
  std::vector<std::pair<std::string, std::string>>
      properties; // author, date, from, to ... as found
};

} // namespace graphrag::document
