// Loading: identity, configuration, prompts, and every kind of file that lies.
#include <filesystem>
#include <fstream>
#include <random>
#include <unistd.h>

#include <gtest/gtest.h>

#include "runtime/encoder/encoder.hpp"
#include "tests/support/tiny_model.hpp"

using namespace graphrag;
using nlohmann::json;
using runtime::Encoder;
using runtime::Errc;
using runtime::TextRole;

namespace {

runtime::Error error_of(runtime::ModelFiles files) {
  auto out = Encoder::load(std::move(files));
  return out ? runtime::Error{Errc::io, "no error"} : out.error();
}

void expect_error(const runtime::ModelFiles& files, Errc code, const std::string& words) {
  const auto error = error_of(files);
  EXPECT_EQ(error.code, code) << error.detail;
  EXPECT_NE(error.detail.find(words), std::string::npos)
      << '"' << words << "\" is not in: " << error.detail;
}

runtime::ModelFiles with(const std::string& name, const std::string& bytes) {
  auto files = test::tiny_model();
  files[name] = bytes;
  return files;
}

runtime::ModelFiles with_config(const char* field, const json& value) {
  auto config = test::tiny_config();
  config[field] = value;
  return with("config.json", config.dump());
}

// The tiny model's safetensors with its header changed.
template <class Change>
std::string weights(Change&& change) {
  const std::string whole = test::safetensors_of(test::tiny_tensors());
  std::size_t length = 0;
  for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<unsigned char>(whole[i]);
  auto header = json::parse(whole.substr(8, length));
  change(header);
  return test::safetensors_of(header, whole.substr(8 + length));
}

const std::string words_name = "embeddings.word_embeddings.weight";

} // namespace

TEST(EncoderLoad, TheHashIsOfTheFilesThatMatter) {
  auto hash = [](const runtime::ModelFiles& files) { return (*Encoder::load(files))->hash(); };
  const auto base = hash(test::tiny_model());
  EXPECT_EQ(base.size(), 64u);
  EXPECT_EQ(hash(with("README.md", "x")), base);
  EXPECT_NE(hash(with("graphrag_prompts.json", "{}")), base);
}

TEST(EncoderLoad, FolderIsReadAndMissingFilesAreNamed) {
  const auto folder = std::filesystem::path{testing::TempDir()} /
                      ("encoder_load_test-" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "1_Pooling");
  EXPECT_NE(runtime::read_model_folder(folder).error().detail.find("config.json"),
            std::string::npos);
  for (const auto& [name, bytes] : test::tiny_model()) std::ofstream{folder / name} << bytes;
  std::ofstream{folder / "README.md"} << "not read";
  auto files = runtime::read_model_folder(folder);
  ASSERT_TRUE(files) << files.error().detail;
  EXPECT_EQ(*files, test::tiny_model());
  std::filesystem::remove(folder / "vocab.txt");
  EXPECT_EQ(runtime::read_model_folder(folder).error().code, Errc::not_found);
  std::filesystem::remove_all(folder);
}

TEST(EncoderLoad, AMissingFileIsNotFound) {
  for (const char* name : {"config.json", "model.safetensors", "vocab.txt"}) {
    auto files = test::tiny_model();
    files.erase(name);
    expect_error(files, Errc::not_found, name);
  }
}

TEST(EncoderLoad, PromptsComeFromTheFolder) {
  auto start = [](const runtime::ModelFiles& files, TextRole role) {
    auto encoder = Encoder::load(files);
    EXPECT_TRUE(encoder) << encoder.error().detail;
    return (*encoder)->token_ids("cat", role);
  };
  const auto bare = start(test::tiny_model(), TextRole::query);
  EXPECT_EQ(bare.size(), 3u) << "nothing is guessed";
  auto files = with("config_sentence_transformers.json",
                    R"({"prompts": {"query": "query: ", "document": "dog: "}})");
  EXPECT_EQ(start(files, TextRole::query), (std::vector<std::uint32_t>{2, 14, 15, 6, 3}));
  EXPECT_EQ(start(files, TextRole::passage), (std::vector<std::uint32_t>{2, 8, 15, 6, 3}));
  files["graphrag_prompts.json"] = R"({"query": "", "passage": "the "})";
  EXPECT_EQ(start(files, TextRole::query), bare);
  EXPECT_EQ(start(files, TextRole::passage), (std::vector<std::uint32_t>{2, 5, 6, 3}));
}

TEST(EncoderLoad, MaxSeqLengthCuts) {
  auto encoder = *Encoder::load(with("sentence_bert_config.json", R"({"max_seq_length": 5})"));
  EXPECT_EQ(encoder->max_tokens(), 5u);
  EXPECT_EQ(encoder->token_ids("the cat runs the dog", TextRole::passage),
            (std::vector<std::uint32_t>{2, 5, 6, 9, 3}));
  EXPECT_EQ((*Encoder::load(with("sentence_bert_config.json", R"({"max_seq_length": 512})")))
                ->max_tokens(),
            40u)
      << "no more than there are positions";
}

TEST(EncoderLoad, XlmRobertaPositionsBeginBehindThePadding) {
  auto files = with_config("model_type", "xlm-roberta");
  EXPECT_EQ((*Encoder::load(files))->max_tokens(), 39u);
}

