#pragma once
// From lines of pages to paragraphs: lines joined, words that were divided at line ends made whole,
// headings by their size.
#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "actors/document/formats/pdf_lines.hpp"
#include "actors/document/formats/text_builder.hpp"

namespace graphrag::document::formats {

class PdfLayout {
public:
  // Takes the lines of the next page, whose number counts from 1.
  void add_page(std::vector<PdfLine> lines, std::uint32_t page);

  // Bytes of text so far.
  std::size_t size() const { return size_; }

  // Writes all pages. What is a heading and how a divided word is written is known only from the
  // whole document.
  void write(TextBuilder& out) const;

private:
  struct Paragraph {
    std::vector<PdfLine> lines;
    std::uint32_t page = 0;
    double left = 0, right = 0;
    bool item() const { return lines.front().item; }
    bool row() const { return lines.front().row; }
  };

  void learn(const PdfLine& line);
  static bool continues(const Paragraph& paragraph, const PdfLine& line);
  static bool flows_on(const Paragraph& column, const PdfLine& line);
  std::string join(const Paragraph& paragraph) const;
  void append_line(std::string& text, const std::string& line, bool after_short) const;
  std::map<int, int> heading_levels() const;
  int heading_level(const Paragraph& paragraph, const std::string& text,
                    const std::map<int, int>& by_size) const;

  std::vector<Paragraph> paragraphs_;
  std::unordered_set<std::string> vocabulary_; // words inside lines, in lower case
  std::map<int, std::size_t> letters_by_size_; // of the font, in half points
  std::map<int, std::size_t> letters_by_rotation_;
  std::size_t letters_ = 0, bold_letters_ = 0;
  std::size_t size_ = 0;
};

} // namespace graphrag::document::formats
