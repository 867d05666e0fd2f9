#pragma once
// A question and its answer, as values. No CAF, no HTTP.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"
#include "actors/query/view.hpp"
#include "actors/query/weights.hpp"

namespace graphrag::query {

enum class Mode : std::uint8_t { hybrid, keyword, vector, local, global };

struct Question {
  std::string text;
  // Needed by Mode::vector, used by hybrid if given; compared with vectors of the same model only.
  std::vector<float> vector;
  std::string vector_model; // "" = brought by the client, as documents' vectors may be
  std::uint32_t limit = 10; // 1..100
  Mode mode = Mode::hybrid;
  chunk::Filter filter;
  bool answer = true;
  bool explain = false;           // fills Hit::signals
  bool group_by_document = false; // at most one hit per document, the best
  bool rerank = true;             // by a model, where one is set up
};

struct Signals { // parts of the score, for explain
  float keyword = 0, vector = 0, link = 0, name = 0;
  std::string via;              // document id of the passage that led here, when one did
  std::optional<double> rerank; // what a model that ordered the hits thinks of it, on its own scale
};

struct Hit {
  std::string document_id, chunk_id, title, text, section, metadata;
  float score = 0;
  std::uint32_t page = 0, start = 0, end = 0; // code points in the document's text
  chunk::ChunkRef ref;                        // within the view that was asked
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

// A group of entities that answers a global question.
struct FoundCommunity {
  std::uint64_t id = 0;
  std::uint32_t level = 0;           // 0 is the finest
  std::string title;                 // its most central entities
  std::size_t size = 0;              // names in it
  std::vector<FoundEntity> entities; // the most central ones
  std::string summary;               // of its documents' sentences
  bool generated = false;            // a model wrote the summary
};

struct Answer {
  std::string text; // the cited sentences, joined; empty when they would say too little
  std::vector<Citation> citations;
};

struct QueryResult {
  Answer answer;
  std::vector<Hit> hits;
  std::vector<FoundEntity> entities;       // named in the question and known
  std::vector<FoundCommunity> communities; // of Mode::global
  bool partial = false;
  std::vector<std::string> missing; // what a partial result lacks: "answer", "links", ...
};

// Answers from the view alone. `expired` is asked between stages; once true, the rest is skipped
// and named in `missing`. Deterministic: the same view and question give the same result.
// Mode::global is answered by run_global() (global.hpp) instead.
// Of a view that breaks the result is empty, and View::broken() says why.
QueryResult run(
    View& view, const Question& question,
    const std::function<bool()>& expired = [] { return false; }, const Weights& setting = {});
QueryResult run(
    const chunk::ReadView& view, const Question& question,
    const std::function<bool()>& expired = [] { return false; }, const Weights& setting = {});

} // namespace graphrag::query
