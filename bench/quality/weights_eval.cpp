// The constants of ranking chosen with each set of questions left out, and what the chosen value
// does on the set that had no part in the choice. Prints a Markdown table.
//
//   weights_eval [--model DIR [--keep PREFIX]] SET...
//
// A SET is a folder as for offline_eval; with ":untitled" behind it, its titles are dropped, and it
// is left out together with the folder that it comes from. One constant is moved at a time, over
// parts and multiples of its value in the code, while the others stay. The figure is nDCG@10 in
// hybrid mode, with vectors for the constants of vectors, without them for the others; the best
// mean over the sets that are not left out chooses, each set counting the same.
#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/quality/passage_vectors.hpp"
#include "bench/quality/question_set.hpp"
#include "bench/quality/weight_table.hpp"

namespace {

using namespace graphrag;

constexpr double factors[] = {1, 0, 0.25, 0.5, 0.71, 0.85, 1.19, 1.41, 2, 4};

struct Loaded {
  quality::QuestionSet set;
  std::string family; // what is left out together
};

struct Tried {
  float value = 0;
  std::vector<double> figures; // of each set
};

std::vector<Tried> try_values(const quality::NamedWeight& weight, const std::vector<Loaded>& sets) {
  std::vector<Tried> out;
  for (const auto factor : factors) {
    query::Weights weights;
    auto& value = weights.*weight.value;
    value = static_cast<float>(factor * value);
    if (weight.at_most_one && value > 1) continue;
    Tried tried{value, {}};
    for (const auto& each : sets)
      tried.figures.push_back(
          quality::ask(each.set, query::Mode::hybrid, weight.of_vectors, weights).mean_ndcg());
    out.push_back(std::move(tried));
  }
  return out;
}

// The best mean over the sets outside of `family`; of equals the first.
const Tried& choose(const std::vector<Tried>& all, const std::vector<Loaded>& sets,
                    const std::string& family) {
  const auto sum = [&](const Tried& tried) {
    double total = 0;
    for (std::size_t i = 0; i < sets.size(); ++i)
      if (sets[i].family != family) total += tried.figures[i];
    return total;
  };
  return *std::max_element(all.begin(), all.end(),
                           [&](const auto& a, const auto& b) { return sum(a) < sum(b); });
}

void print_row(const quality::NamedWeight& weight, const std::vector<Tried>& all,
               const std::vector<Loaded>& sets) {
  std::printf("| %s | %g |", weight.name, all.front().value);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const auto& chosen = choose(all, sets, sets[i].family);
    std::printf(" %.2g: %.3f (%.3f) |", chosen.value, chosen.figures[i], all.front().figures[i]);
  }
  std::printf("\n");
  std::fflush(stdout);
}

std::string last_part(const std::string& path) {
  const auto end = path.find_last_not_of('/');
  const auto slash = path.find_last_of('/', end);
  return path.substr(slash + 1, end - slash);
}

Loaded load(const std::string& written, quality::LoadOptions options) {
  constexpr std::string_view mark = ":untitled";
  options.untitled = written.ends_with(mark);
  const auto folder = options.untitled ? written.substr(0, written.size() - mark.size()) : written;
  return {quality::load_set(folder, options), folder};
}

} // namespace

int main(int argc, char** argv) try {
  quality::LoadOptions options;
  std::vector<std::string> names;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--model" && i + 1 < argc)
      options.encoder = quality::load_encoder(argv[++i]);
    else if (argument == "--keep" && i + 1 < argc)
      options.keep = argv[++i];
    else
      names.push_back(argument);
  }
  if (names.size() < 2) {
    std::fprintf(stderr, "usage: weights_eval [--model DIR [--keep PREFIX]] SET SET...\n");
    return 2;
  }
  std::vector<Loaded> sets;
  std::printf("| constant | in the code |");
  for (const auto& name : names) {
    sets.push_back(load(name, options));
    std::printf(" without %s |", last_part(name).c_str());
  }
  std::printf("\n|---|---|");
  for (std::size_t i = 0; i < sets.size(); ++i) std::printf("---|");
  std::printf("\n");
  for (const auto& weight : quality::weight_table)
    if (options.encoder || !weight.of_vectors) print_row(weight, try_values(weight, sets), sets);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "weights_eval: %s\n", error.what());
  return 2;
}
