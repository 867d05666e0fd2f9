#include "actors/query/encoder_knowledge.hpp"

#include <gtest/gtest.h>

#include "tests/support/tiny_model.hpp"

namespace graphrag::query {
namespace {

// Knows a few English words, single letters and two Chinese characters.
std::shared_ptr<const runtime::Encoder> encoder() {
  auto loaded = runtime::Encoder::load(test::tiny_model());
  return loaded ? *loaded : nullptr;
}

TEST(EncoderKnowledge, WordsOfItsVocabulary) {
  const auto model = encoder();
  ASSERT_TRUE(model);
  EXPECT_TRUE(knows_language(*model, "the cat runs, hello world!"));
  EXPECT_TRUE(knows_language(*model, "中文"));
}

TEST(EncoderKnowledge, CharactersThatItDoesNotHave) {
  const auto model = encoder();
  ASSERT_TRUE(model);
  EXPECT_FALSE(knows_language(*model, "光学厂是哪一年创立的"));
  EXPECT_TRUE(knows_language(*model, "the cat runs the cat runs the 厂")) << "one word in seven";
}

TEST(EncoderKnowledge, WordsThatFallApartIntoLetters) {
  const auto model = encoder();
  ASSERT_TRUE(model);
  EXPECT_FALSE(knows_language(*model, "abide faced cabbage"));
  EXPECT_TRUE(knows_language(*model, "a b")) << "too few letters to say";
}

TEST(EncoderKnowledge, NothingIsKnown) {
  const auto model = encoder();
  ASSERT_TRUE(model);
  EXPECT_TRUE(knows_language(*model, ""));
  EXPECT_TRUE(knows_language(*model, "   "));
}

} // namespace
} // namespace graphrag::query
