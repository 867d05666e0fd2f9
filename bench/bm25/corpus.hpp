#pragma once
// Passages and questions as terms: what both engines are given.
#include <cstdint>
#include <string>
#include <vector>

namespace graphrag::bench {

struct Passage {
  std::string id;
  std::vector<std::pair<std::string, std::uint32_t>> terms; // sorted, with counts
  std::uint32_t length = 0;
};

struct Question {
  std::vector<std::pair<std::string, std::uint32_t>> terms; // in the order of the text, with counts
};

struct QuestionSet {
  std::string name;
  std::vector<Question> questions;
};

struct Corpus {
  std::vector<Passage> passages;
  std::vector<QuestionSet> sets; // titles, sentences, and the file's questions
};

// `passages`: files of {"id", "title", "text"}; `questions`: a file of {"question"}, or empty.
// Titles and sentences are drawn from the passages by `seed`, `per_set` of each.
Corpus load(const std::vector<std::string>& passages, const std::string& questions,
            std::size_t per_set, std::uint32_t seed);

} // namespace graphrag::bench
