#pragma once
// A collection twice: all of it in one index, and its shards spread over nodes with indexes of
// their own, whose ids of words and names differ.
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "actors/chunk/analyse.hpp"
#include "actors/query/parts/part_sessions.hpp"
#include "actors/query/parts/parts_view.hpp"
#include "actors/query/query.hpp"
#include "tests/unit/query/collection.hpp"

namespace graphrag::query::parts {

// What a fault makes of an answer; a round counts from 1.
using Fault = std::function<runtime::Result<std::string>(std::size_t round, std::size_t part,
                                                         runtime::Result<std::string> answer)>;

// Parts in this process.
class MemoryPort final : public PartPort {
public:
  std::vector<std::shared_ptr<PartSessions>> nodes;
  Fault fault;
  std::function<void(std::size_t round)> before; // a round
  std::size_t rounds = 0, bytes = 0;

  std::vector<runtime::Result<std::string>> ask(std::span<const std::string> requests,
                                                runtime::SteadyTime) override {
    ++rounds;
    if (before) before(rounds);
    std::vector<runtime::Result<std::string>> out;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (requests[i].empty()) {
        out.push_back(runtime::fail(runtime::Errc::lost, "not asked"));
        continue;
      }
      runtime::Result<std::string> answer = nodes[i]->serve(requests[i]);
      if (fault) answer = fault(rounds, i, std::move(answer));
      if (answer) bytes += answer->size();
      out.push_back(std::move(answer));
    }
    return out;
  }
  void tell(std::span<const std::string> requests) noexcept override {
    for (std::size_t i = 0; i < requests.size(); ++i)
      if (!requests[i].empty()) nodes[i]->serve(requests[i]);
  }
};

struct Asked {
  QueryResult result;
  std::optional<runtime::Error> broken;
  std::optional<std::size_t> broken_part;
  std::size_t rounds = 0;
};

class SpreadCollection {
public:
  // `nodes` are the shards of each.
  SpreadCollection(std::uint32_t shards, std::vector<std::vector<std::uint32_t>> nodes)
      : whole(chunk::CollectionIndex::make("c", shards)), nodes_(std::move(nodes)) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      indexes.push_back(chunk::CollectionIndex::make("c", shards));
      port.nodes.push_back(std::make_shared<PartSessions>(
          [index = indexes.back()](const std::string& name) {
            return name == "c" ? index : nullptr;
          },
          clock));
    }
  }

  void add(const std::string& id, const std::string& title, const std::string& text,
           std::vector<float> vector = {}, const std::string& metadata = "{}") {
    auto made = live_document(id, title, text, std::move(vector), metadata);
    chunks[id] = static_cast<std::uint32_t>(made->analysis.chunks.size());
    apply({id, std::move(made)});
  }
  void remove(const std::string& id) { apply({id, nullptr}); }
  // Encoder "m" made these vectors, one for each of the document's chunks.
  void encode(const std::string& id, std::uint32_t dimension, std::vector<float> floats) {
    apply({id, nullptr,
           std::make_shared<runtime::ChunkVectors>(
               runtime::ChunkVectors{"m", dimension, std::move(floats)})});
  }

  Spread spread() const {
    Spread out{"c", 0, {}};
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      out.parts.push_back({"n" + std::to_string(i), nodes_[i]});
    return out;
  }
  runtime::SteadyTime deadline() const { return clock->now() + std::chrono::seconds(10); }

  QueryResult ask_whole(const Question& question) const { return run(whole->view(), question); }
  Asked ask_parts(const Question& question) {
    port.rounds = 0;
    PartsView view{port, *clock, spread(), deadline()};
    Asked out;
    out.result = run(view, question);
    if (view.broken() != nullptr) out.broken = *view.broken();
    out.broken_part = view.broken_part();
    out.rounds = view.rounds();
    EXPECT_EQ(out.rounds, port.rounds);
    return out;
  }

  std::shared_ptr<chunk::CollectionIndex> whole;
  std::vector<std::shared_ptr<chunk::CollectionIndex>> indexes;
  std::shared_ptr<runtime::ManualClock> clock = std::make_shared<runtime::ManualClock>();
  MemoryPort port;
  std::map<std::string, std::uint32_t> chunks; // of each document

