// Token ids as the published tokenizers give them, written as the ids' pieces.
#include <gtest/gtest.h>

#include "runtime/encoder/charsmap.hpp"
#include "runtime/encoder/tokenizer.hpp"
#include "tests/support/tiny_model.hpp"

using namespace graphrag;
using namespace graphrag::runtime::encoder;
using nlohmann::json;

namespace {

Tokenizer load(const runtime::ModelFiles& files) {
  auto out = Tokenizer::load(files);
  EXPECT_TRUE(out) << out.error().detail;
  return out ? *out : Tokenizer{};
}

std::string pieces(const Tokenizer& tokenizer, std::string_view text, std::size_t limit = 100,
                   std::vector<std::string> names = test::tiny_pieces()) {
  std::string out;
  for (auto id : tokenizer.encode(text, limit)) out += (out.empty() ? "" : " ") + names.at(id);
  return out;
}

json word_piece_json() {
  json vocabulary = json::object();
  for (std::size_t id = 0; id < test::tiny_pieces().size(); ++id)
    vocabulary[test::tiny_pieces()[id]] = id;
  auto special = [](const char* name, int id) {
    return json{{"id", name}, {"ids", {id}}, {"tokens", {name}}};
  };
  return {
      {"normalizer", {{"type", "BertNormalizer"}, {"lowercase", true}, {"strip_accents", nullptr}}},
      {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
      {"added_tokens", {{{"id", 3}, {"content", "[SEP]"}}}},
      {"post_processor",
       {{"type", "TemplateProcessing"},
        {"single",
         {{{"SpecialToken", {{"id", "[CLS]"}}}},
          {{"Sequence", {{"id", "A"}}}},
          {{"SpecialToken", {{"id", "[SEP]"}}}}}},
        {"special_tokens", {{"[CLS]", special("[CLS]", 2)}, {"[SEP]", special("[SEP]", 3)}}}}},
      {"model", {{"type", "WordPiece"}, {"unk_token", "[UNK]"}, {"vocab", vocabulary}}}};
}

const std::vector<std::string> unigram_pieces{"<s>", "<pad>", "</s>", "<unk>",   "\u2581",
                                              "a",   "b",     "ab",   "\u2581a", "\u2581ab"};

json unigram_json() {
  json list = json::array();
  const double scores[] = {0, 0, 0, 0, -2, -3, -3, -4, -3.5, -9};
  for (std::size_t i = 0; i < unigram_pieces.size(); ++i)
    list.push_back({unigram_pieces[i], scores[i]});
  return {{"normalizer", {{"type", "NFKC"}}},
          {"pre_tokenizer",
           {{"type", "Sequence"},
            {"pretokenizers",
             {{{"type", "WhitespaceSplit"}}, {{"type", "Metaspace"}, {"replacement", "\u2581"}}}}}},
          {"post_processor",
           {{"type", "RobertaProcessing"}, {"cls", {"<s>", 0}}, {"sep", {"</s>", 2}}}},
          {"model", {{"type", "Unigram"}, {"unk_id", 3}, {"vocab", list}}}};
}

std::string error_of(json tokenizer) {
  auto out = Tokenizer::load({{"tokenizer.json", tokenizer.dump()}});
  return out ? "" : out.error().detail;
}

} // namespace

TEST(EncoderTokenizer, WordPieceCutsLongestFirst) {
  for (const auto& tokenizer :
       {load(test::tiny_model()), load({{"tokenizer.json", word_piece_json().dump()}})}) {
    EXPECT_EQ(pieces(tokenizer, ""), "[CLS] [SEP]");
    EXPECT_EQ(pieces(tokenizer, "unaffable"), "[CLS] un ##aff ##able [SEP]");
    EXPECT_EQ(pieces(tokenizer, "The  CAT\truns."), "[CLS] the cat runs . [SEP]");
    EXPECT_EQ(pieces(tokenizer, "catz"), "[CLS] [UNK] [SEP]") << "a part that no piece fits";
    EXPECT_EQ(pieces(tokenizer, "hello-world!"), "[CLS] hello - world ! [SEP]");
  }
}

TEST(EncoderTokenizer, AccentsCaseControlsAndIdeographs) {
  auto tokenizer = load(test::tiny_model());
  EXPECT_EQ(pieces(tokenizer, "Café CAFE\u0301"), "[CLS] cafe cafe [SEP]");
  EXPECT_EQ(pieces(tokenizer, "中文cat"), "[CLS] 中 文 cat [SEP]");
  EXPECT_EQ(pieces(tokenizer, std::string_view{"c\0at\xff \u200bdog", 12}), "[CLS] cat dog [SEP]");
  EXPECT_EQ(pieces(tokenizer, "cat\u00a0dog\u3000the"), "[CLS] cat dog the [SEP]");
  EXPECT_EQ(pieces(tokenizer, "😀"), "[CLS] [UNK] [SEP]");
}

TEST(EncoderTokenizer, AWordOfMoreThanAHundredCharactersIsUnknown) {
  auto tokenizer = load(test::tiny_model());
  EXPECT_EQ(tokenizer.encode(std::string(100, 'a'), 1000).size(), 102u);
  EXPECT_EQ(pieces(tokenizer, std::string(101, 'a')), "[CLS] [UNK] [SEP]");
}

TEST(EncoderTokenizer, LongTextsAreCutAtTheirEndAndKeepTheFrame) {
  auto tokenizer = load(test::tiny_model());
  EXPECT_EQ(pieces(tokenizer, "the cat runs", 4), "[CLS] the cat [SEP]");
  EXPECT_EQ(pieces(tokenizer, "unaffable", 4), "[CLS] un ##aff [SEP]");
  EXPECT_EQ(pieces(tokenizer, "the cat", 0), "[CLS] [SEP]");
}

TEST(EncoderTokenizer, SpecialTokensInTheTextAreFound) {
  auto tokenizer = load(test::tiny_model());
  EXPECT_EQ(pieces(tokenizer, "cat[SEP]dog [MASK]"), "[CLS] cat [SEP] dog [MASK] [SEP]");
}

TEST(EncoderTokenizer, UnigramTakesTheBestSum) {
  auto tokenizer = load({{"tokenizer.json", unigram_json().dump()}});
  auto cut = [&](std::string_view text) { return pieces(tokenizer, text, 100, unigram_pieces); };
  EXPECT_EQ(cut(""), "<s> </s>");
  // -2 + -4 beats -3.5 + -3, -2 + -3 + -3 and -9.
  EXPECT_EQ(cut("ab"), "<s> \u2581 ab </s>");
  EXPECT_EQ(cut("a  b"), "<s> \u2581a \u2581 b </s>");
  EXPECT_EQ(cut("axyb"), "<s> \u2581a <unk> b </s>") << "neighbouring unknowns are one";
  EXPECT_EQ(cut("\uff41\uff42"), cut("ab")) << "full width letters by NFKC";
}

TEST(EncoderTokenizer, BrokenFilesAreNamedErrors) {
  auto without = [](json tokenizer, const char* path) {
    return tokenizer.patch({{{"op", "remove"}, {"path", path}}});
  };
  auto with = [](json tokenizer, const char* path, json value) {
    return tokenizer.patch({{{"op", "add"}, {"path", path}, {"value", std::move(value)}}});
  };
  const json good = word_piece_json(), uni = unigram_json();
  ASSERT_EQ(error_of(good), "");
  ASSERT_EQ(error_of(uni), "");
  const std::pair<json, const char*> cases[] = {
      {json::array(), "not a JSON object"},
      {without(good, "/model"), "model is missing"},
      {without(good, "/model/vocab"), "model.vocab is missing"},
      {with(good, "/model/type", "BPE"), "BPE"},
      {with(good, "/model/vocab", json::array({1})), "model.vocab"},
      {with(good, "/model/vocab/the", -1), "model.vocab"},
      {with(good, "/model/vocab/the", 1e18), "model.vocab"},
      {with(good, "/model/unk_token", "nope"), "model.unk_token"},
      {with(good, "/model/max_input_chars_per_word", "x"), "max_input_chars_per_word"},
      {with(good, "/normalizer/type", "Odd"), "normalizer \"Odd\""},
      {with(good, "/pre_tokenizer/type", "ByteLevel"), "pre_tokenizer \"ByteLevel\""},
      {with(good, "/post_processor/type", "Odd"), "post_processor \"Odd\""},
      {with(good, "/post_processor/special_tokens", 3), "special_tokens"},
      {with(good, "/added_tokens", 3), "added_tokens"},
      {with(good, "/added_tokens/0/id", -1), "added_tokens"},
      {with(good, "/added_tokens/0/content", ""), "added_tokens"},
      {with(uni, "/model/vocab", json::array()), "model.vocab"},
      {with(uni, "/model/vocab/1", json::array({"a"})), "model.vocab entry 1"},
      {with(uni, "/model/unk_id", 10), "model.unk_id"},
      {with(uni, "/normalizer", {{"type", "Precompiled"}, {"precompiled_charsmap", "!"}}),
       "precompiled_charsmap"},
      {with(uni, "/pre_tokenizer/pretokenizers", 1), "Sequence"},
      {with(uni, "/post_processor/cls", 1), "cls"}};
  for (const auto& [tokenizer, word] : cases) {
    const std::string error = error_of(tokenizer);
    EXPECT_NE(error.find(word), std::string::npos) << word << " is not in: " << error;
    EXPECT_TRUE(error.starts_with("tokenizer.json")) << error;
  }
}

TEST(EncoderTokenizer, ATruncatedFileIsAnErrorAtEveryLength) {
  for (const json& whole : {word_piece_json(), unigram_json()}) {
    const std::string bytes = whole.dump();
    for (std::size_t length = 0; length < bytes.size(); ++length)
      EXPECT_FALSE(Tokenizer::load({{"tokenizer.json", bytes.substr(0, length)}})) << length;
  }
}

TEST(EncoderTokenizer, AVocabularyListNeedsItsSpecialTokens) {
  for (const char* missing : {"[UNK]", "[CLS]", "[SEP]"}) {
    auto files = test::tiny_model();
    auto& list = files["vocab.txt"];
    list.replace(list.find(missing), 1, "x");
    auto out = Tokenizer::load(files);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().detail, std::string{"vocab.txt: "} + missing + " is missing");
  }
}

