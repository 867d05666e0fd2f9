#include "runtime/store/blobs/guarded_blobs.hpp"

#include <gtest/gtest.h>

#include "runtime/clock.hpp"

namespace graphrag::runtime {
namespace {

using namespace std::chrono_literals;

// Fails as it is told to, and counts.
class FailingBlobs final : public BlobStore {
public:
  std::optional<Errc> fails;
  int calls = 0;

  Result<std::string> put(std::string_view) override { return answer<std::string>("key"); }
  Status put_as(std::string_view, std::string_view) override { return remove(""); }
  Result<std::string> get(std::string_view) override { return answer<std::string>("bytes"); }
  Status remove(std::string_view) override {
    ++calls;
    return fails ? Status{fail(*fails, "told to")} : Status{};
  }
  Result<std::vector<std::string>> list() override { return answer<std::vector<std::string>>({}); }
  Result<std::size_t> sweep(std::chrono::seconds,
                            const std::function<bool(const std::string&)>&) override {
    return answer<std::size_t>(3);
  }

private:
  template <class T>
  Result<T> answer(T value) {
    ++calls;
    if (fails) return fail(*fails, "told to");
    return value;
  }
};

class GuardedBlobsTest : public testing::Test {
protected:
  std::shared_ptr<FailingBlobs> inner = std::make_shared<FailingBlobs>();
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::unique_ptr<BlobStore> blobs = make_guarded_blobs(inner, clock);
};

TEST_F(GuardedBlobsTest, PassesEverythingOnWhileTheServerIsThere) {
  EXPECT_EQ(*blobs->put("x"), "key");
  EXPECT_TRUE(blobs->put_as("key", "x"));
  EXPECT_EQ(*blobs->get("key"), "bytes");
  EXPECT_TRUE(blobs->remove("key"));
  EXPECT_TRUE(blobs->list()->empty());
  EXPECT_EQ(*blobs->sweep(1s, [](auto&) { return true; }), 3U);
}

TEST_F(GuardedBlobsTest, TwoCallsThatFoundNobodyKeepFurtherOnesAway) {
  inner->fails = Errc::timeout;
  EXPECT_EQ(blobs->put("x").error().code, Errc::timeout);
  inner->fails = Errc::unavailable;
  EXPECT_EQ(blobs->get("key").error().code, Errc::unavailable);
  EXPECT_EQ(inner->calls, 2);
  EXPECT_EQ(blobs->put("x").error().code, Errc::unavailable);
  EXPECT_EQ(blobs->remove("key").error().code, Errc::unavailable);
  EXPECT_EQ(inner->calls, 2) << "nobody was asked";

  clock->advance(2s);
  EXPECT_FALSE(blobs->get("key"));
  EXPECT_EQ(inner->calls, 3) << "one is let through";
  EXPECT_FALSE(blobs->get("key"));
  EXPECT_EQ(inner->calls, 3);

  clock->advance(2s);
  inner->fails.reset();
  EXPECT_TRUE(blobs->get("key"));
  EXPECT_TRUE(blobs->put("x"));
  EXPECT_EQ(inner->calls, 5);
}

TEST_F(GuardedBlobsTest, AnAnswerThatIsAnErrorIsStillAnAnswer) {
  inner->fails = Errc::timeout;
  EXPECT_FALSE(blobs->get("key"));
  for (auto code : {Errc::not_found, Errc::corrupt, Errc::no_space, Errc::io}) {
    inner->fails = code;
    EXPECT_EQ(blobs->get("key").error().code, code);
  }
  inner->fails = Errc::timeout;
  EXPECT_EQ(blobs->get("key").error().code, Errc::timeout) << "not the second in a row";
  EXPECT_EQ(inner->calls, 6);
}

} // namespace
} // namespace graphrag::runtime
