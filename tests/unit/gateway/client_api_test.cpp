#include "gateway/client/api.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace graphrag::client {
namespace {

using nlohmann::json;

std::string told(const std::string& detail, const json& errors) {
  HttpReply reply;
  reply.status = 422;
  reply.body = json{{"code", "invalid_request"}, {"detail", detail}, {"errors", errors}}.dump();
  return in_words(reply);
}

TEST(InWords, AnErrorIsToldOnce) {
  const json errors{{{"pointer", "/vector"}, {"detail", "vector mode needs a vector"}}};
  EXPECT_EQ(told("/vector vector mode needs a vector", errors),
            "422 invalid_request: /vector vector mode needs a vector");
}

TEST(InWords, ErrorsThatTheDetailDoesNotTellFollow) {
  const json errors{{{"pointer", "/a"}, {"detail", "is no number"}},
                    {{"pointer", "/b"}, {"detail", "is too long"}}};
  EXPECT_EQ(told("/a is no number", errors),
            "422 invalid_request: /a is no number [/b is too long]");
  EXPECT_EQ(told("two mistakes", errors),
            "422 invalid_request: two mistakes [/a is no number] [/b is too long]");
}

} // namespace
} // namespace graphrag::client
