// Composes distinct questions from passages: titles, names and phrases in templates. The same seed
// and passages give the same questions.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <unordered_set>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/load/phrases.hpp"

namespace graphrag::bench {
namespace {

struct Options {
  std::string folder, out, mode;
  std::size_t count = 60'000;
  unsigned limit = 10;
  std::uint64_t seed = 1;
};

struct Passage {
  std::string title;
  std::vector<std::string> names, phrases;
};

// "{t}" the title (or a name, where there is none), "{n}" and "{m}" names, "{p}" a phrase.
constexpr std::array templates{
    "What is known about {t}?",
    "Who was the founder of {t}?",
    "Where was {n} born?",
    "When did {n} die?",
    "How are {n} and {m} connected?",
    "What is the nationality of the director of {t}?",
    "Which place is related to both {t} and {n}?",
    "What does the text say about {p}?",
    "In which country is {n} located?",
    "Who worked with {n} on {p}?",
    "What did {n} do before {p}?",
    "Which award was given to {n}?",
    "What happened to {n} after {m}?",
    "Is {n} older than {m}?",
    "What is {t} best known for, and what is {p}?",
    "Who is the spouse of the performer of {t}?",
};

class Composer {
public:
  explicit Composer(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

  // Empty when the passage lacks what the template asks for.
  std::string compose(std::string_view pattern, const Passage& passage) {
    std::string out;
    std::size_t first_name = passage.names.empty() ? 0 : below(passage.names.size());
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] != '{') {
        out.push_back(pattern[i]);
        continue;
      }
      auto kind = pattern[i + 1];
      i += 2;
      const std::string* part = nullptr;
      if (kind == 't' && !passage.title.empty())
        part = &passage.title;
      else if (kind == 'p' && !passage.phrases.empty())
        part = &passage.phrases[below(passage.phrases.size())];
      else if (kind == 'm' && passage.names.size() > 1)
        part =
            &passage
                 .names[(first_name + 1 + below(passage.names.size() - 1)) % passage.names.size()];
      else if (kind != 'p' && kind != 'm' && !passage.names.empty())
        part = &passage.names[first_name];
      if (part == nullptr) return {};
      out += *part;
    }
    return out;
  }

private:
  std::mt19937_64 random_;
};

bool read_folder(const std::string& folder, std::vector<Passage>& passages) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::ifstream in{file};
    for (std::string line; std::getline(in, line);) {
      auto object = nlohmann::json::parse(line, nullptr, false);
      if (!object.is_object()) continue;
      auto text = object.value("text", std::string{});
      Passage passage{object.value("title", std::string{}), names_of(text), phrases_of(text)};
      std::sort(passage.names.begin(), passage.names.end());
      passage.names.erase(std::unique(passage.names.begin(), passage.names.end()),
                          passage.names.end());
      passages.push_back(std::move(passage));
    }
  }
  return !passages.empty();
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Composes questions for load_gen from passages"};
  app.add_option("FOLDER", options.folder, "Folder of *.jsonl with {title, text} lines")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--count", options.count)->capture_default_str();
  app.add_option("--seed", options.seed)->capture_default_str();
  app.add_option("--limit", options.limit, "Results to ask for")->capture_default_str();
  app.add_option("--mode", options.mode, "Mode to ask for (default: the server's)");
  app.add_option("--out", options.out, "File to write")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::vector<Passage> passages;
  if (!read_folder(options.folder, passages)) {
    std::fprintf(stderr, "no passages in %s\n", options.folder.c_str());
    return 2;
  }
  Composer composer{options.seed};
  std::ofstream out{options.out, std::ios::trunc};
  std::unordered_set<std::string> seen;
  // Enough tries that only a folder too small for the count ends early.
  for (std::size_t tries = 0; seen.size() < options.count && tries < options.count * 20; ++tries) {
    const auto& passage = passages[composer.below(passages.size())];
    auto question = composer.compose(templates[composer.below(templates.size())], passage);
    if (question.empty() || question.size() > 300 || !seen.insert(question).second) continue;
    nlohmann::ordered_json body{{"query", question}, {"limit", options.limit}};
    if (!options.mode.empty()) body["mode"] = options.mode;
    out << body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  }
  out.flush();
  if (!out) {
    std::fprintf(stderr, "%s cannot be written\n", options.out.c_str());
    return 1;
  }
  std::printf("%zu questions from %zu passages\n", seen.size(), passages.size());
  return seen.size() == options.count ? 0 : 1;
}

} // namespace
} // namespace graphrag::bench

int main(int argc, char** argv) { return graphrag::bench::run(argc, argv); }
