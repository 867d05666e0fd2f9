#include "bench/quality/passage_vectors.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "actors/chunk/embedding/encoders.hpp"

namespace quality {
namespace {

using namespace graphrag;

struct Passage {
  std::string text;
  float* vector;
};

using AllVectors = std::vector<std::shared_ptr<runtime::ChunkVectors>>;

bool read(const std::string& file, AllVectors& all) {
  std::size_t bytes = 0;
  for (const auto& vectors : all) bytes += vectors->floats.size() * sizeof(float);
  std::ifstream in{file, std::ios::binary | std::ios::ate};
  if (!in || static_cast<std::size_t>(in.tellg()) != bytes) return false;
  in.seekg(0);
  for (auto& vectors : all)
    in.read(reinterpret_cast<char*>(vectors->floats.data()),
            static_cast<std::streamsize>(vectors->floats.size() * sizeof(float)));
  return in.good();
}

void write(const std::string& file, const AllVectors& all) {
  std::ofstream out{file, std::ios::binary};
  for (const auto& vectors : all)
    out.write(reinterpret_cast<const char*>(vectors->floats.data()),
              static_cast<std::streamsize>(vectors->floats.size() * sizeof(float)));
}

void compute(const runtime::Encoder& encoder, const std::vector<Passage>& passages) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    constexpr std::size_t together = 32;
    const auto dimension = encoder.dimension();
    for (std::size_t first; (first = next.fetch_add(together)) < passages.size();) {
      const auto last = std::min(first + together, passages.size());
      std::vector<std::string_view> texts;
      for (auto i = first; i < last; ++i) texts.push_back(passages[i].text);
      std::vector<float> out(texts.size() * dimension);
      encoder.encode(texts, runtime::TextRole::passage, out);
      for (auto i = first; i < last; ++i)
        std::copy_n(out.data() + (i - first) * dimension, dimension, passages[i].vector);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
    threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
}

} // namespace

std::shared_ptr<const runtime::Encoder> load_encoder(const std::string& folder) {
  auto files = runtime::read_model_folder(folder);
  if (!files) throw std::runtime_error(files.error().detail);
  auto encoder = runtime::Encoder::load(std::move(*files));
  if (!encoder) throw std::runtime_error(encoder.error().detail);
  return *encoder;
}

void embed(const std::vector<std::shared_ptr<chunk::LiveDocument>>& documents,
           const runtime::Encoder& encoder, const std::string& file) {
  const auto dimension = encoder.dimension();
  std::vector<Passage> passages;
  AllVectors all;
  for (const auto& document : documents) {
    auto vectors = std::make_shared<runtime::ChunkVectors>();
    vectors->model = encoder.hash();
    vectors->dimension = static_cast<std::uint32_t>(dimension);
    vectors->floats.resize(document->analysis.chunks.size() * dimension);
    for (std::size_t i = 0; i < document->analysis.chunks.size(); ++i) {
      const auto& facts = document->analysis.chunks[i];
      passages.push_back(
          {chunk::passage_text(document->title,
                               std::string_view{document->text}.substr(
                                   facts.start_byte, facts.end_byte - facts.start_byte)),
           vectors->floats.data() + i * dimension});
    }
    all.push_back(vectors);
    document->embeddings = {vectors};
  }
  if (!file.empty() && read(file, all)) return;
  compute(encoder, passages);
  if (!file.empty()) write(file, all);
}

} // namespace quality
