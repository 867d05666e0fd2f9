#include "actors/entity/communities/community_summary.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace graphrag::entity {
namespace {

constexpr double covered_share = 0.25; // what an entity still counts once it was mentioned
constexpr double home_factor = 2;      // a sentence that says what the entity is
constexpr double redundancy = 0.7;     // how much the words already said lower a gain

// Hashes of the words of a text: letters and digits without regard to ASCII case, sorted, distinct.
std::vector<std::uint64_t> words_of(const std::string& text) {
  constexpr std::uint64_t basis = 14695981039346656037ULL; // FNV-1a
  std::vector<std::uint64_t> words;
  std::uint64_t hash = basis;
  for (const char c : text + " ") {
    const auto byte = static_cast<unsigned char>(c);
    const auto lower = byte >= 'A' && byte <= 'Z' ? byte + 32U : byte;
    if (byte >= 0x80 || (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9')) {
      hash = (hash ^ lower) * 1099511628211ULL;
    } else if (hash != basis) {
      words.push_back(hash);
      hash = basis;
    }
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

// Shared words of all words of both.
double likeness(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  std::size_t shared = 0;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (*i == *j) ++shared;
    const bool first = *i <= *j;
    const bool second = *j <= *i;
    i += first ? 1 : 0;
    j += second ? 1 : 0;
  }
  const auto all = a.size() + b.size() - shared;
  return all == 0 ? 0 : static_cast<double>(shared) / static_cast<double>(all);
}

struct Candidate {
  const SummarySentence* sentence = nullptr;
  std::vector<std::pair<std::size_t, double>> entities; // place and factor
  std::vector<std::uint64_t> words;
  double likest = 0; // to a chosen one
};

std::vector<SummaryEntity> by_weight(std::span<const SummaryEntity> entities) {
  std::vector<SummaryEntity> sorted(entities.begin(), entities.end());
  std::sort(sorted.begin(), sorted.end(), [](const SummaryEntity& a, const SummaryEntity& b) {
    return a.weight != b.weight ? a.weight > b.weight
                                : std::tie(a.name, a.key) < std::tie(b.name, b.key);
  });
  return sorted;
}

std::vector<Candidate> candidates_of(const std::vector<SummaryEntity>& entities,
                                     std::span<const SummarySentence> sentences,
                                     const SummaryOptions& options) {
  std::unordered_map<std::uint64_t, std::size_t> places;
  for (std::size_t i = 0; i < entities.size(); ++i) places.try_emplace(entities[i].key, i);
  std::vector<Candidate> all;
  for (const auto& sentence : sentences) {
    const auto size = sentence.text.size();
    if (size < options.least_chars || size > options.most_chars) continue;
    Candidate candidate;
    candidate.sentence = &sentence;
    for (const auto& [keys, factor] :
         {std::pair{&sentence.keys, 1.0}, std::pair{&sentence.homes, home_factor}})
      for (const auto key : *keys)
        if (const auto it = places.find(key); it != places.end())
          candidate.entities.emplace_back(it->second, factor);
    if (candidate.entities.empty()) continue;
    // Each entity once, with its larger factor.
    std::sort(candidate.entities.begin(), candidate.entities.end(),
              [](const auto& a, const auto& b) {
                return a.first != b.first ? a.first < b.first : a.second > b.second;
              });
    candidate.entities.erase(
        std::unique(candidate.entities.begin(), candidate.entities.end(),
                    [](const auto& a, const auto& b) { return a.first == b.first; }),
        candidate.entities.end());
    candidate.words = words_of(sentence.text);
    all.push_back(std::move(candidate));
  }
  const auto place = [](const Candidate& c) {
    const auto& s = *c.sentence;
    return std::tie(s.document_id, s.chunk_id, s.start, s.end, s.text);
  };
  std::sort(all.begin(), all.end(),
            [&](const Candidate& a, const Candidate& b) { return place(a) < place(b); });
  return all;
}

} // namespace

CommunitySummary summarise(std::span<const SummaryEntity> entities,
                           std::span<const SummarySentence> sentences,
                           const SummaryOptions& options) {
  CommunitySummary summary;
  const auto sorted = by_weight(entities);
  for (std::size_t i = 0; i < sorted.size() && i < options.title_names; ++i)
    summary.title += (i == 0 ? "" : ", ") + sorted[i].name;
  auto candidates = candidates_of(sorted, sentences, options);
  std::vector<bool> covered(sorted.size(), false);
  std::size_t size = 0;
  while (summary.sentences.size() < options.sentences) {
    Candidate* best = nullptr;
    double best_gain = 0;
    for (auto& candidate : candidates) {
      if (candidate.likest >= 1 || size + candidate.sentence->text.size() > options.total_chars)
        continue;
      double gain = 0;
      for (const auto& [entity, factor] : candidate.entities)
        gain += sorted[entity].weight * factor * (covered[entity] ? covered_share : 1);
      gain *= candidate.sentence->quality * (1 - redundancy * candidate.likest);
      if (gain > best_gain) {
        best = &candidate;
        best_gain = gain;
      }
    }
    if (best == nullptr) break;
    summary.sentences.push_back(*best->sentence);
    size += best->sentence->text.size();
    for (const auto& [entity, factor] : best->entities) covered[entity] = true;
    const auto words = best->words;
    for (auto& candidate : candidates)
      candidate.likest = std::max(candidate.likest, likeness(words, candidate.words));
  }
  return summary;
}

} // namespace graphrag::entity
