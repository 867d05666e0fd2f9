#include "runtime/encoder/tokenizer.hpp"

#include <algorithm>

#include "runtime/encoder/characters.hpp"

namespace graphrag::runtime::encoder {

std::vector<std::string> split_bert(std::string_view text) {
  std::vector<std::string> out;
  bool open = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    const char32_t c = next_character(text, at);
    if (is_space(c)) {
      open = false;
    } else if (is_punctuation(c)) {
      out.emplace_back(text.substr(here, at - here));
      open = false;
    } else {
      if (!open) out.emplace_back();
      out.back().append(text.substr(here, at - here));
      open = true;
    }
  }
  return out;
}

std::vector<std::string> split_space(std::string_view text) {
  std::vector<std::string> out;
  bool open = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    const bool space = is_space(next_character(text, at));
    if (!space && !open) out.emplace_back();
    if (!space) out.back().append(text.substr(here, at - here));
    open = !space;
  }
  return out;
}

std::vector<std::string> split_marked(std::string_view text, std::string_view mark, bool prefix) {
  std::string marked = replace_all(text, " ", mark);
  if (prefix && !marked.starts_with(mark)) marked.insert(0, mark);
  std::vector<std::string> out;
  for (std::size_t at = 0; at < marked.size();) {
    const std::size_t end = std::min(marked.find(mark, at + 1), marked.size());
    out.push_back(marked.substr(at, end - at));
    at = end;
  }
  return out;
}

std::vector<std::uint32_t> Tokenizer::encode(std::string_view text, std::size_t limit) const {
  const std::size_t special = before_.size() + after_.size();
  const std::size_t room = before_.size() + (limit > special ? limit - special : 0);
  auto ids = before_;
  std::size_t plain = 0; // begin of the text since the last added token
  for (std::size_t at = 0; at < text.size() && ids.size() < room;) {
    const AddedToken* hit = nullptr; // the longest one here
    for (const auto& token : added_)
      if (text.substr(at).starts_with(token.text) && (!hit || token.text.size() > hit->text.size()))
        hit = &token;
    if (!hit) {
      ++at;
      continue;
    }
    auto before = text.substr(plain, at - plain);
    at += hit->text.size();
    if (hit->eats_right) at = text.size() - trim(text.substr(at), true, false).size();
    encode_plain(hit->eats_left ? trim(before, false, true) : std::string{before}, room, ids);
    ids.push_back(hit->id);
    plain = at;
  }
  encode_plain(text.substr(plain), room, ids);
  ids.resize(std::min(ids.size(), room));
  ids.insert(ids.end(), after_.begin(), after_.end());
  return ids;
}

void Tokenizer::encode_plain(std::string_view text, std::size_t limit,
                             std::vector<std::uint32_t>& ids) const {
  if (text.empty() || ids.size() >= limit) return;
  std::string normal{text};
  for (const auto& step : steps_) normal = step(normal);
  std::vector<std::string> words{std::move(normal)};
  for (const auto& split : splits_) {
    std::vector<std::string> finer;
    for (const auto& word : words)
      for (auto& part : split(word)) finer.push_back(std::move(part));
    words = std::move(finer);
  }
  for (const auto& word : words) {
    if (ids.size() >= limit) return;
    if (!word.empty()) model_->encode(word, ids);
  }
}

} // namespace graphrag::runtime::encoder
