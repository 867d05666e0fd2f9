// Entities with several names, to be read by somebody: how often is one of the names somebody
// else's?
//
//   entity_sample FILE.jsonl... [--names 3] [--count 100] [--seed 1] [--untitled] [--senses]
//
// Every line of a file is a document ({id, title, text}). Prints `count` entities that carry at
// least `names` names, drawn by the seed: each name with how often it is mentioned, what joins it
// to which other name, and a place where a text writes it. --senses prints instead the names that
// stand for several things, with what is said of each.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/chunk/analyse.hpp"
#include "actors/entity/directory.hpp"

namespace {

using namespace graphrag;

struct Options {
  std::vector<std::string> files;
  std::size_t names = 3, count = 100;
  unsigned seed = 1;
  bool untitled = false, senses = false;
};

constexpr std::size_t context_bytes = 90;

std::string on_one_line(std::string_view text) {
  std::string out{text};
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return out;
}

std::string around(std::string_view text, chunk::Span span) {
  const auto from = span.start > context_bytes ? span.start - context_bytes : 0;
  const auto name = std::string{text.substr(span.start, span.end - span.start)};
  return on_one_line(std::string{text.substr(from, span.start - from)} + "[" + name + "]" +
                     std::string{text.substr(span.end, context_bytes)});
}

class Sampler {
public:
  explicit Sampler(const Options& options) : options_(options) {
    for (const auto& path : options.files) {
      std::ifstream in{path};
      if (!in) throw std::runtime_error("cannot read " + path);
      for (std::string line; std::getline(in, line);)
        if (!line.empty()) add(nlohmann::json::parse(line));
    }
  }

  void print_senses() {
    auto all = entities(
        [](const entity::Entity& e) { return !e.senses.empty() && e.normal.ends_with(')'); });
    std::printf("%zu names in %.2f s, %zu senses\n", names_.names(), seconds_, all.size());
    std::shuffle(all.begin(), all.end(), std::mt19937{options_.seed});
    for (std::size_t i = 0; i < std::min(options_.count, all.size()); ++i) {
      std::printf("\n%zu. %s: %s  [%lld mentions, %lld homes]\n", i + 1, all[i].normal.c_str(),
                  all[i].description.c_str(), static_cast<long long>(all[i].mentions),
                  static_cast<long long>(all[i].homes));
      for (const auto& other : all[i].senses)
        std::printf("   beside %s: %s\n", other.name.c_str(), other.description.c_str());
    }
  }

  void print_entities() {
    auto all = entities([&](const entity::Entity& e) { return e.keys.size() >= options_.names; });
    std::printf("%zu names in %.2f s, %zu entities with at least %zu\n", names_.names(), seconds_,
                all.size(), options_.names);
    std::shuffle(all.begin(), all.end(), std::mt19937{options_.seed});
    for (std::size_t i = 0; i < std::min(options_.count, all.size()); ++i) print(i + 1, all[i]);
  }

private:
  template <class Wanted>
  std::vector<entity::Entity> entities(Wanted wanted) const {
    std::vector<entity::Entity> all;
    for (std::string after;;) {
      auto page = names_.list("", std::nullopt, after, 1000);
      std::copy_if(std::make_move_iterator(page.items.begin()),
                   std::make_move_iterator(page.items.end()), std::back_inserter(all), wanted);
      if (page.next.empty()) return all;
      after = page.next;
    }
  }

  void add(const nlohmann::json& line) {
    auto made = std::make_shared<chunk::LiveDocument>();
    auto& document = *made;
    document.id = std::to_string(++documents_);
    if (!options_.untitled) document.title = line.value("title", "");
    document.text = line.value("text", "");
    document::ParsedDocument parsed;
    parsed.text = document.text;
    document.analysis = chunk::analyse(parsed, document.title);
    const auto begin = std::chrono::steady_clock::now();
    names_.set_document(document.id, made);
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    for (const auto& chunk : document.analysis.chunks) {
      for (const auto& mention : chunk.mentions)
        if (!mention.normal.empty())
          places_.try_emplace(mention.key, "\"" + document.title + "\" " +
                                               around(text_of(document, chunk), mention.span));
      for (const auto& alias : chunk.aliases)
        joined_.try_emplace({entity::name_key(alias.normal_b), entity::name_key(alias.normal_a)},
                            static_cast<entity::AliasRule>(alias.rule));
    }
  }

  static std::string_view text_of(const chunk::LiveDocument& document,
                                  const chunk::AnalysedChunk& chunk) {
    return std::string_view{document.text}.substr(chunk.start_byte,
                                                  chunk.end_byte - chunk.start_byte);
  }

  void print(std::size_t number, const entity::Entity& entity) {
    std::printf("\n%zu. %s (%s, %lld mentions, %lld homes)\n", number, entity.name.c_str(),
                std::string{entity::to_string(entity.kind)}.c_str(),
                static_cast<long long>(entity.mentions), static_cast<long long>(entity.homes));
    for (const auto key : entity.keys) {
      std::printf("   %s", names_.normal(key).c_str());
      for (const auto other : entity.keys) reason(key, other);
      const auto place = places_.find(key);
      if (place != places_.end()) std::printf("\n        %s", place->second.c_str());
      std::printf("\n");
    }
  }

  void reason(std::uint64_t key, std::uint64_t other) {
    static constexpr const char* rules[] = {"acronym", "also known as", "title", "surname"};
    const auto said = joined_.find({key, other});
    const char* rule =
        said != joined_.end() ? rules[static_cast<std::size_t>(said->second)]
        : key != other && names_.evidence_joins(key, other) && !joined_.contains({other, key})
            ? "form"
            : nullptr;
    if (rule != nullptr) std::printf("  <%s: %s>", rule, names_.normal(other).c_str());
  }

  const Options& options_;
  std::size_t documents_ = 0;
  double seconds_ = 0; // in the directory
  entity::NameDirectory names_;
  std::map<std::uint64_t, std::string> places_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, entity::AliasRule> joined_; // short -> long
};

} // namespace

int main(int argc, char** argv) try {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool more = i + 1 < argc;
    if (argument == "--names" && more)
      options.names = std::stoul(argv[++i]);
    else if (argument == "--count" && more)
      options.count = std::stoul(argv[++i]);
    else if (argument == "--seed" && more)
      options.seed = static_cast<unsigned>(std::stoul(argv[++i]));
    else if (argument == "--untitled")
      options.untitled = true;
    else if (argument == "--senses")
      options.senses = true;
    else
      options.files.push_back(argument);
  }
  if (options.files.empty())
    throw std::runtime_error(
        "usage: entity_sample FILE.jsonl... [--names N] [--count N] [--seed N] [--untitled] "
        "[--senses]");
  Sampler sampler{options};
  options.senses ? sampler.print_senses() : sampler.print_entities();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "entity_sample: %s\n", error.what());
  return 2;
}
