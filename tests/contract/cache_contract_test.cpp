#include <gtest/gtest.h>

#include "runtime/store/cache.hpp"

namespace graphrag::runtime {
namespace {

using namespace std::chrono_literals;

class MemoryCacheTest : public testing::Test {
protected:
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  std::unique_ptr<Cache> cache_ = make_memory_cache(100, clock_);
};

TEST_F(MemoryCacheTest, ReturnsWhatWasPut) {
  cache_->put("c", "k", "value", 1s);
  EXPECT_EQ(cache_->get("c", "k"), "value");
  EXPECT_EQ(cache_->get("c", "other"), std::nullopt);
  cache_->put("c", "k", "newer", 1s);
  EXPECT_EQ(cache_->get("c", "k"), "newer");
}

TEST_F(MemoryCacheTest, ValuesExpire) {
  cache_->put("c", "k", "value", 1s);
  clock_->advance(999ms);
  EXPECT_TRUE(cache_->get("c", "k"));
  clock_->advance(1ms);
  EXPECT_FALSE(cache_->get("c", "k"));
  cache_->put("c", "k", "again", 1s);
  EXPECT_TRUE(cache_->get("c", "k"));
}

TEST_F(MemoryCacheTest, CollectionsAreApart) {
  cache_->put("a", "k", "of a", 1s);
  cache_->put("b", "k", "of b", 1s);
  EXPECT_EQ(cache_->get("a", "k"), "of a");
  cache_->drop_collection("a");
  EXPECT_FALSE(cache_->get("a", "k"));
  EXPECT_EQ(cache_->get("b", "k"), "of b");
  cache_->drop_collection("never seen");
}

TEST_F(MemoryCacheTest, TheLeastRecentlyUsedGoFirst) {
  std::string value(28, 'v'); // 30 bytes with collection and key: three fit into 100
  for (const char* key : {"1", "2", "3"}) cache_->put("c", key, value, 1s);
  EXPECT_TRUE(cache_->get("c", "1"));
  cache_->put("c", "4", value, 1s);
  EXPECT_TRUE(cache_->get("c", "1"));
  EXPECT_FALSE(cache_->get("c", "2"));
  EXPECT_TRUE(cache_->get("c", "3"));
  EXPECT_TRUE(cache_->get("c", "4"));
}

TEST_F(MemoryCacheTest, TheBoundIsOnKeysAndValuesTogether) {
  cache_->put("c", "k", std::string(98, 'v'), 1s);
  EXPECT_TRUE(cache_->get("c", "k"));
  cache_->put("c", "k", std::string(99, 'v'), 1s);
  EXPECT_FALSE(cache_->get("c", "k")) << "too large to keep, and the old value is no longer true";
  cache_->put("c", std::string(60, 'a'), std::string(30, 'v'), 1s);
  cache_->put("c", std::string(60, 'b'), std::string(30, 'v'), 1s);
  EXPECT_FALSE(cache_->get("c", std::string(60, 'a')));
}

TEST_F(MemoryCacheTest, SpaceOfDroppedAndExpiredValuesComesBack) {
  std::string value(80, 'v');
  cache_->put("a", "k", value, 1s);
  cache_->drop_collection("a");
  cache_->put("b", "k1", value, 1s);
  clock_->advance(2s);
  EXPECT_FALSE(cache_->get("b", "k1"));
  cache_->put("b", "k2", "small", 1s);
  cache_->put("b", "k3", value, 1s);
  EXPECT_TRUE(cache_->get("b", "k2"));
  EXPECT_TRUE(cache_->get("b", "k3"));
}

} // namespace
} // namespace graphrag::runtime
