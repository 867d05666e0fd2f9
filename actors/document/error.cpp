#include "actors/document/error.hpp"

namespace graphrag::document {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
  case Errc::unsupported_format:
    return "unsupported_format";
  case Errc::no_text_layer:
    return "no_text_layer";
  case Errc::empty_document:
    return "empty_document";
  case Errc::encrypted:
    return "encrypted";
  case Errc::corrupt:
    return "corrupt";
  case Errc::bad_encoding:
    return "bad_encoding";
  case Errc::too_large:
    return "too_large";
  case Errc::archive_bomb:
    return "archive_bomb";
  case Errc::parser_crashed:
    return "parser_crashed";
  case Errc::parser_timeout:
    return "parser_timeout";
  case Errc::parser_memory:
    return "parser_memory";
  }
  return "unknown";
}

} // namespace graphrag::document
