#pragma once
// A question and its answer, as values. No CAF, no HTTP.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"

namespace graphrag::query {

enum class Mode : std::uint8_t { hybrid, keyword, vector, local };

struct Question {
  std::string text;
  std::vector<float>
      vector; // brought by the client; needed by Mode::vector, used by hybrid if given
  std::uint32_t limit = 10; // 1..100
  Mode mode = Mode::hybrid;
  chunk::Filter filter;
  bool answer = true;
  bool explain = false;           // fills Hit::signals
  bool group_by_document = false; // at most one hit per document, the best
};

struct Signals { // parts of the score, for explain
  float keyword = 0, vector = 0, link = 0, name = 0;
  std::string via; // document id of the passage that led here, when one did
};

struct Hit {
  std::string document_id, chunk_id, title, text, section, metadata;
  float score = 0;
  std::uint32_t page = 0, start = 0, end = 0; // code points in the document's text
  std::optional<Signals> signals;
};

struct Citation {
  std::string document_id, title, section;
  std::uint32_t page = 0, start = 0, end = 0; // code points; the answer's sentence
  std::string text;                           // exactly the text of that span
};

struct FoundEntity {
  std::string id, name, kind;
};

struct Answer {
  std::string text; // the cited sentences, joined
  std::vector<Citation> citations;
};

struct QueryResult {
  Answer answer;
  std::vector<Hit> hits;
  std::vector<FoundEntity> entities; // named in the question and known
  bool partial = false;
  std::vector<std::string> missing; // what a partial result lacks: "answer", "links", ...
};

// Answers from the view alone. `expired` is asked between stages; once true, the rest is skipped
// and named in `missing`. Deterministic: the same view and question give the same result.
QueryResult run(
    const chunk::ReadView& view, const Question& question,
    const std::function<bool()>& expired = [] { return false; });

} // namespace graphrag::query
