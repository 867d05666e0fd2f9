// Communities of the entities of passages: sizes, modularity and CPU time, fresh and kept up to
// date.
//
//   communities_bench FILE.jsonl... [--seed N] [--share 0.1] [--stream] [--edges OUT]
//
// Loads all passages and rebuilds; then deletes and inserts a share of them in random order with an
// update after each. --stream starts from nothing instead and updates after every passage. --edges
// writes the graph as "a b weight" lines, for other programs; its last line of output is our
// modularity of that very graph.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/chunk/analyse.hpp"
#include "actors/entity/communities/communities.hpp"
#include "actors/entity/names.hpp"

namespace {

using namespace graphrag;
using Document = std::vector<entity::ChunkContribution>;

struct Options {
  std::vector<std::string> files;
  std::string edges;
  std::uint64_t seed = 1;
  double share = 0.1;
  bool stream = false;
};

// CPU time of this thread in microseconds: what the work costs, also on a busy machine.
double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// Names stand for entities here: what aliases join is left apart.
Document read(const nlohmann::json& passage) {
  document::ParsedDocument parsed;
  parsed.text = passage.at("text").get<std::string>();
  Document result;
  for (const auto& chunk : chunk::analyse(parsed, passage.value("title", "")).chunks) {
    entity::ChunkContribution contribution;
    std::unordered_set<std::uint64_t> seen;
    for (const auto& mention : chunk.mentions)
      if (!mention.normal.empty() && seen.insert(mention.key).second)
        contribution.keys.push_back(mention.key);
    for (const auto& relation : chunk.relations)
      contribution.relations.emplace_back(entity::name_key(relation.subject),
                                          entity::name_key(relation.object));
    result.push_back(std::move(contribution));
  }
  return result;
}

std::vector<Document> read_all(const std::vector<std::string>& files) {
  std::vector<Document> documents;
  for (const auto& file : files) {
    std::ifstream in{file};
    if (!in) throw std::runtime_error("cannot read " + file);
    for (std::string line; std::getline(in, line);)
      if (!line.empty()) documents.push_back(read(nlohmann::json::parse(line)));
  }
  return documents;
}

void add(entity::Communities& all, const Document& document) {
  for (const auto& chunk : document) all.add(chunk);
}

void retract(entity::Communities& all, const Document& document) {
  for (const auto& chunk : document) all.retract(chunk);
}

// Modularity of a fresh run over the same evidence, and its time.
void compare(const char* when, const entity::Communities& all,
             const std::vector<const Document*>& live) {
  entity::Communities fresh;
  for (const auto* document : live) add(fresh, *document);
  const double start = now();
  fresh.rebuild();
  const double millis = (now() - start) / 1e3;
  std::printf("%s: modularity %.5f, fresh %.5f, ratio %.4f; fresh rebuild %.0f ms\n", when,
              all.modularity(), fresh.modularity(), all.modularity() / fresh.modularity(), millis);
}

struct Updates {
  std::vector<double> micros, visited;
  std::size_t rebuilds = 0, resettled = 0, split = 0, merged = 0, moved = 0;

  void run(entity::Communities& all, double start) {
    const auto stats = all.update();
    micros.push_back((now() - start));
    visited.push_back(static_cast<double>(stats.visited));
    resettled += stats.resettled;
    split += stats.split;
    merged += stats.merged;
    moved += stats.moved;
    if (!stats.rebuild_due) return;
    all.rebuild();
    ++rebuilds;
  }
  void print() {
    const auto at = [](std::vector<double>& all, double share) {
      std::sort(all.begin(), all.end());
      return all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
    };
    std::printf("%zu updates (with the change of the graph): median %.0f us, p90 %.0f us, p99 %.0f "
                "us, most %.0f us; visited median %.0f, p99 %.0f, most %.0f nodes\n",
                micros.size(), at(micros, 0.5), at(micros, 0.9), at(micros, 0.99), at(micros, 1),
                at(visited, 0.5), at(visited, 0.99), at(visited, 1));
    std::printf("moved %zu, merged %zu, split %zu, resettled %zu, rebuilds asked for %zu\n", moved,
                merged, split, resettled, rebuilds);
  }
};

void print(const entity::Communities& all) {
  std::printf("%zu nodes, %zu edges, %.1f MB\n", all.graph().nodes(), all.graph().edges(),
              static_cast<double>(all.bytes()) / 1e6);
  for (std::uint32_t level = all.levels(); level-- > 0;) {
    const auto large = all.list(level, 3);
    std::printf("level %u: %zu communities, %zu of 3 entities or more, largest %zu\n", level,
                all.count(level), large.size(),
                large.empty() ? 0 : all.find(large.front())->members.size());
  }
}

void write_edges(const entity::Communities& all, const std::string& path) {
  std::ofstream out{path};
  const auto& graph = all.graph();
  for (entity::CommunityGraph::Node node = 0; node < graph.places(); ++node)
    for (const auto& edge : graph.neighbours(node))
      if (node < edge.to) out << node << ' ' << edge.to << ' ' << edge.weight << '\n';
}

void run(const Options& options) {
  const auto documents = read_all(options.files);
  std::mt19937_64 random{options.seed};
  std::vector<const Document*> live;
  for (const auto& document : documents) live.push_back(&document);
  std::shuffle(live.begin(), live.end(), random);
  entity::Communities all;
  Updates updates;
  if (options.stream) {
    for (const auto* document : live) {
      const double start = now();
      add(all, *document);
      updates.run(all, start);
    }
    updates.print();
    print(all);
    compare("streamed", all, live);
    return;
  }
  double start = now();
  for (const auto* document : live) add(all, *document);
  const double load = (now() - start) / 1e3;
  start = now();
  all.rebuild();
  std::printf("%zu passages: graph %.0f ms, rebuild %.0f ms\n", documents.size(), load,
              (now() - start) / 1e3);
  print(all);
  if (!options.edges.empty()) {
    write_edges(all, options.edges);
    std::printf("modularity %.5f\n", all.modularity());
    return;
  }
  const auto count =
      static_cast<std::size_t>(options.share * static_cast<double>(documents.size()));
  std::vector<const Document*> away(live.end() - static_cast<std::ptrdiff_t>(count), live.end());
  live.resize(live.size() - count);
  for (const auto* document : away) {
    start = now();
    retract(all, *document);
    updates.run(all, start);
  }
  compare("after deletes", all, live);
  std::shuffle(away.begin(), away.end(), random);
  for (const auto* document : away) {
    start = now();
    add(all, *document);
    updates.run(all, start);
    live.push_back(document);
  }
  compare("after inserts", all, live);
  updates.print();
}

} // namespace

int main(int argc, char** argv) try {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool more = i + 1 < argc;
    if (argument == "--seed" && more)
      options.seed = std::stoull(argv[++i]);
    else if (argument == "--share" && more)
      options.share = std::stod(argv[++i]);
    else if (argument == "--edges" && more)
      options.edges = argv[++i];
    else if (argument == "--stream")
      options.stream = true;
    else
      options.files.push_back(argument);
  }
  if (options.files.empty() || options.share <= 0 || options.share >= 1) {
    std::fprintf(stderr, "usage: communities_bench FILE.jsonl... [--seed N] [--share 0.1] "
                         "[--stream] [--edges OUT]\n");
    return 2;
  }
  run(options);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "communities_bench: %s\n", error.what());
  return 2;
}
