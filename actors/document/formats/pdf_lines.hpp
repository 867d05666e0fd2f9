#pragma once
// From the words of a page, in the reading order that poppler finds, to its lines. Pure geometry.
#include <string>
#include <vector>

namespace graphrag::document::formats {

struct PdfWord {
  std::string text;         // UTF-8
  double left = 0, top = 0; // in points; the origin is the page's upper left corner
  double right = 0, bottom = 0;
  int rotation = 0; // of the text, in quarters of a turn clockwise
  bool space_after = false;
  double size = 0; // of the font
  bool bold = false;
};

struct PdfLine {
  std::string text;
  double left = 0, top = 0, right = 0, bottom = 0; // turned upright
  int rotation = 0;
  int words = 0;
  double size = 0;          // of the font of its longest word
  bool bold = false;        // most of it
  bool item = false;        // a bullet stands before it
  bool row = false;         // of a table: cells with " | " between them
  bool after_short = false; // in a paragraph: the line before ends early
  double height() const { return bottom - top; }
};

// Lines in reading order. Bullets that stand alone are given to their lines; narrow columns side by
// side become rows of a table.
std::vector<PdfLine> pdf_lines(std::vector<PdfWord> words);

// "•", "▪" ... at the beginning of the text: their length in bytes, 0 for none.
std::size_t bullet_length(const std::string& text);

} // namespace graphrag::document::formats
