// The bytes between gateways: what crosses comes out as it went in, and anything else is refused.
#include <gtest/gtest.h>

#include <random>

#include <nlohmann/json.hpp>

#include "gateway/routes/holders.hpp"

namespace graphrag::gateway {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

const runtime::SteadyTime now{std::chrono::hours{5}};

PeerQuestion question() {
  PeerQuestion out;
  out.operation = "query";
  out.after = 41;
  out.request = std::make_shared<Request>();
  auto& request = *out.request;
  request.method = "POST";
  request.path = "/api/v1/collections/a/query";
  request.route = "/api/v1/collections/{c}/query";
  request.params = {{"c", "a"}};
  request.query = {{"q", "one"}, {"q", "two"}};
  request.headers = {{"content-type", "application/json"}, {"authorization", "Bearer secret"}};
  request.body = std::string{"{\"query\":\"\xe6\xb8\xaf\"}"} + '\0' + "\xff";
  request.trace_id = "0af7651916cd43dd8448eb211c80319c";
  request.client = "10.0.0.7";
  return out;
}

TEST(PeerQuestion, CrossesAsItIs) {
  const auto sent = question();
  const auto came = question_of(to_bytes(sent, milliseconds{1500}), now);
  ASSERT_TRUE(came);
  EXPECT_EQ(came->operation, sent.operation);
  EXPECT_EQ(came->after, 41U);
  EXPECT_EQ(came->request->method, sent.request->method);
  EXPECT_EQ(came->request->path, sent.request->path);
  EXPECT_EQ(came->request->route, sent.request->route);
  EXPECT_EQ(came->request->params, sent.request->params);
  EXPECT_EQ(came->request->query, sent.request->query);
  EXPECT_EQ(came->request->body, sent.request->body);
  EXPECT_EQ(came->request->trace_id, sent.request->trace_id);
  EXPECT_EQ(came->request->client, sent.request->client);
  EXPECT_EQ(came->request->deadline, now + milliseconds{1500});
}

TEST(PeerQuestion, SecretsStayWhereTheyCame) {
  const auto bytes = to_bytes(question(), milliseconds{10});
  EXPECT_EQ(bytes.find("secret"), std::string::npos);
  EXPECT_EQ(question_of(bytes, now)->request->header("content-type"), "application/json");
}

TEST(PeerQuestion, AnAnswerCrossesAsItIs) {
  Response sent;
  sent.status = 404;
  sent.content_type = "application/problem+json";
  sent.headers = {{"Retry-After", "1"}};
  sent.body = std::string(100'000, 'x');
  const auto came = answer_of(to_bytes(PeerAnswer{sent, 99}));
  ASSERT_TRUE(came);
  EXPECT_EQ(came->seq, 99U);
  EXPECT_EQ(came->response.status, 404);
  EXPECT_EQ(came->response.content_type, sent.content_type);
  EXPECT_EQ(came->response.headers, sent.headers);
  EXPECT_EQ(came->response.body, sent.body);
}

TEST(PeerQuestion, WhatANewerNodeAddsIsLeftAlone) {
  auto object = json::from_msgpack(to_bytes(question(), milliseconds{10}));
  object["tenant"] = {{"id", 7}};
  std::string bytes;
  json::to_msgpack(object, bytes);
  EXPECT_TRUE(question_of(bytes, now));
}

TEST(PeerQuestion, AnAnswerOfAnOlderNodeSaysNoSequenceNumber) {
  json object{{"status", 200}, {"type", "a"}, {"body", "b"}, {"headers", json::array()}};
  std::string bytes;
  json::to_msgpack(object, bytes);
  const auto came = answer_of(bytes);
  ASSERT_TRUE(came);
  EXPECT_EQ(came->seq, 0U);
  object["seq"] = "1";
  bytes.clear();
  json::to_msgpack(object, bytes);
  EXPECT_FALSE(answer_of(bytes));
}

TEST(PeerQuestion, OnlyWhatChangesNothingIsHarmless) {
  auto one = question();
  EXPECT_TRUE(is_harmless(one));
  one.operation = "mergeEntities";
  EXPECT_FALSE(is_harmless(one));
  one.request->method = "GET";
  EXPECT_TRUE(is_harmless(one));
}

TEST(PeerQuestion, MalformedBytesAreRefused) {
  const auto whole = to_bytes(question(), milliseconds{10});
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(question_of(whole.substr(0, length), now)) << length;
  EXPECT_FALSE(question_of(whole + "x", now));
  const auto object = json::from_msgpack(whole);
  for (const auto& [field, value] : object.items()) {
    for (const json& wrong : {json(nullptr), json::array({1, 2}), json(3.5), json::object()}) {
      auto changed = object;
      changed[field] = wrong;
      std::string bytes;
      json::to_msgpack(changed, bytes);
      EXPECT_FALSE(question_of(bytes, now)) << field << wrong;
    }
  }
  for (const int status : {0, 99, 600, -1}) {
    std::string bytes;
    json::to_msgpack(
        {{"status", status}, {"type", "a"}, {"body", ""}, {"headers", json::array()}, {"seq", 1}},
        bytes);
    EXPECT_FALSE(answer_of(bytes)) << status;
  }
}

TEST(PeerQuestion, NoBytesCrashIt) {
  std::mt19937 random{7};
  const auto whole = to_bytes(question(), milliseconds{10});
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = whole;
    for (int changes = 0; changes < 3; ++changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    (void)question_of(bytes, now);
    (void)answer_of(bytes);
  }
}

} // namespace
} // namespace graphrag::gateway
