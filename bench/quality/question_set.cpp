#include "bench/quality/question_set.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "actors/chunk/analyse.hpp"
#include "actors/chunk/fold.hpp"
#include "actors/query/encoder_knowledge.hpp"
#include "bench/quality/passage_vectors.hpp"

namespace quality {
namespace {

using namespace graphrag;

// What the work costs, also on a busy machine.
double cpu_micros() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

std::vector<nlohmann::json> read_lines(const std::string& path) {
  std::ifstream in{path};
  if (!in) throw std::runtime_error("cannot read " + path);
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

std::string folded(const std::string& text) {
  std::string out;
  chunk::fold(text, out);
  return out;
}

std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void load_passages(const std::string& path, const std::string& prefix, const LoadOptions& options,
                   QuestionSet& set) {
  std::vector<std::shared_ptr<chunk::LiveDocument>> documents;
  for (const auto& line : read_lines(path)) {
    auto made = std::make_shared<chunk::LiveDocument>();
    made->id = prefix + text_of(line.at("id"));
    if (!options.untitled) made->title = line.value("title", "");
    made->text = line.at("text").get<std::string>();
    made->metadata = "{}";
    document::ParsedDocument parsed;
    parsed.text = made->text;
    const double start = cpu_micros();
    made->analysis = chunk::analyse(parsed, made->title);
    set.analyse_micros += cpu_micros() - start;
    for (const auto& each : made->analysis.chunks)
      made->chunk_ids.push_back(made->id + "#" + std::to_string(each.index));
    documents.push_back(std::move(made));
  }
  if (options.encoder) {
    auto kept = path;
    std::replace(kept.begin(), kept.end(), '/', '_');
    embed(documents, *options.encoder,
          options.keep.empty() ? "" : options.keep + (options.untitled ? "untitled" : "") + kept);
  }
  for (const auto& made : documents) {
    ++set.passages;
    set.chunks += made->analysis.chunks.size();
    const chunk::DocumentChange change{made->id, made};
    const double start = cpu_micros();
    set.index->apply(set.index->shard_of(made->id), set.passages, {&change, 1});
    set.index_micros += cpu_micros() - start;
  }
}

Asked read_question(const nlohmann::json& line, const runtime::Encoder* encoder) {
  Asked asked;
  asked.question = line.at("question").get<std::string>();
  if (line.contains("answer") && line["answer"].is_string()) asked.answer = folded(line["answer"]);
  if (asked.answer == "yes" || asked.answer == "no") asked.answer.clear();
  for (const auto& gold : line.at("gold_ids")) asked.gold.insert(text_of(gold));
  if (encoder != nullptr) {
    asked.vector.resize(encoder->dimension());
    const std::string_view text = asked.question;
    encoder->encode({&text, 1}, runtime::TextRole::query, asked.vector);
    asked.known_language = query::knows_language(*encoder, text);
  }
  return asked;
}

} // namespace

QuestionSet load_set(const std::string& folder, const LoadOptions& options) {
  QuestionSet set;
  set.folder = folder;
  set.index = chunk::CollectionIndex::make("eval", options.shards);
  if (options.encoder) set.model = options.encoder->hash();
  load_passages(folder + "/corpus.jsonl", "", options, set);
  for (const auto& path : options.extra) load_passages(path, path + ":", options, set);
  for (const auto& line :
       read_lines(options.questions.empty() ? folder + "/queries.jsonl" : options.questions))
    set.questions.push_back(read_question(line, options.encoder.get()));
  return set;
}

Figures ask(const QuestionSet& set, query::Mode mode, bool encoded, const query::Weights& weights) {
  Figures figures;
  const auto view = set.index->view();
  for (const auto& asked : set.questions) {
    query::Question question;
    question.text = asked.question;
    question.mode = mode;
    question.limit = 20; // chunks; scored by distinct document
    if (encoded && !asked.vector.empty() && (mode == query::Mode::vector || asked.known_language)) {
      question.vector_model = set.model;
      question.vector = asked.vector;
    }
    const double start = cpu_micros();
    const auto result = query::run(
        view, question, [] { return false; }, weights);
    figures.micros += cpu_micros() - start;
    std::vector<std::string> ids;
    std::unordered_set<std::string> seen;
    for (const auto& hit : result.hits)
      if (seen.insert(hit.document_id).second) ids.push_back(hit.document_id);
    figures.silent += result.answer.text.empty() ? 1 : 0;
    figures.add(ids, asked.gold);
    if (!asked.answer.empty()) {
      ++figures.answerable;
      figures.answered +=
          folded(result.answer.text).find(asked.answer) != std::string::npos ? 1 : 0;
    }
  }
  return figures;
}

} // namespace quality
