#pragma once
// The "precompiled" character map of SentencePiece normalizers: a table of replacements, kept as a
// double-array trie (Aoe 1989; the layout of the Darts library) with the replacements behind it.
// https://github.com/google/sentencepiece (doc/normalization.md)
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace graphrag::runtime::encoder {

std::optional<std::string> decode_base64(std::string_view text);

// Immutable, thread-safe. Every read is checked, so bytes that lie give odd text and no worse.
class Charsmap {
public:
  // Four bytes with the trie's size (little endian), the trie, the replacements each ended by a
  // zero byte. Nothing when the sizes do not fit.
  static std::optional<Charsmap> parse(std::string_view bytes);

  // Replaces grapheme by grapheme when one is under six bytes and in the table, else character by
  // character, as the published tokenizer does.
  std::string operator()(std::string_view text) const;

private:
  // The replacement for the whole of `part`.
  std::optional<std::string_view> find(std::string_view part) const;

  std::vector<std::uint32_t> trie_;
  std::string replacements_;
};

} // namespace graphrag::runtime::encoder
