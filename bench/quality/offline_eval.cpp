// Retrieval quality and CPU time of one process without server and store: analyses a folder's
// corpus.jsonl, indexes it, asks its queries.jsonl in every mode and prints figures of merit.
//
//   offline_eval DIR... [--shards N] [--untitled] [--with FILE.jsonl] [--model DIR [--keep PREFIX]]
//                [--weight NAME=VALUE] [--questions FILE.jsonl] [--json]
//
// "answered": the gold answer stands in the answer; "silent": none was given, which --questions of
// another set should get.
// --untitled drops the titles; --with adds passages without questions as distractors; --model makes
// vectors of passages and questions by the encoder in a folder, and --keep writes those of passages
// to files named PREFIX..., from which the next run takes them; --weight changes a
// constant of ranking (weight_table.hpp).
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/quality/exhaustive.hpp"
#include "bench/quality/passage_vectors.hpp"
#include "bench/quality/question_set.hpp"
#include "bench/quality/weight_table.hpp"

namespace {

using namespace graphrag;
using query::Mode;

// Differences between modes, in pairs.
nlohmann::json gains(const quality::Figures& keyword, const quality::Figures& hybrid,
                     const quality::Figures* vector, const quality::Figures* encoder) {
  using quality::gain;
  nlohmann::json out = nlohmann::json::array();
  const auto add = [&](const char* what, const std::vector<double>& a,
                       const std::vector<double>& b) {
    auto each = gain(a, b);
    each["pair"] = what;
    out.push_back(std::move(each));
  };
  add("hybrid - keyword, ndcg@10", hybrid.each_ndcg, keyword.each_ndcg);
  add("hybrid - keyword, recall@5", hybrid.each_recall5, keyword.each_recall5);
  if (encoder == nullptr) return out;
  add("encoder - keyword, ndcg@10", encoder->each_ndcg, keyword.each_ndcg);
  add("encoder - vector, ndcg@10", encoder->each_ndcg, vector->each_ndcg);
  add("encoder - hybrid, ndcg@10", encoder->each_ndcg, hybrid.each_ndcg);
  add("encoder - hybrid, recall@5", encoder->each_recall5, hybrid.each_recall5);
  return out;
}

void evaluate(const std::string& folder, const quality::LoadOptions& options,
              const query::Weights& weights, bool json) {
  const auto set = quality::load_set(folder, options);
  const auto passages = static_cast<double>(set.passages);
  nlohmann::json out{{"folder", folder},
                     {"passages", set.passages},
                     {"chunks", set.chunks},
                     {"analyse_us", set.analyse_micros / passages},
                     {"index_us", set.index_micros / passages}};
  quality::ask(set, Mode::hybrid, false, weights); // warm
  const auto keyword = quality::ask(set, Mode::keyword, false, weights);
  const auto hybrid = quality::ask(set, Mode::hybrid, false, weights);
  out["exhaustive"] = to_json(quality::ask_exhaustively(set));
  out["keyword"] = to_json(keyword);
  out["local"] = to_json(quality::ask(set, Mode::local, false, weights));
  out["hybrid"] = to_json(hybrid);
  std::vector<const char*> modes{"exhaustive", "keyword", "local", "hybrid"};
  if (options.encoder) {
    const auto vector = quality::ask(set, Mode::vector, true, weights);
    const auto encoder = quality::ask(set, Mode::hybrid, true, weights);
    out["vector"] = to_json(vector);
    out["encoder"] = to_json(encoder);
    out["gains"] = gains(keyword, hybrid, &vector, &encoder);
    modes.insert(modes.end(), {"vector", "encoder"});
  } else {
    out["gains"] = gains(keyword, hybrid, nullptr, nullptr);
  }
  if (json) {
    std::cout << out.dump() << "\n";
    return;
  }
  std::printf("%s: %zu passages, %zu chunks, %u shards, %zu questions; analyse %.1f us, index %.1f "
              "us per passage\n",
              folder.c_str(), set.passages, set.chunks, options.shards, set.questions.size(),
              out["analyse_us"].get<double>(), out["index_us"].get<double>());
  for (const char* mode : modes) quality::print(mode, out[mode]);
  for (const auto& each : out["gains"])
    quality::print_gain(each["pair"].get<std::string>().c_str(), each);
}

} // namespace

int main(int argc, char** argv) try {
  quality::LoadOptions options;
  std::vector<std::string> folders;
  bool json = false;
  query::Weights weights;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool more = i + 1 < argc;
    if (argument == "--shards" && more)
      options.shards = static_cast<std::uint32_t>(std::stoul(argv[++i]));
    else if (argument == "--with" && more)
      options.extra.emplace_back(argv[++i]);
    else if (argument == "--model" && more)
      options.encoder = quality::load_encoder(argv[++i]);
    else if (argument == "--keep" && more)
      options.keep = argv[++i];
    else if (argument == "--weight" && more)
      quality::set_weight(argv[++i], weights);
    else if (argument == "--questions" && more)
      options.questions = argv[++i];
    else if (argument == "--untitled")
      options.untitled = true;
    else if (argument == "--json")
      json = true;
    else
      folders.push_back(argument);
  }
  if (folders.empty()) {
    std::fprintf(stderr,
                 "usage: offline_eval DIR... [--shards N] [--untitled] [--with FILE.jsonl]\n"
                 "                    [--model DIR [--keep PREFIX]] [--weight NAME=VALUE] "
                 "[--questions FILE.jsonl]\n"
                 "                    [--json]\n");
    return 2;
  }
  for (const auto& folder : folders) evaluate(folder, options, weights, json);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "offline_eval: %s\n", error.what());
  return 2;
}
