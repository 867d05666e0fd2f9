#pragma once
// The lexical level of RTF.
#include <string_view>

namespace graphrag::document::formats {

struct RtfToken {
  enum class Kind : unsigned char {
    open,   // {
    close,  // }
    word,   // \par, \u8364
    symbol, // \~ : one character that is no letter
    byte,   // \'e9, or a plain character
    done,
  };
  Kind kind = Kind::done;
  std::string_view word;
  bool has_value = false;
  int value = 0;    // of a word
  char symbol = 0;  // also the byte
  bool hex = false; // the byte was written as \'hh
};

// Binary data (\bin) is passed over here. Never fails; what is cut simply ends.
class RtfTokens {
public:
  explicit RtfTokens(std::string_view text) : rest_(text) {}
  RtfToken next();

private:
  RtfToken control();
  std::string_view rest_;
};

} // namespace graphrag::document::formats