TEST(EncoderLoad, ConfigurationsThatCannotBe) {
  expect_error(with("config.json", "{"), Errc::corrupt, "config.json: is not a JSON object");
  expect_error(with_config("hidden_size", nullptr), Errc::corrupt, "hidden_size is missing");
  expect_error(with_config("hidden_size", -32), Errc::corrupt, "hidden_size");
  expect_error(with_config("hidden_size", "32"), Errc::corrupt, "hidden_size");
  expect_error(with_config("num_hidden_layers", 1'000'000), Errc::corrupt, "num_hidden_layers");
  expect_error(with_config("num_attention_heads", 5), Errc::corrupt, "num_attention_heads");
  expect_error(with_config("layer_norm_eps", "x"), Errc::corrupt, "layer_norm_eps");
  expect_error(with_config("vocab_size", 20), Errc::corrupt, "vocab_size");
  expect_error(with_config("hidden_size", 64), Errc::corrupt, words_name);
  expect_error(with_config("model_type", "mpnet"), Errc::invalid_argument, "mpnet");
  expect_error(with_config("hidden_act", "relu"), Errc::invalid_argument, "relu");
  expect_error(with_config("position_embedding_type", "relative_key"), Errc::invalid_argument,
               "position_embedding_type");
  expect_error(with("1_Pooling/config.json", R"({"pooling_mode_max_tokens": true})"),
               Errc::invalid_argument, "1_Pooling/config.json");
  expect_error(with("1_Pooling/config.json", R"({"word_embedding_dimension": 31})"), Errc::corrupt,
               "word_embedding_dimension");
  expect_error(with("modules.json", R"([{"type": "sentence_transformers.models.Dense"}])"),
               Errc::invalid_argument, "Dense");
  expect_error(with("modules.json", "[1]"), Errc::corrupt, "modules.json");
  expect_error(with("graphrag_prompts.json", R"({"query": 1})"), Errc::corrupt, "query");
  expect_error(with("sentence_bert_config.json", R"({"max_seq_length": 0})"), Errc::corrupt,
               "max_seq_length");
}

TEST(EncoderLoad, WeightsThatLie) {
  auto expect = [](const std::string& bytes, const std::string& words) {
    expect_error(with("model.safetensors", bytes), Errc::corrupt, words);
  };
  expect("", "model.safetensors");
  expect("1234567", "shorter");
  expect(std::string(8, '\xff') + "{}", "header length");
  expect(test::safetensors_of(json::array(), ""), "not a JSON object");
  expect(weights([](json& h) { h.erase(words_name); }), words_name + " is missing");
  expect(weights([](json& h) { h[words_name] = 3; }), words_name);
  expect(weights([](json& h) { h[words_name]["dtype"] = "F33"; }), "dtype");
  expect(weights([](json& h) { h[words_name]["dtype"] = "F16"; }), "data_offsets");
  expect(weights([](json& h) {
           h[words_name]["shape"] = {1u << 31, 1u << 31, 1u << 31};
         }),
         "shape");
  expect(weights([](json& h) { h[words_name]["shape"] = {-1, 32}; }), "shape");
  expect(weights([](json& h) { std::swap(h[words_name]["shape"][0], h[words_name]["shape"][1]); }),
         "has the shape [32,");
  expect(weights([](json& h) {
           h[words_name]["data_offsets"] = {1ull << 60, (1ull << 60) + 4};
         }),
         "outside");
  expect(weights([](json& h) { h[words_name]["data_offsets"] = {8, 4}; }), "outside");
  expect(weights([](json& h) { h[words_name]["data_offsets"] = {8}; }), "data_offsets");
  expect(weights([](json& h) {
           auto& bias = h["encoder.layer.0.output.dense.bias"];
           bias["data_offsets"] = h["encoder.layer.1.output.dense.bias"]["data_offsets"];
         }),
         "overlap");
  auto tensors = test::tiny_tensors();
  tensors["embeddings.LayerNorm.bias"].values[3] = std::numeric_limits<float>::quiet_NaN();
  expect(test::safetensors_of(tensors), "not finite");
}

TEST(EncoderLoad, TruncatedWeightsAreAlwaysAnError) {
  const std::string whole = test::safetensors_of(test::tiny_tensors());
  for (std::size_t length = 0; length < whole.size(); length += 1 + length / 7)
    EXPECT_EQ(error_of(with("model.safetensors", whole.substr(0, length))).code, Errc::corrupt)
        << length;
}

// Changed bytes give an error or a working model, and never a crash (the sanitizers look on).
TEST(EncoderLoad, ChangedHeadersAndListsNeverCrash) {
  std::mt19937 random{11};
  const auto base = test::tiny_model();
  for (int round = 0; round < 400; ++round) {
    auto files = base;
    auto& bytes = files[round % 2 == 0 ? "model.safetensors" : "config.json"];
    const std::size_t range = std::min<std::size_t>(bytes.size(), 4000);
    for (int change = 0; change < 1 + round % 3; ++change)
      bytes[random() % range] = "0123456789,:[]{}\"x\xff"[random() % 19];
    auto encoder = Encoder::load(std::move(files));
    if (!encoder) continue;
    std::vector<float> out((*encoder)->dimension());
    const std::string_view text = "the cat";
    (*encoder)->encode({&text, 1}, TextRole::query, out);
  }
}
