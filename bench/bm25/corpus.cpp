#include "bench/bm25/corpus.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "actors/chunk/analyse.hpp"

namespace graphrag::bench {
namespace {

std::vector<std::string> terms_of(std::string_view text) {
  std::vector<chunk::Token> tokens;
  chunk::tokenize(text, tokens);
  std::vector<std::string> out;
  for (auto& token : tokens)
    if (!token.term.empty()) out.push_back(std::move(token.term));
  return out;
}

Question question_of(std::string_view text) {
  Question out;
  for (auto& term : terms_of(text)) {
    auto known = std::find_if(out.terms.begin(), out.terms.end(),
                              [&](const auto& t) { return t.first == term; });
    if (known == out.terms.end())
      out.terms.emplace_back(std::move(term), 1);
    else
      ++known->second;
  }
  return out;
}

template <class Each>
void each_line(const std::string& file, Each&& each) {
  std::ifstream in{file};
  if (!in) throw std::runtime_error{"cannot read " + file};
  for (std::string line; std::getline(in, line);) each(nlohmann::json::parse(line));
}

std::string sentence_of(const std::string& text, std::mt19937& random) {
  std::vector<std::string> sentences;
  for (std::size_t from = 0; from < text.size();) {
    auto to = std::min(text.find(". ", from), text.size());
    if (auto words = std::count(text.begin() + static_cast<std::ptrdiff_t>(from),
                                text.begin() + static_cast<std::ptrdiff_t>(to), ' ');
        words >= 5 && words <= 30)
      sentences.push_back(text.substr(from, to - from));
    from = to + 2;
  }
  return sentences.empty() ? "" : sentences[random() % sentences.size()];
}

} // namespace

Corpus load(const std::vector<std::string>& passages, const std::string& questions,
            std::size_t per_set, std::uint32_t seed) {
  Corpus out;
  std::vector<std::string> titles, texts;
  for (const auto& file : passages)
    each_line(file, [&](const nlohmann::json& json) {
      titles.push_back(json.at("title").get<std::string>());
      texts.push_back(json.at("text").get<std::string>());
      Passage passage;
      passage.id = json.at("id").get<std::string>();
      std::map<std::string, std::uint32_t> counts;
      for (auto& term : terms_of(titles.back() + "\n" + texts.back())) {
        ++counts[std::move(term)];
        ++passage.length;
      }
      passage.terms.assign(counts.begin(), counts.end());
      out.passages.push_back(std::move(passage));
    });

  std::mt19937 random{seed};
  QuestionSet by_title{"titles", {}}, by_sentence{"sentences", {}};
  for (std::size_t tries = 0; tries < per_set * 20 && !texts.empty(); ++tries) {
    auto i = random() % texts.size();
    if (by_title.questions.size() < per_set && !titles[i].empty())
      by_title.questions.push_back(question_of(titles[i]));
    if (auto text = sentence_of(texts[i], random);
        by_sentence.questions.size() < per_set && !text.empty())
      by_sentence.questions.push_back(question_of(text));
  }
  out.sets = {std::move(by_title), std::move(by_sentence)};
  if (!questions.empty()) {
    QuestionSet asked{"questions", {}};
    each_line(questions, [&](const nlohmann::json& json) {
      if (asked.questions.size() < per_set)
        asked.questions.push_back(question_of(json.at("question").get<std::string>()));
    });
    out.sets.push_back(std::move(asked));
  }
  return out;
}

} // namespace graphrag::bench
