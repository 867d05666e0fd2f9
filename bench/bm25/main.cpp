// bench_bm25 [--questions FILE] [--per-set 1000] [--k 10] [--shards 1] [--rounds 5] [--seed 1]
//            [--folder DIR] [--peer no] PASSAGES.jsonl...
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "bench/bm25/engines.hpp"

namespace graphrag::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::vector<std::string> passages;
  std::string questions, folder = std::filesystem::temp_directory_path() / "bench_bm25";
  std::size_t per_set = 1000, k = 10, rounds = 5;
  std::uint32_t shards = 1, seed = 1;
  bool peer = true; // false: only ours, while tuning
};

Options parse(int argc, char** argv) {
  Options out;
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    if (!name.starts_with("--")) {
      out.passages.push_back(name);
      continue;
    }
    std::string value = i + 1 < argc ? argv[++i] : "";
    if (name == "--questions")
      out.questions = value;
    else if (name == "--folder")
      out.folder = value;
    else if (name == "--peer")
      out.peer = value != "no";
    else if (name == "--per-set")
      out.per_set = std::stoul(value);
    else if (name == "--k")
      out.k = std::stoul(value);
    else if (name == "--rounds")
      out.rounds = std::stoul(value);
    else if (name == "--shards")
      out.shards = static_cast<std::uint32_t>(std::stoul(value));
    else if (name == "--seed")
      out.seed = static_cast<std::uint32_t>(std::stoul(value));
    else
      throw std::invalid_argument{"unknown option " + name};
  }
  return out;
}

template <class Work>
double microseconds(Work&& work) {
  auto start = Clock::now();
  work();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  auto at =
      values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// Per question the best of its rounds, which other work on the machine disturbs least; the rounds
// of both engines take turns.
void compare(const QuestionSet& set, Ours& ours, Xapian* xapian, const Reference& reference,
             const Options& options) {
  std::vector<std::vector<double>> mine(set.questions.size()), theirs(set.questions.size());
  std::size_t found = 0, terms = 0, wrong = 0;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < set.questions.size(); ++i)
      mine[i].push_back(
          microseconds([&] { found += ours.search(set.questions[i], options.k).size(); }));
    for (std::size_t i = 0; i < set.questions.size() && xapian != nullptr; ++i)
      theirs[i].push_back(
          microseconds([&] { found += xapian->search(set.questions[i], options.k); }));
  }
  std::vector<double> a, b;
  for (std::size_t i = 0; i < set.questions.size(); ++i) {
    a.push_back(quantile(mine[i], 0));
    b.push_back(quantile(theirs[i], 0));
    terms += set.questions[i].terms.size();
    wrong +=
        ours.named(set.questions[i], options.k) == reference.search(set.questions[i], options.k)
            ? 0
            : 1;
  }
  std::printf("%-10s %5zu asked, %4.1f terms: ours %6.1f us (p95 %6.1f), Xapian %7.1f us (p95 "
              "%7.1f), ratio of medians %5.1f, "
              "wrong top %zu: %zu\n",
              set.name.c_str(), set.questions.size(),
              static_cast<double>(terms) /
                  static_cast<double>(std::max<std::size_t>(1, set.questions.size())),
              quantile(a, 0.5), quantile(a, 0.95), quantile(b, 0.5), quantile(b, 0.95),
              quantile(b, 0.5) / quantile(a, 0.5), options.k, wrong);
  if (wrong > 0 || found == 0) std::exit(1);
}

// Latency of the questions while another thread replaces `per_second` passages a second.
void under_writes(const Corpus& corpus, Ours& ours, const Options& options, int per_second) {
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> applied{0};
  std::thread writer{[&] {
    std::mt19937 random{options.seed};
    auto next = Clock::now();
    while (!done && per_second > 0) {
      const auto& passage = corpus.passages[random() % corpus.passages.size()];
      chunk::DocumentChange change{passage.id, document_of(passage)};
      auto shard = ours.index().shard_of(passage.id);
      ours.index().apply(shard, ours.index().applied(shard) + 1, {&change, 1});
      ours.index().compact(shard);
      ++applied;
      next += std::chrono::microseconds{1'000'000 / per_second};
      std::this_thread::sleep_until(next);
    }
  }};
  std::vector<double> times;
  auto start = Clock::now();
  while (Clock::now() - start < std::chrono::seconds{5})
    for (const auto& question : corpus.sets.back().questions)
      times.push_back(microseconds([&] { ours.search(question, options.k); }));
  double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  done = true;
  writer.join();
  std::printf("%-10s while %4.0f documents/s are applied: p50 %6.1f us, p99 %6.1f us, %6.0f "
              "queries/s on one thread\n",
              corpus.sets.back().name.c_str(), static_cast<double>(applied) / seconds,
              quantile(times, 0.5), quantile(times, 0.99),
              static_cast<double>(times.size()) / seconds);
}

int run(const Options& options) {
  auto corpus = load(options.passages, options.questions, options.per_set, options.seed);
  std::unique_ptr<Ours> ours;
  double mine = microseconds([&] { ours = std::make_unique<Ours>(corpus, options.shards); });
  std::unique_ptr<Xapian> xapian;
  double theirs =
      options.peer
          ? microseconds([&] { xapian = std::make_unique<Xapian>(corpus, options.folder); })
          : 0;
  Reference reference{corpus};
  auto stats = ours->index().stats();
  std::printf("%zu passages, %llu terms, %u shards; built in %.2f s (Xapian %.2f s); index %.1f MB "
              "without texts\n",
              corpus.passages.size(), static_cast<unsigned long long>(stats.terms), options.shards,
              mine / 1e6, theirs / 1e6, static_cast<double>(stats.bytes) / 1e6);
  for (const auto& set : corpus.sets) compare(set, *ours, xapian.get(), reference, options);
  for (int per_second : {0, 500}) under_writes(corpus, *ours, options, per_second);
  std::filesystem::remove_all(options.folder);
  std::filesystem::remove_all(options.folder + "-compact");
  return 0;
}

} // namespace
} // namespace graphrag::bench

int main(int argc, char** argv) {
  try {
    return graphrag::bench::run(graphrag::bench::parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_bm25: %s\n", error.what());
    return 2;
  }
}
