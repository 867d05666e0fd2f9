// How well names and relations are found, against sentences marked by hand.
//
//   names_eval [--names FILE.conll.txt]... [--relations FILE.txt]... [--errors]
//
// Names: untyped spans, exactly as marked. Only whole names count (mentions with a normal form);
// what a passage repeats is kept once there, so every other place with the same words counts as
// found too. Relations: see relation_types.hpp; end to end, over our own names. An argument is
// right when its last token is the marked one's, since the set ties its relations to last tokens.
#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "actors/chunk/analyse.hpp"
#include "actors/entity/names.hpp"
#include "bench/quality/relation_types.hpp"
#include "bench/quality/score.hpp"
#include "bench/quality/tagged_text.hpp"

namespace {

using namespace graphrag;
using namespace names_eval;

struct Options {
  std::vector<std::string> names, relations;
  bool errors = false;
};

chunk::AnalysedDocument analysed(const Document& document) {
  document::ParsedDocument parsed;
  parsed.text = document.text;
  return chunk::analyse(parsed, "");
}

// The whole names of one document as token ranges, one list per sentence.
std::vector<std::vector<TokenRange>> names_of(const Document& document) {
  std::vector<std::vector<TokenRange>> out(document.sentences.size());
  for (const auto& chunk : analysed(document).chunks) {
    std::vector<chunk::Span> spans;
    for (const auto& mention : chunk.mentions)
      if (!mention.normal.empty()) spans.push_back(mention.span);
    for (auto span : repeated(document.text, chunk, std::move(spans))) {
      const auto [sentence, range] =
          tokens_at(document, {span.start + chunk.start_byte, span.end + chunk.start_byte});
      if (range.end > range.first) out[sentence].push_back(range);
    }
  }
  for (auto& ranges : out) {
    std::sort(ranges.begin(), ranges.end());
    ranges.erase(std::unique(ranges.begin(), ranges.end()), ranges.end());
  }
  return out;
}

std::string shown(const Sentence& sentence, TokenRange range) {
  std::string out;
  for (auto i = range.first; i < range.end; ++i)
    out += (out.empty() ? "" : " ") + sentence.tokens[i];
  return out;
}

void show(const Sentence& sentence, const std::vector<TokenRange>& ours) {
  std::string wrong, missed;
  for (const auto& range : ours)
    if (std::find(sentence.names.begin(), sentence.names.end(), range) == sentence.names.end())
      wrong += " [" + shown(sentence, range) + "]";
  for (const auto& range : sentence.names)
    if (std::find(ours.begin(), ours.end(), range) == ours.end())
      missed += " [" + shown(sentence, range) + "]";
  if (wrong.empty() && missed.empty()) return;
  const auto whole = shown(sentence, {0, static_cast<std::uint32_t>(sentence.tokens.size())});
  std::printf("%s\n    wrong: %s\n    missed:%s\n", whole.c_str(), wrong.c_str(), missed.c_str());
}

void evaluate_names(const std::string& path, bool whole, bool errors) {
  std::vector<Counts> counts;
  for (const auto& document : read_column_file(path, whole)) {
    const auto ours = names_of(document);
    for (std::size_t s = 0; s < ours.size(); ++s) {
      counts.push_back(compare(document.sentences[s].names, ours[s]));
      if (errors) show(document.sentences[s], ours[s]);
    }
  }
  print(whole ? "names, by document" : "names, by sentence", counts);
}

void show(const Document& document, const std::vector<GoldRelation>& ours,
          const chunk::AnalysedChunk& chunk) {
  const auto& sentence = document.sentences.front();
  auto line = [&](const char* what, const GoldRelation& r) {
    std::printf("    %s %s: %s -> %s\n", what, r.type.c_str(), sentence.tokens[r.subject].c_str(),
                sentence.tokens[r.object].c_str());
  };
  std::printf("%s\n", document.text.c_str());
  for (const auto& r : ours)
    line(std::binary_search(sentence.relations.begin(), sentence.relations.end(), r) ? "right"
                                                                                     : "wrong",
         r);
  for (const auto& r : sentence.relations)
    if (!std::binary_search(ours.begin(), ours.end(), r)) line("missed", r);
  for (const auto& r : chunk.relations)
    std::printf("        %s | %s | %s\n", r.subject.c_str(), r.predicate.c_str(), r.object.c_str());
}

void evaluate_relations(const std::string& path, Matching matching, bool errors) {
  std::vector<Counts> all;
  std::vector<std::vector<Counts>> by_type(relation_types.size());
  for (const auto& document : read_relation_file(path)) {
    const auto result = analysed(document);
    const auto& gold = document.sentences.front().relations;
    std::vector<GoldRelation> ours;
    for (const auto& chunk : result.chunks) typed_relations(document, chunk, matching, ours);
    std::sort(ours.begin(), ours.end());
    ours.erase(std::unique(ours.begin(), ours.end()), ours.end());
    all.push_back(compare(gold, ours));
    for (std::size_t t = 0; t < relation_types.size(); ++t) {
      auto only = [&](std::vector<GoldRelation> list) {
        std::erase_if(list, [&](const auto& r) { return r.type != relation_types[t]; });
        return list;
      };
      by_type[t].push_back(compare(only(gold), only(ours)));
    }
    if (errors) show(document, ours, result.chunks.front());
  }
  static constexpr std::array titles{"relations, exact names", "relations, same last token",
                                     "relations, same name"};
  print(titles[static_cast<std::size_t>(matching)], all);
  if (matching != Matching::same_name) return;
  for (std::size_t t = 0; t < relation_types.size(); ++t)
    print(relation_types[t].data(), by_type[t]);
}

} // namespace

int main(int argc, char** argv) try {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--names" && i + 1 < argc)
      options.names.emplace_back(argv[++i]);
    else if (argument == "--relations" && i + 1 < argc)
      options.relations.emplace_back(argv[++i]);
    else if (argument == "--errors")
      options.errors = true;
    else
      throw std::runtime_error("usage: names_eval [--names FILE]... [--relations FILE]... "
                               "[--errors]");
  }
  for (const auto& path : options.names) {
    std::printf("%s\n", path.c_str());
    evaluate_names(path, false, false);
    evaluate_names(path, true, options.errors);
  }
  for (const auto& path : options.relations) {
    std::printf("%s\n", path.c_str());
    evaluate_relations(path, Matching::exact, false);
    evaluate_relations(path, Matching::last_token, false);
    evaluate_relations(path, Matching::same_name, options.errors);
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "names_eval: %s\n", error.what());
  return 2;
}
