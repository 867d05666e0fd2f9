#pragma once
// Documents made by hand, and a plain model of the index that is searched exhaustively.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "actors/chunk/index.hpp"

namespace graphrag::chunk::testing {

inline std::uint64_t key_of(const std::string& name) { return std::hash<std::string>{}(name); }

// One chunk per text; words are what stands between blanks. A word with a capital is a mention.
inline std::shared_ptr<LiveDocument>
make_document(std::string id, const std::vector<std::string>& texts, std::string metadata = "{}") {
  auto out = std::make_shared<LiveDocument>();
  out->id = std::move(id);
  out->metadata = std::move(metadata);
  for (const auto& text : texts) {
    AnalysedChunk chunk;
    chunk.index = static_cast<std::uint32_t>(out->analysis.chunks.size());
    chunk.start_byte = static_cast<std::uint32_t>(out->text.size());
    out->text += text + "\n";
    chunk.end_byte = chunk.start_byte + static_cast<std::uint32_t>(text.size());
    std::map<std::string, std::uint32_t> counts;
    std::istringstream words{text};
    for (std::string word; words >> word; ++chunk.length) {
      ++counts[word];
      if (word[0] >= 'A' && word[0] <= 'Z') chunk.mentions.push_back({key_of(word), word, {}, 0});
    }
    for (const auto& [word, count] : counts) chunk.terms.push_back({word, count});
    out->chunk_ids.push_back(out->id + "#" + std::to_string(chunk.index));
    out->analysis.chunks.push_back(std::move(chunk));
  }
  return out;
}

struct Scored { // comparable between indexes of different shape
  std::string document;
  std::uint32_t index = 0;
  float score = 0;
  friend bool operator==(const Scored&, const Scored&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Scored& s) {
    return out << s.document << "#" << s.index << "=" << s.score;
  }
};

inline std::vector<Scored> readable(const ReadView& view, const std::vector<ScoredChunk>& found) {
  std::vector<Scored> out;
  for (const auto& item : found) {
    auto chunk = view.chunk(item.ref);
    out.push_back({chunk.document->id, chunk.chunk->index, item.score});
  }
  return out;
}

using Query = std::vector<std::pair<std::string, float>>; // words and weights

inline std::vector<QueryTerm> query_terms(const ReadView& view, const Query& query) {
  std::vector<QueryTerm> out;
  for (const auto& [word, weight] : query) out.push_back({view.find_term(word), weight});
  return out;
}

// What should be searchable, kept as plain documents.
struct Model {
  std::map<std::string, std::shared_ptr<LiveDocument>> documents;

  std::uint64_t chunks() const {
    std::uint64_t count = 0;
    for (const auto& [id, document] : documents) count += document->analysis.chunks.size();
    return count;
  }
  std::uint64_t tokens() const {
    std::uint64_t count = 0;
    for (const auto& [id, document] : documents)
      for (const auto& chunk : document->analysis.chunks) count += chunk.length;
    return count;
  }
  static std::uint32_t tf(const AnalysedChunk& chunk, const std::string& word) {
    for (const auto& term : chunk.terms)
      if (term.term == word) return term.count;
    return 0;
  }
  std::uint64_t frequency(const std::string& word) const {
    std::uint64_t count = 0;
    for (const auto& [id, document] : documents)
      for (const auto& chunk : document->analysis.chunks) count += tf(chunk, word) > 0 ? 1 : 0;
    return count;
  }

  // BM25 written out, every chunk scored.
  template <class Passes>
  std::vector<Scored> top_k(const Query& query, std::size_t k, Passes&& passes) const {
    const float k1 = 1.2F, b = 0.75F;
    auto n = static_cast<double>(chunks());
    float average = n > 0 ? static_cast<float>(static_cast<double>(tokens()) / n) : 0;
    std::vector<float> factors;
    for (const auto& [word, weight] : query) {
      auto df = static_cast<double>(frequency(word));
      factors.push_back(weight * static_cast<float>(std::log1p((n - df + 0.5) / (df + 0.5))) *
                        (k1 + 1));
    }
    std::vector<Scored> out;
    for (const auto& [id, document] : documents) {
      if (!passes(*document)) continue;
      for (const auto& chunk : document->analysis.chunks) {
        float norm = k1 * (1 - b) +
                     k1 * b / std::max(average, 1.0F) * static_cast<float>(chunk.length),
              sum = 0;
        for (std::size_t i = 0; i < query.size(); ++i)
          if (auto count = static_cast<float>(tf(chunk, query[i].first));
              count > 0 && query[i].second > 0)
            sum += factors[i] * (count / (count + norm));
        if (sum > 0) out.push_back({id, chunk.index, sum});
      }
    }
    std::sort(out.begin(), out.end(), [](const Scored& a, const Scored& b2) {
      return std::tie(b2.score, a.document, a.index) < std::tie(a.score, b2.document, b2.index);
    });
    if (out.size() > k) out.resize(k);
    return out;
  }
  std::vector<Scored> top_k(const Query& query, std::size_t k) const {
    return top_k(query, k, [](const LiveDocument&) { return true; });
  }
};

// A collection and its model, changed together.
class Corpus {
public:
  explicit Corpus(std::uint32_t shards) : index{CollectionIndex::make("test", shards)} {}

  void put(const std::shared_ptr<LiveDocument>& document) {
    model.documents[document->id] = document;
    change({document->id, document});
  }
  void remove(const std::string& id) {
    model.documents.erase(id);
    change({id, nullptr});
  }

  std::shared_ptr<CollectionIndex> index;
  Model model;

private:
  void change(const DocumentChange& change) {
    index->apply(index->shard_of(change.id), ++seq_, {&change, 1});
  }
  std::uint64_t seq_ = 0;
};

// Words by a steep distribution, so that some are in every chunk and most in a few.
class Words {
public:
  explicit Words(std::uint32_t seed) : random_{seed} {}

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  std::string word() {
    double uniform = std::uniform_real_distribution<>{}(random_);
    return "w" + std::to_string(static_cast<int>(std::pow(400.0, uniform)) - 1);
  }
  std::string text(std::uint32_t most_words) {
    std::string out;
    for (auto left = 1 + below(most_words); left > 0; --left) out += word() + " ";
    return out;
  }
  std::shared_ptr<LiveDocument> document(const std::string& id) {
    std::vector<std::string> texts;
    for (auto left = 1 + below(4); left > 0; --left) texts.push_back(text(30));
    return make_document(id, texts);
  }
  Query query(std::uint32_t most_words) {
    Query out;
    std::set<std::string> seen;
    for (auto left = 1 + below(most_words); left > 0; --left)
      if (auto chosen = word(); seen.insert(chosen).second)
        out.emplace_back(chosen, 1.0F + static_cast<float>(below(3)));
    return out;
  }

private:
  std::mt19937 random_;
};

} // namespace graphrag::chunk::testing
