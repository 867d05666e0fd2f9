#include "actors/document/formats/pdf_lines.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace graphrag::document::formats {
namespace {

constexpr double max_gap = 3.0;        // between words of a line, in heights
constexpr double word_gap = 0.15;      // less is no blank
constexpr double max_row_gap = 1.5;    // between rows, in heights
constexpr double max_cell_words = 3.0; // on average, of a table's columns
constexpr std::size_t max_tried = 64;  // lines looked at for one bullet

void turn_upright(PdfWord& word) {
  const PdfWord w = word;
  switch (word.rotation) {
  case 1:
    word.left = w.top, word.right = w.bottom, word.top = -w.right, word.bottom = -w.left;
    break;
  case 2:
    word.left = -w.right, word.right = -w.left, word.top = -w.bottom, word.bottom = -w.top;
    break;
  case 3:
    word.left = -w.bottom, word.right = -w.top, word.top = w.left, word.bottom = w.right;
    break;
  default:
    break;
  }
}

double overlap(double a_from, double a_to, double b_from, double b_to) {
  return std::min(a_to, b_to) - std::max(a_from, b_from);
}

bool same_band(const PdfLine& a, double top, double bottom) {
  const double smaller = std::min(a.height(), bottom - top);
  return overlap(a.top, a.bottom, top, bottom) >= 0.5 * smaller;
}

std::vector<PdfLine> join_words(std::vector<PdfWord>& words) {
  std::vector<PdfLine> lines;
  bool space = false;
  double end = 0;                             // of the last word
  std::size_t longest = 0, bold = 0, all = 0; // bytes of the longest word, of bold ones, of all
  for (auto& word : words) {
    turn_upright(word);
    if (word.text.empty()) continue;
    const double height = word.bottom - word.top;
    const double gap = word.left - end;
    const bool goes_on = !lines.empty() && lines.back().rotation == word.rotation &&
                         same_band(lines.back(), word.top, word.bottom) && gap > -height &&
                         gap < max_gap * std::max(height, lines.back().height());
    if (!goes_on) {
      lines.push_back(
          {word.text, word.left, word.top, word.right, word.bottom, word.rotation, 1, word.size});
      longest = word.text.size();
      bold = all = 0;
    } else {
      auto& line = lines.back();
      if (space || gap > word_gap * height) {
        line.text += ' ';
        ++line.words;
      }
      line.text += word.text;
      if (word.text.size() > longest) {
        longest = word.text.size();
        line.size = word.size;
      }
      line.right = std::max(line.right, word.right);
      line.top = std::min(line.top, word.top);
      // A subscript must not make the line taller: it would swallow the next one.
      if (height > 0.8 * line.height()) line.bottom = std::max(line.bottom, word.bottom);
    }
    all += word.text.size();
    if (word.bold) bold += word.text.size();
    lines.back().bold = bold * 10 > all * 6;
    space = word.space_after;
    end = word.right;
  }
  return lines;
}

// Bullets often come as a column of their own, before the column of their texts.
void give_bullets(std::vector<PdfLine>& lines) {
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return lines[a].top < lines[b].top; });
  for (auto& bullet : lines) {
    if (bullet.text.empty() || bullet_length(bullet.text) != bullet.text.size()) continue;
    const double reach = 2 * bullet.height();
    auto at = std::partition_point(order.begin(), order.end(), [&](std::size_t i) {
      return lines[i].top < bullet.top - reach;
    });
    PdfLine* nearest = nullptr;
    for (std::size_t tried = 0; at != order.end() && tried < max_tried; ++at, ++tried) {
      auto& line = lines[*at];
      if (line.top > bullet.bottom) break;
      if (&line == &bullet || line.rotation != bullet.rotation || line.left < bullet.right ||
          !same_band(line, bullet.top, bullet.bottom))
        continue;
      if (nearest == nullptr || line.left < nearest->left) nearest = &line;
    }
    if (nearest != nullptr) nearest->item = true;
    bullet.text.clear();
  }
  std::erase_if(lines, [](const PdfLine& line) { return line.text.empty(); });
}

