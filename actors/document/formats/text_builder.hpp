#pragma once
// Collects blocks into one ParsedDocument and watches the limit of text. Every parser writes here,
// so the promises of parsed_document.hpp are kept in one place.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "actors/document/formats/clean.hpp"
#include "actors/document/formats/parse.hpp"

namespace graphrag::document::formats {

class TextBuilder {
public:
  explicit TextBuilder(const Limits& limits) : limits_(limits) {}

  const Limits& limits() const { return limits_; }

  // Adds one block of raw text; nothing when it is blank. `level` is of headings.
  void add(BlockKind kind, std::string_view raw, std::uint8_t level = 0) {
    add_clean(kind, clean(raw, kind == BlockKind::code ? Space::keep : Space::collapse), level);
  }
  // The same for text that went through clean() already.
  void add_clean(BlockKind kind, std::string_view text, std::uint8_t level = 0);

  void heading(std::string_view raw, int level);

  // All blocks of a document that was read on its own: an attachment, a page header.
  void append(const ParsedDocument& part);

  // Blocks that follow stand on this page (slide, sheet); 0 for none.
  void page(std::uint32_t number) { page_ = number; }
  void pages(std::uint32_t count) { document_.pages = count; }

  // The first title that is not blank stays.
  void title(std::string_view raw);
  bool has_title() const { return !document_.title.empty(); }
  void property(std::string_view name, std::string_view raw);

  // True once a limit is passed: the caller may stop, the document is refused anyway.
  bool full() const { return refusal_.has_value(); }
  // Refuses the document; the first reason stays.
  void refuse(Errc code, std::string detail);

  bool has_text() const { return !document_.text.empty(); }

  // Without any text the answer is `when_blank`.
  Result<ParsedDocument> finish(std::string_view mime, Errc when_blank = Errc::empty_document,
                                std::string_view detail = "no text in it");

private:
  Limits limits_;
  ParsedDocument document_;
  std::optional<Error> refusal_;
  std::uint32_t page_ = 0;
};

} // namespace graphrag::document::formats
