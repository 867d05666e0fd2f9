#pragma once
// From a word to the numbers of its pieces: WordPiece (BERT) and Unigram (SentencePiece, XLM-R).
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace graphrag::runtime::encoder {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
template <class T>
using TextMap = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

// Immutable, thread-safe.
class TokenModel {
public:
  virtual ~TokenModel() = default;
  // Appends the ids of one word; at least one when the word is not empty.
  virtual void encode(std::string_view word, std::vector<std::uint32_t>& ids) const = 0;
};

// Greedy, longest piece first, from left to right; a word with a part that no piece fits, or
// with more than `longest_word` characters, is one unknown token.
// Wu et al. 2016, arXiv:1609.08144; the published BERT tokenizer.
class WordPiece final : public TokenModel {
public:
  WordPiece(const TextMap<std::uint32_t>& vocabulary, std::string_view continuing_prefix,
            std::uint32_t unknown, std::size_t longest_word);
  void encode(std::string_view word, std::vector<std::uint32_t>& ids) const override;

private:
  TextMap<std::uint32_t> begins_, continues_;            // the latter without the prefix
  std::size_t longest_begin_ = 0, longest_continue_ = 0; // bytes
  std::uint32_t unknown_;
  std::size_t longest_word_;
};

// The cut whose pieces have the largest sum of scores (Viterbi); among equal sums the one found
// first from the left. A character that no piece covers counts as the lowest score of all minus
// 10, and neighbouring ones become a single unknown token. Kudo 2018, arXiv:1804.10959.
class Unigram final : public TokenModel {
public:
  // The position in the list is the id. The list is not empty and unknown is in it.
  Unigram(const std::vector<std::pair<std::string, double>>& pieces, std::uint32_t unknown);
  void encode(std::string_view word, std::vector<std::uint32_t>& ids) const override;

private:
  struct Piece {
    std::uint32_t id;
    double score;
  };
  TextMap<Piece> pieces_;
  std::size_t longest_ = 0; // bytes
  std::uint32_t unknown_;
  double unknown_score_;
};

} // namespace graphrag::runtime::encoder
