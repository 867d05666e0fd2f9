#include "actors/chunk/chunker.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "actors/chunk/characters.hpp"
#include "actors/chunk/sentences.hpp"

namespace graphrag::chunk {
namespace {

constexpr std::size_t max_heading_bytes = 240; // of one level in a section path

// A sentence, or a piece of one that is too long.
struct Unit {
  std::uint32_t start_byte = 0, end_byte = 0;
  std::uint32_t start = 0, end = 0; // code points
  std::uint32_t page = 0;
  bool heading = false;
};

// The headings above the current place, by level.
class HeadingPath {
public:
  void enter(std::uint8_t level, std::string_view written) {
    const auto depth = std::clamp<std::size_t>(level, 1, levels_.size());
    for (auto i = depth; i < levels_.size(); ++i) levels_[i].clear();
    levels_[depth - 1] = one_line(written);
  }
  std::string text() const {
    std::string path;
    for (const auto& level : levels_) {
      if (level.empty()) continue;
      if (!path.empty()) path += " > ";
      path += level;
    }
    return path;
  }

private:
  static std::string one_line(std::string_view written) {
    std::string line;
    for (char c : written.substr(0, max_heading_bytes)) {
      if (!is_ascii_space(c))
        line.push_back(c);
      else if (!line.empty() && line.back() != ' ')
        line.push_back(' ');
    }
    if (written.size() > max_heading_bytes) // not in the middle of a character
      while (!line.empty() && !is_ascii(line.back())) line.pop_back();
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
  }
  std::array<std::string, 6> levels_;
};

class Chunker {
public:
  Chunker(const document::ParsedDocument& document, const ChunkingOptions& options)
      : document_(document), text_(document.text), options_(options) {
    one_chunk_ = text_.size() <= options.max_chars || count_code_points(text_) <= options.max_chars;
  }

  std::vector<ChunkPlan> run() {
    std::uint32_t done = 0;
    const auto size = static_cast<std::uint32_t>(text_.size());
    for (const auto& block : document_.blocks) {
      const auto start = std::clamp(block.start, done, size);
      const auto end = std::clamp(block.end, start, size);
      paragraph(done, start, page_);
      page_ = block.page;
      if (block.kind == document::BlockKind::heading)
        heading(block, start, end);
      else
        paragraph(start, end, block.page);
      done = end;
    }
    paragraph(done, size, page_);
    flush(false);
    merge_short_tail();
    return std::move(plans_);
  }

private:
  std::uint32_t length() const {
    return units_.empty() ? 0 : units_.back().end - units_.front().start;
  }

  void heading(const document::Block& block, std::uint32_t start, std::uint32_t end) {
    sentences_.clear();
    split_sentences(text_, start, end, sentences_);
    if (sentences_.empty()) return;
    const Span whole{sentences_.front().start, sentences_.back().end};
    const bool has_body =
        std::any_of(units_.begin(), units_.end(), [](const Unit& unit) { return !unit.heading; });
    if (!one_chunk_ && has_body && length() >= options_.target_chars / 6) flush(false);
    path_.enter(block.level, std::string_view{text_}.substr(whole.start, whole.end - whole.start));
    if (units_.empty()) section_ = path_.text();
    add(whole, block.page, true);
  }

  void paragraph(std::uint32_t start, std::uint32_t end, std::uint32_t page) {
    if (start >= end) return;
    sentences_.clear();
    split_sentences(text_, start, end, sentences_);
    for (const auto& sentence : sentences_) add(sentence, page, false);
  }

  // Adds a sentence, in pieces when it alone would be more than a chunk.
  void add(Span sentence, std::uint32_t page, bool is_heading) {
    advance(sentence.start);
    while (sentence.start < sentence.end) {
      const auto start = points_;
      const auto end = piece_end(sentence);
      advance(end);
      place({sentence.start, end, start, points_, page, is_heading});
      sentence.start = end;
      while (sentence.start < sentence.end && is_ascii_space(text_[sentence.start]))
        ++sentence.start;
      advance(sentence.start);
    }
  }

