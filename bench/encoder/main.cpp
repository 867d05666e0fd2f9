// encoder_bench MODEL_DIR TEXTS.jsonl [--threads N] [--batch B] [--limit N] [--role query|passage]
//               [--out vectors.tsv] [--ids ids.txt]
// Encodes "title. text" (or "text") of each line and prints passages/s, tokens/s and memory. With
// --ids it writes each text's token ids and encodes nothing.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "runtime/encoder/encoder.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using graphrag::runtime::Encoder;
using graphrag::runtime::TextRole;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

long peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

std::vector<std::string> read_texts(const std::string& file, std::size_t limit) {
  std::vector<std::string> out;
  std::ifstream in{file};
  for (std::string line; out.size() < limit && std::getline(in, line);) {
    auto json = nlohmann::json::parse(line);
    auto title = json.value("title", std::string{}), text = json.value("text", std::string{});
    out.push_back(title.empty() ? text : title + ". " + text);
  }
  return out;
}

int fail(const std::string& what) {
  std::fprintf(stderr, "encoder_bench: %s\n", what.c_str());
  return 1;
}

void write_ids(const Encoder& encoder, const std::vector<std::string>& texts, TextRole role,
               const std::string& file) {
  std::ofstream out{file};
  for (const auto& text : texts) {
    for (auto id : encoder.token_ids(text, role)) out << id << ' ';
    out << '\n';
  }
}

void write_vectors(const std::vector<float>& vectors, std::size_t dimension,
                   const std::string& file) {
  std::ofstream out{file};
  out.precision(9);
  for (std::size_t i = 0; i < vectors.size(); ++i)
    out << vectors[i] << ((i + 1) % dimension == 0 ? '\n' : '\t');
}

// Every thread takes the next batch until none is left.
void encode_all(const Encoder& encoder, const std::vector<std::string>& texts, TextRole role,
                std::size_t threads, std::size_t batch, std::vector<float>& vectors) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::atomic<std::size_t> next{0};
  auto work = [&] {
    for (std::size_t at = next.fetch_add(batch); at < views.size(); at = next.fetch_add(batch)) {
      const std::size_t count = std::min(batch, views.size() - at), size = encoder.dimension();
      encoder.encode(std::span{views}.subspan(at, count), role,
                     std::span{vectors}.subspan(at * size, count * size));
    }
  };
  std::vector<std::thread> pool;
  for (std::size_t i = 1; i < threads; ++i) pool.emplace_back(work);
  work();
  for (auto& thread : pool) thread.join();
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 3) return fail("usage: encoder_bench MODEL_DIR TEXTS.jsonl [--threads N] [--batch B]");
  std::map<std::string, std::string> options;
  for (int i = 3; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  auto number = [&](const char* name, std::size_t fallback) {
    return options.contains(name) ? std::strtoul(options[name].c_str(), nullptr, 10) : fallback;
  };
  const std::size_t threads = std::max<std::size_t>(1, number("--threads", 1));
  const std::size_t batch = std::max<std::size_t>(1, number("--batch", 32));
  const auto role = options["--role"] == "query" ? TextRole::query : TextRole::passage;

  auto start = Clock::now();
  auto files = graphrag::runtime::read_model_folder(argv[1]);
  if (!files) return fail(files.error().detail);
  auto encoder = Encoder::load(std::move(*files));
  if (!encoder) return fail(encoder.error().detail);
  std::printf("loaded in %.2f s, peak %ld MB, hash %s\n", seconds_since(start), peak_megabytes(),
              (*encoder)->hash().c_str());

  auto texts = read_texts(argv[2], number("--limit", static_cast<std::size_t>(-1)));
  if (texts.empty()) return fail(std::string{"no texts in "} + argv[2]);
  if (options.contains("--ids")) {
    write_ids(**encoder, texts, role, options["--ids"]);
    return 0;
  }
  std::size_t tokens = 0;
  for (const auto& text : texts) tokens += (*encoder)->token_ids(text, role).size();
  std::vector<float> vectors(texts.size() * (*encoder)->dimension());
  start = Clock::now();
  encode_all(**encoder, texts, role, threads, batch, vectors);
  const double seconds = seconds_since(start);
  std::printf("%zu passages, %zu tokens, %zu threads, batch %zu: %.2f s, %.1f passages/s, "
              "%.0f tokens/s, peak %ld MB\n",
              texts.size(), tokens, threads, batch, seconds, texts.size() / seconds,
              tokens / seconds, peak_megabytes());
  if (options.contains("--out")) write_vectors(vectors, (*encoder)->dimension(), options["--out"]);
}