// A run of lines below each other: [begin, end) of the lines.
struct Stack {
  std::size_t begin, end;
  double left, right, top, bottom;
};

std::vector<Stack> stacks_of(const std::vector<PdfLine>& lines) {
  std::vector<Stack> stacks;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = lines[i];
    if (!stacks.empty() && lines[i - 1].rotation == line.rotation) {
      auto& stack = stacks.back();
      if (line.top > lines[i - 1].top + 0.3 * line.height() &&
          line.top < lines[i - 1].bottom + max_row_gap * line.height() &&
          overlap(stack.left, stack.right, line.left, line.right) > 0) {
        stack.end = i + 1;
        stack.left = std::min(stack.left, line.left);
        stack.right = std::max(stack.right, line.right);
        stack.bottom = std::max(stack.bottom, line.bottom);
        continue;
      }
    }
    stacks.push_back({i, i + 1, line.left, line.right, line.top, line.bottom});
  }
  return stacks;
}

bool stands_beside(const Stack& run, const Stack& next) {
  const double shared = overlap(run.top, run.bottom, next.top, next.bottom);
  return next.left > run.right && shared >= 0.5 * (next.bottom - next.top);
}

void append_rows(std::vector<PdfLine> cells, std::vector<PdfLine>& out) {
  std::stable_sort(cells.begin(), cells.end(),
                   [](const auto& a, const auto& b) { return a.top < b.top; });
  for (std::size_t i = 0; i < cells.size();) {
    std::size_t end = i + 1;
    while (end < cells.size() && same_band(cells[i], cells[end].top, cells[end].bottom)) ++end;
    std::stable_sort(cells.begin() + static_cast<std::ptrdiff_t>(i),
                     cells.begin() + static_cast<std::ptrdiff_t>(end),
                     [](const auto& a, const auto& b) { return a.left < b.left; });
    auto row = std::move(cells[i]);
    row.row = true;
    for (++i; i < end; ++i) {
      row.text += " | " + cells[i].text;
      row.right = std::max(row.right, cells[i].right);
      row.words += cells[i].words;
    }
    out.push_back(std::move(row));
  }
}

std::vector<PdfLine> find_rows(std::vector<PdfLine> lines) {
  const auto stacks = stacks_of(lines);
  std::vector<PdfLine> result;
  result.reserve(lines.size());
  for (std::size_t i = 0; i < stacks.size();) {
    auto run = stacks[i];
    std::size_t end = i + 1;
    while (end < stacks.size() && lines[stacks[end].begin].rotation == lines[run.begin].rotation &&
           stands_beside(run, stacks[end])) {
      const auto& next = stacks[end++];
      run.end = next.end;
      run.right = next.right;
      run.top = std::min(run.top, next.top);
      run.bottom = std::max(run.bottom, next.bottom);
    }
    int words = 0;
    for (auto line = run.begin; line < run.end; ++line) words += lines[line].words;
    const auto count = run.end - run.begin;
    const bool single = count == end - i; // every column is one line high
    const auto first = lines.begin() + static_cast<std::ptrdiff_t>(run.begin);
    const auto last = lines.begin() + static_cast<std::ptrdiff_t>(run.end);
    if (end - i >= 2 && (single || words <= max_cell_words * static_cast<double>(count)))
      append_rows({std::make_move_iterator(first), std::make_move_iterator(last)}, result);
    else
      result.insert(result.end(), std::make_move_iterator(first), std::make_move_iterator(last));
    i = end;
  }
  return result;
}

} // namespace

std::size_t bullet_length(const std::string& text) {
  constexpr std::array<std::string_view, 14> bullets{
      "•", "●", "○", "▪", "▫", "◦", "‣", "∙", "■", "□", "➢", "✓", "\xef\x82\xb7", "\xef\x82\xa7"};
  for (const auto bullet : bullets)
    if (text.starts_with(bullet)) return bullet.size();
  return 0;
}

std::vector<PdfLine> pdf_lines(std::vector<PdfWord> words) {
  auto lines = join_words(words);
  give_bullets(lines);
  return find_rows(std::move(lines));
}

} // namespace graphrag::document::formats