private:
  void apply(const chunk::DocumentChange& change) {
    const auto shard = whole->shard_of(change.id);
    ++seq_;
    const std::vector<chunk::DocumentChange> one{change};
    whole->apply(shard, seq_, one);
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      for (const auto held : nodes_[i])
        if (held == shard) indexes[i]->apply(shard, seq_, one);
  }

  std::vector<std::vector<std::uint32_t>> nodes_;
  std::uint64_t seq_ = 0;
};

inline void expect_equal(const QueryResult& parts, const QueryResult& whole) {
  ASSERT_EQ(parts.hits.size(), whole.hits.size());
  for (std::size_t i = 0; i < whole.hits.size(); ++i) {
    const auto &a = parts.hits[i], &b = whole.hits[i];
    EXPECT_EQ(a.document_id, b.document_id) << i;
    EXPECT_EQ(a.chunk_id, b.chunk_id) << i;
    EXPECT_EQ(a.title, b.title);
    EXPECT_EQ(a.text, b.text);
    EXPECT_EQ(a.section, b.section);
    EXPECT_EQ(a.metadata, b.metadata);
    EXPECT_EQ(a.score, b.score) << i; // to the last bit
    EXPECT_EQ(a.page, b.page);
    EXPECT_EQ(a.start, b.start);
    EXPECT_EQ(a.end, b.end);
    EXPECT_EQ(a.ref, b.ref);
    ASSERT_EQ(a.signals.has_value(), b.signals.has_value());
    if (!a.signals) continue;
    EXPECT_EQ(a.signals->keyword, b.signals->keyword);
    EXPECT_EQ(a.signals->vector, b.signals->vector);
    EXPECT_EQ(a.signals->link, b.signals->link);
    EXPECT_EQ(a.signals->name, b.signals->name);
    EXPECT_EQ(a.signals->via, b.signals->via);
  }
  EXPECT_EQ(parts.answer.text, whole.answer.text);
  ASSERT_EQ(parts.answer.citations.size(), whole.answer.citations.size());
  for (std::size_t i = 0; i < whole.answer.citations.size(); ++i) {
    const auto &a = parts.answer.citations[i], &b = whole.answer.citations[i];
    EXPECT_EQ(a.document_id, b.document_id);
    EXPECT_EQ(a.title, b.title);
    EXPECT_EQ(a.section, b.section);
    EXPECT_EQ(a.page, b.page);
    EXPECT_EQ(a.start, b.start);
    EXPECT_EQ(a.end, b.end);
    EXPECT_EQ(a.text, b.text);
  }
  ASSERT_EQ(parts.entities.size(), whole.entities.size());
  for (std::size_t i = 0; i < whole.entities.size(); ++i) {
    EXPECT_EQ(parts.entities[i].id, whole.entities[i].id);
    EXPECT_EQ(parts.entities[i].name, whole.entities[i].name);
    EXPECT_EQ(parts.entities[i].kind, whole.entities[i].kind);
  }
  EXPECT_EQ(parts.partial, whole.partial);
  EXPECT_EQ(parts.missing, whole.missing);
}

