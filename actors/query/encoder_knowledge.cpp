#include "actors/query/encoder_knowledge.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace graphrag::query {
namespace {

using Ids = std::vector<std::uint32_t>;

constexpr std::size_t unknown_part = 5; // one token in so many may be unknown
constexpr std::size_t least_letters = 8;
constexpr double most_tokens_per_letter = 0.75;

Ids tokens(const runtime::Encoder& encoder, std::string_view text) {
  return encoder.token_ids(text, runtime::TextRole::query);
}

// The token of what is not in the vocabulary: signs of two dead scripts read as the same one.
// Nothing for a vocabulary of bytes, which spells them.
std::optional<std::uint32_t> unknown_token(const runtime::Encoder& encoder) {
  const auto cuneiform = tokens(encoder, "\U00012345");
  const auto hieroglyph = tokens(encoder, "\U00013000");
  const auto nothing = tokens(encoder, "");
  if (cuneiform != hieroglyph || cuneiform.size() <= nothing.size()) return std::nullopt;
  for (const auto id : cuneiform)
    if (std::count(cuneiform.begin(), cuneiform.end(), id) >
        std::count(nothing.begin(), nothing.end(), id))
      return id;
  return std::nullopt;
}

struct Characters {
  std::size_t letters = 0; // of alphabets and syllabaries
  std::size_t others = 0;  // each a token of its own, as a rule: ideographs, digits, punctuation
};

Characters count_characters(std::string_view text) {
  Characters out;
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());) {
    UChar32 c;
    U8_NEXT_OR_FFFD(text.data(), at, static_cast<std::int32_t>(text.size()), c);
    if (u_isUWhiteSpace(c)) continue;
    ++(u_isalpha(c) && !u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC) ? out.letters : out.others);
  }
  return out;
}

} // namespace

bool knows_language(const runtime::Encoder& encoder, std::string_view text) {
  const auto ids = tokens(encoder, text);
  const auto around = tokens(encoder, "").size();
  if (ids.size() <= around) return true;
  const auto count = ids.size() - around;
  if (const auto unknown = unknown_token(encoder)) {
    const auto missed = static_cast<std::size_t>(std::count(ids.begin(), ids.end(), *unknown));
    if (missed * unknown_part > count) return false;
  }
  const auto characters = count_characters(text);
  if (characters.letters < least_letters || count <= characters.others) return true;
  return static_cast<double>(count - characters.others) <=
         most_tokens_per_letter * static_cast<double>(characters.letters);
}

} // namespace graphrag::query
