#pragma once
// One spelling for words that readers take for the same: NFKC, lower case, Latin and Greek letters
// without accents ("Zürich" = "zurich", "ＡＢＣ" = "abc", "Łódź" = "lodz").
#include <string>
#include <string_view>

namespace graphrag::chunk {

// Appends the folded form of a word to `out`.
void fold(std::string_view word, std::string& out);

// Appends the stem of a folded Latin word (Snowball English); other words unchanged.
void stem(std::string_view folded, std::string& out);

// fold and stem with a small cache per thread, for running text.
void term_of(std::string_view word, std::string& out);

} // namespace graphrag::chunk
