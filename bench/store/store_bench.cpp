// Ingest and scan of the store's adapters side by side: documents of 600 bytes with one chunk of
// 1.5 KB of facts, in batches of 256, one at a time, and one at a time by eight callers at once.
// The best of `rounds` for batches, each on documents of its own.
//
//   store_bench FOLDER [POSTGRES_URL [NODES]]
//
// SQLite keeps its file in FOLDER. With a URL of an empty PostgreSQL database that is measured too;
// with NODES, that many stores then write to it at once.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "runtime/store/postgres/postgres_store.hpp"
#include "runtime/store/store.hpp"

namespace {

using namespace graphrag::runtime;

constexpr int documents = 1000, batch = 256, rounds = 5, callers = 8;

double seconds_of(const std::function<void()>& work) {
  auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

CommitOp document(const std::string& id) {
  CommitOp op;
  op.input.key = {"default", id};
  op.input.title = "Title of " + id;
  op.input.content_hash = std::string(56, 'f') + id;
  op.text = std::string(600, 't');
  op.input.bytes = op.text.size();
  op.analysis_version = 1;
  ChunkRecord chunk{chunk_id(op.input.key, op.input.content_hash, 0), 0, 0, 600, {}};
  for (unsigned i = 0, x = static_cast<unsigned>(std::hash<std::string>{}(id)); i < 1500; ++i)
    chunk.facts.push_back(static_cast<char>((x = x * 1103515245 + 12345) >> 16));
  op.chunks.push_back(std::move(chunk));
  return op;
}

void ingest(Store& store, const std::string& prefix, int size, int count = documents) {
  for (int first = 0; first < count; first += size) {
    std::vector<WriteOp> ops;
    for (int i = first; i < std::min(count, first + size); ++i)
      ops.push_back(document(prefix + std::to_string(i)));
    auto summary = store.write(ops);
    if (summary) continue;
    std::fprintf(stderr, "%s\n", summary.error().detail.c_str());
    std::exit(1);
  }
}

void measure(const char* name, Store& store) {
  double best = 1e9, single = 0;
  for (int round = 0; round < rounds; ++round) {
    auto prefix = "r" + std::to_string(round) + "-";
    best = std::min(best, seconds_of([&] { ingest(store, prefix, batch); }));
  }
  single = seconds_of([&] { ingest(store, "single-", 1); });
  auto together = seconds_of([&] {
    std::vector<std::jthread> threads;
    for (int caller = 0; caller < callers; ++caller)
      threads.emplace_back([&, caller] {
        ingest(store, "caller" + std::to_string(caller) + "-", 1, documents / callers);
      });
  });
  std::size_t found = 0;
  auto scan = seconds_of([&] {
    (void)store.scan_live([&](DocumentContent&&) {
      ++found;
      return true;
    });
  });
  auto read = seconds_of([&] {
    for (int i = 0; i < documents; ++i) (void)store.content({"default", "r0-" + std::to_string(i)});
  });
  std::printf(
      "%-9s ingest %7.0f documents/s   one by one %6.0f/s   by %d callers %6.0f/s   scan %7.0f/s   "
      "content %6.0f/s\n",
      name, documents / best, documents / single, callers, documents / together,
      static_cast<double>(found) / scan, documents / read);
}

void measure_nodes(const std::string& url, int nodes) {
  std::vector<std::unique_ptr<Store>> stores;
  for (int node = 0; node < nodes; ++node)
    stores.push_back(std::move(open_postgres_store({.url = url}).value()));
  for (int size : {batch, 1}) {
    auto time = seconds_of([&] {
      std::vector<std::jthread> threads;
      for (int node = 0; node < nodes; ++node)
        threads.emplace_back([&, node] {
          ingest(*stores[static_cast<std::size_t>(node)],
                 "n" + std::to_string(size) + "-" + std::to_string(node) + "-", size);
        });
    });
    std::printf("%d nodes  batches of %3d: %7.0f documents/s together\n", nodes, size,
                nodes * documents / time);
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: store_bench FOLDER [POSTGRES_URL [NODES]]\n");
    return 2;
  }
  auto sqlite = open_sqlite_store({.file = std::string(argv[1]) + "/store_bench.db"});
  if (!sqlite) {
    std::fprintf(stderr, "%s\n", sqlite.error().detail.c_str());
    return 1;
  }
  measure("sqlite", **sqlite);
  if (argc < 3) return 0;
  auto postgres = open_postgres_store({.url = argv[2]});
  if (!postgres) {
    std::fprintf(stderr, "%s\n", postgres.error().detail.c_str());
    return 1;
  }
  measure("postgres", **postgres);
  if (argc > 3) measure_nodes(argv[2], std::atoi(argv[3]));
  return 0;
}
