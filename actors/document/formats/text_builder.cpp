#include "actors/document/formats/text_builder.hpp"

#include <algorithm>
#include <set>

#include "actors/document/formats/ascii.hpp"

namespace graphrag::document::formats {
namespace {

constexpr std::size_t max_title_bytes = 500;
constexpr std::size_t max_property_bytes = 4096;
constexpr std::size_t max_properties = 64;

// Items of a list and rows of a table stand close together, all else is set apart.
bool close_together(BlockKind before, BlockKind now) {
  return before == now && (now == BlockKind::list_item || now == BlockKind::table_row);
}

// Names that programs give by themselves.
bool is_default_title(std::string_view title) {
  static const std::set<std::string, std::less<>> names{"powerpoint presentation",
                                                        "untitled",
                                                        "untitled document",
                                                        "slide 1",
                                                        "untitled spreadsheet",
                                                        "untitled presentation",
                                                        "document1",
                                                        "presentation1"};
  return names.contains(ascii_lower(title));
}

} // namespace

void TextBuilder::add_clean(BlockKind kind, std::string_view text, std::uint8_t level) {
  if (kind != BlockKind::code) // the indentation of a first line says nothing
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  if (text.empty() || full()) return;
  auto& all = document_.text;
  if (all.size() + text.size() + 2 > limits_.max_text_bytes) {
    refuse(Errc::too_large,
           "more than " + std::to_string(limits_.max_text_bytes) + " bytes of text");
    return;
  }
  if (!all.empty()) all += close_together(document_.blocks.back().kind, kind) ? "\n" : "\n\n";
  Block block;
  block.kind = kind;
  block.level = level;
  block.page = page_;
  block.start = static_cast<std::uint32_t>(all.size());
  all += text;
  block.end = static_cast<std::uint32_t>(all.size());
  document_.blocks.push_back(block);
}

void TextBuilder::heading(std::string_view raw, int level) {
  const auto line = clean_line(raw);
  add_clean(BlockKind::heading, line, static_cast<std::uint8_t>(std::clamp(level, 1, 6)));
}

void TextBuilder::append(const ParsedDocument& part) {
  for (const auto& block : part.blocks)
    add_clean(block.kind, std::string_view(part.text).substr(block.start, block.end - block.start),
              block.level);
}

void TextBuilder::title(std::string_view raw) {
  if (has_title()) return;
  const auto line = clean_line(prefix(raw, 4 * max_title_bytes));
  if (!is_default_title(line)) document_.title = prefix(line, max_title_bytes);
}

void TextBuilder::property(std::string_view name, std::string_view raw) {
  if (document_.properties.size() >= max_properties) return;
  std::string value(prefix(clean_line(prefix(raw, 2 * max_property_bytes)), max_property_bytes));
  if (!value.empty()) document_.properties.emplace_back(name, std::move(value));
}

void TextBuilder::refuse(Errc code, std::string detail) {
  if (!refusal_) refusal_ = Error{code, std::move(detail)};
}

Result<ParsedDocument> TextBuilder::finish(std::string_view mime, Errc when_blank,
                                           std::string_view detail) {
  if (refusal_) return tl::unexpected(std::move(*refusal_));
  if (!has_text()) return tl::unexpected(Error{when_blank, std::string(detail)});
  if (!has_title()) {
    const auto& blocks = document_.blocks;
    const auto first = std::find_if(blocks.begin(), blocks.end(),
                                    [](const Block& b) { return b.kind == BlockKind::heading; });
    if (first != blocks.end())
      title(std::string_view(document_.text).substr(first->start, first->end - first->start));
  }
  document_.mime = mime;
  return std::move(document_);
}

} // namespace graphrag::document::formats
