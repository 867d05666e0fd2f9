// Retrieval quality and CPU time of one process without server and store: analyses a folder's
// corpus.jsonl, indexes it, asks its queries.jsonl in every mode and prints figures of merit.
//
//   offline_eval DIR... [--shards N] [--untitled] [--with FILE.jsonl] [--json]
//
// --untitled drops the titles; --with adds passages without questions as distractors.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/chunk/analyse.hpp"
#include "actors/chunk/fold.hpp"
#include "actors/query/query.hpp"

namespace {

using namespace graphrag;

// CPU time of this thread: what the work costs, also on a busy machine.
double cpu_micros() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct Options {
  std::vector<std::string> folders, extra;
  std::uint32_t shards = 1;
  bool untitled = false;
  bool json = false;
};

struct Asked {
  std::string question;
  std::set<std::string> gold;
  std::string answer; // empty, or yes and no: not scored
};

struct Figures {
  double recall2 = 0, recall5 = 0, recall10 = 0, all5 = 0, ndcg10 = 0, mrr = 0, micros = 0,
         answered = 0;
  std::size_t queries = 0, answerable = 0;
  std::vector<std::vector<std::string>> rankings; // to compare runs
};

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

struct Corpus {
  std::shared_ptr<chunk::CollectionIndex> index;
  std::size_t passages = 0, chunks = 0;
  double analyse_micros = 0, index_micros = 0; // per passage
};

void load(const std::string& path, const std::string& prefix, const Options& options,
          Corpus& corpus) {
  for (const auto& line : read_lines(path)) {
    auto made = std::make_shared<chunk::LiveDocument>();
    made->id = prefix + text_of(line.at("id"));
    if (!options.untitled) made->title = line.value("title", "");
    made->text = line.at("text").get<std::string>();
    made->metadata = "{}";
    document::ParsedDocument parsed;
    parsed.text = made->text;
    double start = cpu_micros();
    made->analysis = chunk::analyse(parsed, made->title);
    corpus.analyse_micros += cpu_micros() - start;
    for (const auto& each : made->analysis.chunks)
      made->chunk_ids.push_back(made->id + "#" + std::to_string(each.index));
    ++corpus.passages;
    corpus.chunks += made->analysis.chunks.size();
    const chunk::DocumentChange change{made->id, made};
    start = cpu_micros();
    corpus.index->apply(corpus.index->shard_of(made->id), corpus.passages, {&change, 1});
    corpus.index_micros += cpu_micros() - start;
  }
}

// Scores a ranking of distinct documents.
void score(const std::vector<std::string>& ids, const std::set<std::string>& gold,
           Figures& figures) {
  std::size_t found = 0;
  double gain = 0;
  double ideal = 0;
  double first = 0;
  double recall[3] = {0, 0, 0};
  const std::size_t cuts[3] = {2, 5, 10};
  for (std::size_t i = 0; i < 10; ++i) {
    if (i < ids.size() && gold.contains(ids[i])) {
      ++found;
      gain += 1 / std::log2(static_cast<double>(i) + 2);
      if (first == 0) first = 1 / (static_cast<double>(i) + 1);
    }
    for (std::size_t c = 0; c < 3; ++c)
      if (i + 1 == cuts[c])
        recall[c] = static_cast<double>(found) / static_cast<double>(gold.size());
    if (i < gold.size()) ideal += 1 / std::log2(static_cast<double>(i) + 2);
  }
  figures.recall2 += recall[0];
  figures.recall5 += recall[1];
  figures.recall10 += recall[2];
  figures.all5 += recall[1] >= 1 ? 1 : 0;
  figures.ndcg10 += ideal > 0 ? gain / ideal : 0;
  figures.mrr += first;
  ++figures.queries;
}

Figures ask(const chunk::CollectionIndex& index, const std::vector<Asked>& all, query::Mode mode) {
  Figures figures;
  const auto view = index.view();
  for (const auto& asked : all) {
    query::Question question;
    question.text = asked.question;
    question.mode = mode;
    question.limit = 20; // chunks; scored by distinct document
    question.answer = true;
    const double start = cpu_micros();
    const auto result = query::run(view, question);
    figures.micros += cpu_micros() - start;
    std::vector<std::string> ids;
    std::unordered_set<std::string> seen;
    for (const auto& hit : result.hits)
      if (seen.insert(hit.document_id).second) ids.push_back(hit.document_id);
    score(ids, asked.gold, figures);
    if (!asked.answer.empty()) {
      ++figures.answerable;
      figures.answered +=
          folded(result.answer.text).find(asked.answer) != std::string::npos ? 1 : 0;
    }
    figures.rankings.push_back(std::move(ids));
  }
  return figures;
}

// Scores every passage for every question, in doubles and by the textbook's formula: what keyword
// search must equal.
Figures ask_exhaustively(const chunk::CollectionIndex& index, const std::vector<Asked>& all) {
  constexpr double k1 = 1.2;
  constexpr double b = 0.75;
  Figures figures;
  const auto view = index.view();
  std::vector<chunk::ChunkRef> refs;
  std::unordered_map<chunk::TermId, double> holding;
  double tokens = 0;
  view.for_each_chunk([&](chunk::ChunkRef ref) {
    refs.push_back(ref);
    const auto passage = view.chunk(ref);
    tokens += passage.length;
    for (const auto& term : passage.terms) ++holding[term.term];
    return true;
  });
  const auto n = static_cast<double>(refs.size());
  std::vector<chunk::Token> words;
  for (const auto& asked : all) {
    std::unordered_map<chunk::TermId, double> weight;
    chunk::tokenize(asked.question, words);
    for (const auto& word : words)
      if (const auto id = view.find_term(word.term); id != chunk::no_term) ++weight[id];
    std::vector<std::pair<double, std::string>> ranked;
    for (const auto ref : refs) {
      const auto passage = view.chunk(ref);
      const double norm = k1 * (1 - b + b * passage.length / (tokens / n));
      double sum = 0;
      for (const auto& [id, tf] : passage.terms)
        if (const auto asks = weight.find(id); asks != weight.end())
          sum += asks->second * std::log1p((n - holding[id] + 0.5) / (holding[id] + 0.5)) *
                 (k1 + 1) * tf / (tf + norm);
      if (sum > 0) ranked.emplace_back(-sum, passage.document->id);
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<std::string> ids;
    for (const auto& [score, id] : ranked) {
      if (ids.size() == 10) break;
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
    }
    score(ids, asked.gold, figures);
  }
  return figures;
}

nlohmann::json to_json(const Figures& f) {
  const auto n = static_cast<double>(std::max<std::size_t>(f.queries, 1));
  return {{"queries", f.queries},
          {"recall@2", f.recall2 / n},
          {"recall@5", f.recall5 / n},
          {"recall@10", f.recall10 / n},
          {"all@5", f.all5 / n},
          {"ndcg@10", f.ndcg10 / n},
          {"mrr", f.mrr / n},
          {"query_us", f.micros / n},
          {"answered", f.answered / static_cast<double>(std::max<std::size_t>(f.answerable, 1))}};
}

void print(const char* mode, const nlohmann::json& f) {
  std::printf("  %-10s recall@2 %.3f  @5 %.3f  @10 %.3f  all@5 %.3f  ndcg@10 %.3f  mrr %.3f  "
              "answered %.3f  %6.0f us/query\n",
              mode, f["recall@2"].get<double>(), f["recall@5"].get<double>(),
              f["recall@10"].get<double>(), f["all@5"].get<double>(), f["ndcg@10"].get<double>(),
              f["mrr"].get<double>(), f["answered"].get<double>(), f["query_us"].get<double>());
}

void evaluate(const std::string& folder, const Options& options) {
  Corpus corpus;
  corpus.index = chunk::CollectionIndex::make("eval", options.shards);
  load(folder + "/corpus.jsonl", "", options, corpus);
  for (const auto& path : options.extra) load(path, path + ":", options, corpus);
  std::vector<Asked> all;
  for (const auto& line : read_lines(folder + "/queries.jsonl")) {
    Asked asked{line.at("question").get<std::string>(), {}, {}};
    if (line.contains("answer") && line["answer"].is_string())
      asked.answer = folded(line["answer"]);
    if (asked.answer == "yes" || asked.answer == "no") asked.answer.clear();
    for (const auto& gold : line.at("gold_ids")) asked.gold.insert(text_of(gold));
    all.push_back(std::move(asked));
  }
  const auto passages = static_cast<double>(corpus.passages);
  nlohmann::json out{{"folder", folder},
                     {"passages", corpus.passages},
                     {"chunks", corpus.chunks},
                     {"analyse_us", corpus.analyse_micros / passages},
                     {"index_us", corpus.index_micros / passages}};
  ask(*corpus.index, all, query::Mode::hybrid); // warm
  out["exhaustive"] = to_json(ask_exhaustively(*corpus.index, all));
  out["keyword"] = to_json(ask(*corpus.index, all, query::Mode::keyword));
  out["local"] = to_json(ask(*corpus.index, all, query::Mode::local));
  out["hybrid"] = to_json(ask(*corpus.index, all, query::Mode::hybrid));
  if (options.json) {
    std::cout << out.dump() << "\n";
    return;
  }
  std::printf("%s: %zu passages, %zu chunks, %u shards, %zu questions; analyse %.1f us, index %.1f "
              "us per passage\n",
              folder.c_str(), corpus.passages, corpus.chunks, options.shards, all.size(),
              out["analyse_us"].get<double>(), out["index_us"].get<double>());
  for (const char* mode : {"exhaustive", "keyword", "local", "hybrid"}) print(mode, out[mode]);
}

} // namespace

int main(int argc, char** argv) try {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool more = i + 1 < argc;
    if (argument == "--shards" && more)
      options.shards = static_cast<std::uint32_t>(std::stoul(argv[++i]));
    else if (argument == "--with" && more)
      options.extra.emplace_back(argv[++i]);
    else if (argument == "--untitled")
      options.untitled = true;
    else if (argument == "--json")
      options.json = true;
    else
      options.folders.push_back(argument);
  }
  if (options.folders.empty()) {
    std::fprintf(
        stderr,
        "usage: offline_eval DIR... [--shards N] [--untitled] [--with FILE.jsonl] [--json]\n");
    return 2;
  }
  for (const auto& folder : options.folders) evaluate(folder, options);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "offline_eval: %s\n", error.what());
  return 2;
}
