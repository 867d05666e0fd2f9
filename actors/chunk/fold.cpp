#include "actors/chunk/fold.hpp"

#include <array>
#include <cstring>
#include <memory>

#include <libstemmer.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>
#include <xxhash.h>

#include "actors/chunk/characters.hpp"
#include "runtime/check.hpp"

namespace graphrag::chunk {
namespace {

// Letters that Unicode does not decompose, as readers without the key type them.
std::string_view plain_letter(std::uint32_t code) {
  switch (code) {
  case 0x00F8:
    return "o";
  case 0x0142:
    return "l";
  case 0x0111:
  case 0x00F0:
    return "d";
  case 0x00FE:
    return "th";
  case 0x00E6:
    return "ae";
  case 0x0153:
    return "oe";
  case 0x0131:
    return "i";
  case 0x0127:
    return "h";
  case 0x0167:
    return "t";
  default:
    return {};
  }
}

bool is_greek(std::uint32_t code) {
  return (code >= 0x370 && code <= 0x3FF) || (code >= 0x1F00 && code <= 0x1FFF);
}

const icu::Normalizer2& normalizer(const icu::Normalizer2* (*get)(UErrorCode&)) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* found = get(status);
  RUNTIME_CHECK(U_SUCCESS(status) && found != nullptr, "ICU has its normalisation data");
  return *found;
}

// Any word, by ICU.
void fold_slowly(std::string_view word, std::string& out) {
  static const auto& casefold = normalizer(&icu::Normalizer2::getNFKCCasefoldInstance);
  static const auto& decompose = normalizer(&icu::Normalizer2::getNFDInstance);
  static const auto& compose = normalizer(&icu::Normalizer2::getNFCInstance);
  UErrorCode status = U_ZERO_ERROR;
  const auto source =
      icu::UnicodeString::fromUTF8({word.data(), static_cast<std::int32_t>(word.size())});
  const auto apart = decompose.normalize(casefold.normalize(source, status), status);
  icu::UnicodeString kept;
  bool drop_marks = false;
  for (std::int32_t i = 0; i < apart.length();) {
    const auto code = static_cast<std::uint32_t>(apart.char32At(i));
    i += code > 0xFFFF ? 2 : 1;
    if (code >= 0x300 && code <= 0x36F && drop_marks) continue;
    drop_marks = is_latin(code) || is_greek(code);
    if (auto plain = plain_letter(code); !plain.empty())
      kept.append(
          icu::UnicodeString::fromUTF8({plain.data(), static_cast<std::int32_t>(plain.size())}));
    else
      kept.append(static_cast<UChar32>(code));
  }
  const auto together = compose.normalize(kept, status);
  if (U_FAILURE(status)) {
    out.append(word);
    return;
  }
  together.toUTF8String(out);
}

// U+00C0..U+017F, nearly all of what European texts add to ASCII.
struct LatinTable {
  std::array<std::array<char, 3>, 0xC0> plain{};
  std::array<std::uint8_t, 0xC0> size{};
  LatinTable() {
    for (std::uint32_t code = 0xC0; code <= 0x17F; ++code) {
      const char utf8[2] = {static_cast<char>(0xC0 | code >> 6),
                            static_cast<char>(0x80 | (code & 0x3F))};
      std::string folded;
      fold_slowly({utf8, 2}, folded);
      if (folded.size() > 3) continue;
      size[code - 0xC0] = static_cast<std::uint8_t>(folded.size());
      std::memcpy(plain[code - 0xC0].data(), folded.data(), folded.size());
    }
  }
};

class Stemmer {
public:
  Stemmer() : stemmer_(sb_stemmer_new("english", "UTF_8"), &sb_stemmer_delete) {
    RUNTIME_CHECK(stemmer_ != nullptr, "libstemmer knows English");
  }
  std::string_view operator()(std::string_view word) {
    const auto* result =
        sb_stemmer_stem(stemmer_.get(), reinterpret_cast<const sb_symbol*>(word.data()),
                        static_cast<int>(word.size()));
    return {reinterpret_cast<const char*>(result),
            static_cast<std::size_t>(sb_stemmer_length(stemmer_.get()))};
  }

private:
  std::unique_ptr<sb_stemmer, decltype(&sb_stemmer_delete)> stemmer_;
};

// Words that are not letters of ASCII (after folding) have no English stem.
bool stemmable(std::string_view word) {
  if (word.size() < 3 || word.size() > 48) return false;
  for (char c : word)
    if (!is_ascii_lower(c) && c != '\'') return false;
  return true;
}

struct CacheLine {
  std::uint8_t word_size = 0, term_size = 0;
  std::array<char, 31> word, term;
};
constexpr std::size_t cache_lines = 4096;

} // namespace

void fold(std::string_view word, std::string& out) {
  static const LatinTable latin;
  const auto mark = out.size();
  for (std::size_t i = 0; i < word.size();) {
    const char c = word[i];
    if (is_ascii(c)) {
      out.push_back(ascii_lower(c));
      ++i;
      continue;
    }
    const auto [code, bytes] = decode(word, i);
    if (code == 0x2019 || code == 0x2BC) {
      out.push_back('\'');
    } else if (code >= 0xC0 && code <= 0x17F && latin.size[code - 0xC0] != 0) {
      out.append(latin.plain[code - 0xC0].data(), latin.size[code - 0xC0]);
    } else {
      out.resize(mark);
      fold_slowly(word, out);
      return;
    }
    i += bytes;
  }
}

void stem(std::string_view folded, std::string& out) {
  if (!stemmable(folded)) {
    out.append(folded);
    return;
  }
  thread_local Stemmer stemmer;
  out.append(stemmer(folded));
}

void term_of(std::string_view word, std::string& out) {
  thread_local const auto cache = std::make_unique<std::array<CacheLine, cache_lines>>();
  thread_local std::string folded;
  CacheLine* line = nullptr;
  if (word.size() <= sizeof(CacheLine::word)) {
    line = &(*cache)[XXH3_64bits(word.data(), word.size()) % cache_lines];
    if (line->word_size == word.size() &&
        std::memcmp(line->word.data(), word.data(), word.size()) == 0) {
      out.append(line->term.data(), line->term_size);
      return;
    }
  }
  folded.clear();
  fold(word, folded);
  const auto mark = out.size();
  stem(folded, out);
  const auto term = std::string_view{out}.substr(mark);
  if (line == nullptr || term.size() > line->term.size()) return;
  line->word_size = static_cast<std::uint8_t>(word.size());
  line->term_size = static_cast<std::uint8_t>(term.size());
  std::memcpy(line->word.data(), word.data(), word.size());
  std::memcpy(line->term.data(), term.data(), term.size());
}

} // namespace graphrag::chunk