// A trie with the single entry "A" -> "aa": the root points at unit 1 ^ 'A' ... by hand.
TEST(EncoderCharsmap, ReplacesWhatItKnowsAndSurvivesLies) {
  std::vector<std::uint32_t> trie(256, 0);
  trie[0] = 1u << 10;                       // root: offset 1
  trie[1 ^ 'A'] = 'A' | 1u << 8 | 2u << 10; // label A, a leaf, offset 2
  trie[(1 ^ 'A') ^ 2] = 1u << 31;           // its value: replacement at 0
  auto bytes_of = [](const std::vector<std::uint32_t>& units) {
    std::string out;
    auto put = [&](std::uint32_t value) {
      for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>(value >> 8 * i & 0xFF));
    };
    put(static_cast<std::uint32_t>(units.size() * 4));
    for (auto unit : units) put(unit);
    return out + std::string{"aa\0", 3};
  };
  auto map = Charsmap::parse(bytes_of(trie));
  ASSERT_TRUE(map);
  EXPECT_EQ((*map)("xAy中A"), "xaay中aa");

  EXPECT_FALSE(Charsmap::parse("abc"));
  EXPECT_FALSE(Charsmap::parse(std::string{"\xff\xff\xff\x7f data", 9}));
  trie[1 ^ 'A'] = 'A' | 1u << 8 | 0x3fffffu << 10 | 1u << 9; // offset far outside
  EXPECT_EQ((*Charsmap::parse(bytes_of(trie)))("xAy"), "xAy");
  trie[1 ^ 'A'] = 'A' | 1u << 8 | 2u << 10;
  trie[(1 ^ 'A') ^ 2] = 1u << 31 | 5000; // value outside
  EXPECT_EQ((*Charsmap::parse(bytes_of(trie)))("xAy"), "xAy");
}
