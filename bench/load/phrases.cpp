#include "bench/load/phrases.hpp"

#include <algorithm>

namespace graphrag::bench {
namespace {

struct Word {
  std::string_view text;
  bool capital = false;
  bool starts_sentence = false;
  bool joined = false; // only a space between it and the word before
};

bool letter(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 0x80;
}

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  bool sentence = true;
  for (std::size_t i = 0; i < text.size();) {
    if (!letter(text[i])) {
      if (text[i] == '.' || text[i] == '!' || text[i] == '?' || text[i] == '\n') sentence = true;
      ++i;
      continue;
    }
    auto begin = i;
    while (i < text.size() && (letter(text[i]) || text[i] == '\'' || text[i] == '-')) ++i;
    bool joined = begin > 0 && text[begin - 1] == ' ' && begin > 1 && letter(text[begin - 2]);
    words.push_back({text.substr(begin, i - begin), text[begin] >= 'A' && text[begin] <= 'Z',
                     sentence, joined});
    sentence = false;
  }
  return words;
}

} // namespace

std::vector<std::string> names_of(std::string_view text) {
  std::vector<std::string> names;
  auto words = words_of(text);
  for (std::size_t i = 0; i < words.size();) {
    if (!words[i].capital) {
      ++i;
      continue;
    }
    auto first = i++;
    std::string name{words[first].text};
    for (; i < words.size() && words[i].capital && words[i].joined && i - first < 4; ++i)
      name.append(" ").append(words[i].text);
    bool lone_start = i - first == 1 && words[first].starts_sentence;
    if (!lone_start && name.size() > 3) names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> phrases_of(std::string_view text) {
  std::vector<std::string> phrases;
  auto words = words_of(text);
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    bool good = true;
    for (std::size_t k = i; k < i + 3; ++k)
      good = good && !words[k].capital && words[k].text.size() > 4 && (k == i || words[k].joined);
    if (!good) continue;
    std::string phrase{words[i].text};
    phrase.append(" ").append(words[i + 1].text).append(" ").append(words[i + 2].text);
    phrases.push_back(std::move(phrase));
    i += 2;
  }
  return phrases;
}

std::string excerpt_of(std::string_view text, std::size_t at, std::size_t words) {
  auto all = words_of(text);
  if (all.empty() || words == 0) return {};
  words = std::min(words, all.size());
  auto first = at % (all.size() - words + 1);
  const auto& last = all[first + words - 1].text;
  return {all[first].text.data(), last.data() + last.size()};
}

} // namespace graphrag::bench