// Random documents about people, films and towns that name each other, in English and Chinese.
class World {
public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }
  float number() { return static_cast<float>(below(2001)) / 1000 - 1; }

  std::string person() {
    static const std::vector<std::string> first{"Anna", "Boris", "Clara", "Derek", "Edith"};
    static const std::vector<std::string> last{"Moor", "Stone", "Lee", "Grant", "Marsh", "Velde"};
    return first[below(first.size())] + " " + last[below(last.size())];
  }
  std::string film() {
    static const std::vector<std::string> words{"Quiet",  "River", "Return",
                                                "Silver", "Fog",   "Hill"};
    return "The " + words[below(words.size())] + " " + words[below(words.size())];
  }
  std::string town() {
    static const std::vector<std::string> names{"Harwick", "Oldport", "Lindau", "Northam", "Paris"};
    return names[below(names.size())];
  }
  std::string han() {
    static const std::vector<std::string> names{"林远舟", "周映雪", "云岭县", "松江镇", "何守正"};
    return names[below(names.size())];
  }
  std::string title() {
    switch (below(4)) {
    case 0:
      return film();
    case 1:
      return town();
    case 2:
      return han();
    default:
      return person();
    }
  }
  std::string sentence() {
    switch (below(9)) {
    case 0:
      return film() + " is a film directed by " + person() + ". ";
    case 1:
      return person() + " was born in " + town() + " in " + std::to_string(1800 + below(200)) +
             ". ";
    case 2:
      return person() + " was the daughter of " + person() + " and " + person() + ". ";
    case 3:
      return town() + " is a town with a church where people of all ages live. ";
    case 4:
      return han() + "出生在" + han() + "，后来在宁海光学厂工作。";
    case 5:
      return "The composer of " + film() + " was " + person() + ", who died in " + town() + ". ";
    case 6:
      return person() + " married the director " + person() + " near " + town() + ". ";
    case 7:
      return "Nothing is known of the weather on that day. ";
    default:
      return han() + "是一位工程师，设计了望远镜。";
    }
  }
  std::string text(const std::string& title) {
    std::string out = title + (title[0] < 0 ? "是" : " is known for this: ");
    for (std::size_t i = 0, count = below(12) == 0 ? 60 : 2 + below(5); i < count; ++i)
      out += sentence();
    return out;
  }
  std::string question() {
    switch (below(10)) {
    case 0:
      return "Where was the director of " + film() + " born?";
    case 1:
      return "Who is the mother of " + person() + "?";
    case 2:
      return "when did the composer of the film " + film() + " die";
    case 3:
      return "Which is older, " + film() + " or " + film() + "?";
    case 4:
      return han() + "出生在哪里？";
    case 5:
      return "谁设计了望远镜？" + han() + "的" + han();
    case 6:
      return "people of all ages in " + town();
    case 7:
      return person() + "'s husband and " + town() + "'s church";
    case 8:
      return "zzz unheard words";
    default:
      return person() + " " + town() + " " + han();
    }
  }
  std::vector<float> vector(std::uint32_t size) {
    std::vector<float> out;
    for (std::uint32_t i = 0; i < size; ++i) out.push_back(number());
    return out;
  }

  void fill(SpreadCollection& collection, std::size_t changes, std::size_t ids) {
    for (std::size_t i = 0; i < changes; ++i) {
      const auto id = "d" + std::to_string(below(ids));
      if (below(6) == 0) {
        collection.remove(id);
        collection.chunks.erase(id);
        continue;
      }
      const auto name = title();
      const auto metadata = R"({"lang":")" + std::string{below(2) == 0 ? "en" : "zh"} +
                            R"(","year":)" + std::to_string(1990 + below(20)) + "}";
      collection.add(id, name, text(name), below(3) == 0 ? vector(4) : std::vector<float>{},
                     metadata);
      if (below(3) != 0) encode(collection, id);
    }
  }
  void encode(SpreadCollection& collection, const std::string& id) {
    std::vector<float> floats;
    for (std::uint32_t i = 0; i < collection.chunks[id]; ++i) {
      auto one = vector(8);
      float squares = 0;
      for (const auto x : one) squares += x * x;
      for (auto& x : one) x /= std::sqrt(squares);
      floats.insert(floats.end(), one.begin(), one.end());
    }
    collection.encode(id, 8, std::move(floats));
  }

private:
  std::mt19937_64 random_;
};

// Shards dealt out to nodes, by seed.
inline std::vector<std::vector<std::uint32_t>> deal(std::uint32_t shards, std::size_t nodes,
                                                    World& world) {
  std::vector<std::vector<std::uint32_t>> out(nodes);
  for (std::uint32_t i = 0; i < shards; ++i) out[world.below(nodes)].push_back(i);
  return out;
}

} // namespace graphrag::query::parts