  void place(const Unit& unit) {
    if (!one_chunk_ && !units_.empty()) {
      const auto with = unit.end - units_.front().start;
      const auto now = length();
      const bool better_without = with > options_.target_chars &&
                                  (now >= options_.target_chars ||
                                   with - options_.target_chars > options_.target_chars - now);
      if (with > options_.max_chars || better_without) flush(true);
      if (!units_.empty() && unit.end - units_.front().start > options_.max_chars) {
        if (units_.back().heading) emit(units_.size()); // headings that wait for their text
        units_.clear();
      }
    }
    if (units_.empty() ||
        std::all_of(units_.begin(), units_.end(), [](const Unit& u) { return u.heading; }))
      section_ = path_.text();
    units_.push_back(unit);
  }

  // Where the piece of the sentence that begins at sentence.start ends: all of it when it fits.
  std::uint32_t piece_end(const Span& sentence) const {
    if (sentence.end - sentence.start <= options_.max_chars) return sentence.end;
    std::uint32_t at = sentence.start;
    std::uint32_t space = 0;
    for (std::uint32_t chars = 0; at < sentence.end; ++chars) {
      if (chars == options_.max_chars) return space != 0 ? space : at;
      if (chars >= options_.target_chars / 2 && chars <= options_.target_chars &&
          is_ascii_space(text_[at]))
        space = at;
      at += decode(text_, at).bytes;
    }
    return sentence.end;
  }

  // Moves the count of code points forward to a byte. Blocks come in order, so this never goes
  // back.
  void advance(std::uint32_t to) {
    points_ += count_code_points(std::string_view{text_}.substr(bytes_, to - bytes_));
    bytes_ = to;
  }

  // Ends the current chunk. The next one begins with headings that had no text yet, or else, when
  // `overlap`, with the last sentences of this one.
  void flush(bool overlap) {
    if (units_.empty()) return;
    auto last = units_.size();
    while (last > 0 && units_[last - 1].heading) --last;
    const bool only_headings = last == 0;
    if (only_headings || !overlap) last = units_.size();
    emit(last);
    auto next = last;
    if (overlap && next == units_.size() && !only_headings)
      while (next > 1 && !units_[next - 1].heading &&
             units_.back().end - units_[next - 1].start <= options_.overlap_chars)
        --next;
    units_.erase(units_.begin(), units_.begin() + static_cast<std::ptrdiff_t>(next));
  }

  void emit(std::size_t count) {
    const auto& first = units_.front();
    const auto& last = units_[count - 1];
    ChunkPlan plan{first.start_byte, last.end_byte, first.start, last.end,
                   first.page,       section_,      {},          {}};
    plan.sentences.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      plan.sentences.push_back(
          {units_[i].start_byte - plan.start_byte, units_[i].end_byte - plan.start_byte});
      if (units_[i].heading) plan.headings.push_back({units_[i].start_byte, units_[i].end_byte});
    }
    plans_.push_back(std::move(plan));
  }

  // A few words left over at the end of a section's last chunk read better with what came before.
  void merge_short_tail() {
    if (plans_.size() < 2) return;
    auto& tail = plans_.back();
    auto& before = plans_[plans_.size() - 2];
    if (tail.section != before.section || tail.end - tail.start >= options_.target_chars / 5 ||
        tail.end - before.start > options_.max_chars)
      return;
    const auto shift = tail.start_byte - before.start_byte;
    const auto known = before.end_byte - before.start_byte;
    for (const auto& sentence : tail.sentences)
      if (sentence.start + shift >= known)
        before.sentences.push_back({sentence.start + shift, sentence.end + shift});
    before.headings.insert(before.headings.end(), tail.headings.begin(), tail.headings.end());
    before.end_byte = tail.end_byte;
    before.end = tail.end;
    plans_.pop_back();
  }

  const document::ParsedDocument& document_;
  const std::string& text_;
  const ChunkingOptions& options_;
  bool one_chunk_ = false;
  HeadingPath path_;
  std::string section_;
  std::uint32_t page_ = 0;
  std::uint32_t bytes_ = 0, points_ = 0; // how far `points_` code points reach
  std::vector<Span> sentences_;
  std::vector<Unit> units_; // of the chunk being built
  std::vector<ChunkPlan> plans_;
};

} // namespace

std::vector<ChunkPlan> cut_chunks(const document::ParsedDocument& document,
                                  const ChunkingOptions& options) {
  return Chunker{document, options}.run();
}

} // namespace graphrag::chunk
