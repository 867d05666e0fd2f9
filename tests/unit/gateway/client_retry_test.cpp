#include "gateway/client/retry.hpp"

#include <gtest/gtest.h>

namespace graphrag::client {

using std::chrono::milliseconds;

TEST(RetryDelay, doubles_up_to_its_bound) {
  RetryPolicy policy{milliseconds{100}, milliseconds{1000}, milliseconds{0}};
  EXPECT_EQ(retry_delay(policy, 1, std::nullopt, 1.0), milliseconds{100});
  EXPECT_EQ(retry_delay(policy, 2, std::nullopt, 1.0), milliseconds{200});
  EXPECT_EQ(retry_delay(policy, 4, std::nullopt, 1.0), milliseconds{800});
  EXPECT_EQ(retry_delay(policy, 5, std::nullopt, 1.0), milliseconds{1000});
  EXPECT_EQ(retry_delay(policy, 1000, std::nullopt, 1.0), milliseconds{1000});
}

TEST(RetryDelay, spreads_clients_over_the_second_half) {
  RetryPolicy policy{milliseconds{100}, milliseconds{1000}, milliseconds{0}};
  EXPECT_EQ(retry_delay(policy, 1, std::nullopt, 0.0), milliseconds{50});
  EXPECT_EQ(retry_delay(policy, 1, std::nullopt, 0.5), milliseconds{75});
}

TEST(RetryDelay, honours_the_servers_wish_when_it_is_longer) {
  RetryPolicy policy{milliseconds{100}, milliseconds{1000}, milliseconds{0}};
  EXPECT_EQ(retry_delay(policy, 1, "3", 0.5), milliseconds{3000});
  EXPECT_EQ(retry_delay(policy, 5, "0", 1.0), milliseconds{1000});
  EXPECT_EQ(retry_delay(policy, 1, "86400", 1.0), milliseconds{300'000});
  EXPECT_EQ(retry_delay(policy, 1, "Wed, 21 Oct 2015 07:28:00 GMT", 1.0), milliseconds{100});
}

TEST(IsTransient, only_for_requests_to_be_patient) {
  EXPECT_TRUE(is_transient(429));
  EXPECT_TRUE(is_transient(503));
  for (int status : {200, 202, 400, 404, 409, 413, 422, 500, 507})
    EXPECT_FALSE(is_transient(status));
}

} // namespace graphrag::client
