#include "actors/document/plain_document.hpp"

#include "actors/document/formats/readers.hpp"

namespace graphrag::document {

Result<ParsedDocument> plain_document(std::string_view utf8) {
  formats::TextBuilder out{formats::Limits{}};
  formats::read_plain(utf8, formats::Outline::none, out);
  return out.finish("text/plain");
}

} // namespace graphrag::document
