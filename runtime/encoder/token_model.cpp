#include "runtime/encoder/token_model.hpp"

#include <algorithm>
#include <limits>

#include "runtime/encoder/characters.hpp"

namespace graphrag::runtime::encoder {

WordPiece::WordPiece(const TextMap<std::uint32_t>& vocabulary, std::string_view continuing_prefix,
                     std::uint32_t unknown, std::size_t longest_word)
    : unknown_{unknown}, longest_word_{longest_word} {
  for (const auto& [piece, id] : vocabulary) {
    begins_.emplace(piece, id);
    longest_begin_ = std::max(longest_begin_, piece.size());
    if (!piece.starts_with(continuing_prefix)) continue;
    continues_.emplace(piece.substr(continuing_prefix.size()), id);
    longest_continue_ = std::max(longest_continue_, piece.size() - continuing_prefix.size());
  }
}

void WordPiece::encode(std::string_view word, std::vector<std::uint32_t>& ids) const {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < word.size(); ++characters) next_character(word, at);
  const std::size_t before = ids.size();
  for (std::size_t at = 0; at < word.size() && characters <= longest_word_;) {
    const auto& pieces = at == 0 ? begins_ : continues_;
    std::size_t length = std::min(word.size() - at, at == 0 ? longest_begin_ : longest_continue_);
    auto found = pieces.end();
    for (; length > 0; --length) {
      const bool inside_character =
          at + length < word.size() && U8_IS_TRAIL(static_cast<uint8_t>(word[at + length]));
      if (inside_character) continue;
      found = pieces.find(word.substr(at, length));
      if (found != pieces.end()) break;
    }
    if (found == pieces.end()) {
      characters = longest_word_ + 1;
      break;
    }
    ids.push_back(found->second);
    at += length;
  }
  if (characters <= longest_word_) return;
  ids.resize(before);
  ids.push_back(unknown_);
}

Unigram::Unigram(const std::vector<std::pair<std::string, double>>& pieces, std::uint32_t unknown)
    : unknown_{unknown} {
  double lowest = std::numeric_limits<double>::infinity();
  for (std::size_t id = 0; id < pieces.size(); ++id) {
    const auto& [piece, score] = pieces[id];
    lowest = std::min(lowest, score);
    longest_ = std::max(longest_, piece.size());
    pieces_.insert_or_assign(piece, Piece{static_cast<std::uint32_t>(id), score});
  }
  unknown_score_ = lowest - 10;
}

void Unigram::encode(std::string_view word, std::vector<std::uint32_t>& ids) const {
  // The best way to reach each byte: from where, by which piece.
  struct Best {
    double score = -std::numeric_limits<double>::infinity();
    std::size_t from = std::string_view::npos;
    std::uint32_t id = 0;
  };
  std::vector<Best> best(word.size() + 1);
  best[0].score = 0;
  auto offer = [&](std::size_t from, std::size_t to, std::uint32_t id, double score) {
    if (best[to].from == std::string_view::npos || best[from].score + score > best[to].score)
      best[to] = {best[from].score + score, from, id};
  };
  for (std::size_t from = 0, next = 0; from < word.size(); from = next) {
    next_character(word, next);
    bool single = false;
    for (std::size_t to = next; to <= std::min(word.size(), from + longest_);) {
      if (auto found = pieces_.find(word.substr(from, to - from)); found != pieces_.end()) {
        offer(from, to, found->second.id, found->second.score);
        single = single || to == next;
      }
      if (to == word.size()) break;
      next_character(word, to);
    }
    if (!single) offer(from, next, unknown_, unknown_score_);
  }
  const std::size_t before = ids.size();
  for (std::size_t to = word.size(); to > 0; to = best[to].from)
    if (best[to].id != unknown_ || ids.size() == before || ids.back() != unknown_)
      ids.push_back(best[to].id);
  std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(before), ids.end());
}

} // namespace graphrag::runtime::encoder
