#include "gateway/http/router.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "gateway/http/openapi.hpp"
#include "gateway/http/server.hpp"
#include "gateway/http/uri.hpp"

namespace graphrag::gateway {
namespace {

using Outcome = Router::Outcome;

std::vector<Route> table(std::initializer_list<std::pair<const char*, const char*>> entries) {
  std::vector<Route> out;
  for (const auto& [method, pattern] : entries) {
    Route r;
    r.method = method;
    r.pattern = pattern;
    out.push_back(r);
  }
  return out;
}

class RouterTest : public testing::Test {
protected:
  const std::vector<Route> routes = table({{"GET", "/"},
                                           {"GET", "/c/{c}/d/{id}"},
                                           {"PUT", "/c/{c}/d/{id}"},
                                           {"POST", "/c/{c}/d/_bulk"},
                                           {"GET", "/c/{collection}/d/{id}/text"},
                                           {"GET", "/c/default/x"},
                                           {"GET", "/health"}});
  const Router router{routes};
};

TEST_F(RouterTest, FindsLiteralsAndParameters) {
  EXPECT_EQ(router.match("GET", "/").route, 0U);
  EXPECT_EQ(router.match("GET", "/health").route, 6U);
  const auto match = router.match("PUT", "/c/one/d/two");
  EXPECT_EQ(match.outcome, Outcome::found);
  EXPECT_EQ(match.route, 2U);
  EXPECT_EQ(match.params, (std::map<std::string, std::string>{{"c", "one"}, {"id", "two"}}));
  EXPECT_EQ(router.match("GET", "/c/one/d/two/text").params.at("collection"), "one");
}

TEST_F(RouterTest, PrefersALiteralAndComesBackFromIt) {
  EXPECT_EQ(router.match("POST", "/c/one/d/_bulk").route, 3U);
  EXPECT_EQ(router.match("GET", "/c/one/d/_bulk").outcome, Outcome::method_not_allowed);
  const auto match = router.match("GET", "/c/one/d/_bulk/text");
  EXPECT_EQ(match.route, 4U);
  EXPECT_EQ(match.params.at("id"), "_bulk");
  EXPECT_EQ(router.match("GET", "/c/default/x").route, 5U);
  EXPECT_EQ(router.match("GET", "/c/default/d/x").route, 1U);
}

TEST_F(RouterTest, DecodesAfterSplitting) {
  EXPECT_EQ(router.match("GET", "/c/a%2Fb/d/%E2%82%AC%20").params.at("c"), "a/b");
  EXPECT_EQ(router.match("GET", "/c/a%2Fb/d/%E2%82%AC%20").params.at("id"), "\xE2\x82\xAC ");
  EXPECT_EQ(router.match("GET", "/he%61lth").route, 6U);
  EXPECT_EQ(router.match("GET", "/c%2Fdefault%2Fx").outcome, Outcome::not_found);
  EXPECT_EQ(router.match("GET", "/c/+/d/x").params.at("c"), "+");
}

TEST_F(RouterTest, RefusesBadPaths) {
  for (const char* bad :
       {"", "x", "/c/%/d/x", "/c/%2/d/x", "/c/%g0/d/x", "/c/%00/d/x", "/c/%ff/d/x", "/c/%c0%af/d/x",
        "/c/%ed%a0%80/d/x", "/c/../health", "/./health", "/c/%2e/d/x", "/c/%2E%2e/d/x"}) {
    EXPECT_EQ(router.match("GET", bad).outcome, Outcome::bad_path) << bad;
  }
  for (const char* missing :
       {"//", "//health", "/health/", "/c//d/x", "/c/x/d/", "/c/x/d", "/HEALTH", "/c/x/d/y/z"}) {
    EXPECT_EQ(router.match("GET", missing).outcome, Outcome::not_found) << missing;
  }
}

TEST_F(RouterTest, TellsWhatIsAllowed) {
  const auto no = router.match("DELETE", "/c/a/d/b");
  EXPECT_EQ(no.outcome, Outcome::method_not_allowed);
  EXPECT_EQ(no.allow, "GET, PUT, HEAD, OPTIONS");
  EXPECT_EQ(router.match("OPTIONS", "/c/a/d/_bulk").allow, "POST, OPTIONS");
  const auto head = router.match("HEAD", "/c/a/d/b");
  EXPECT_EQ(head.outcome, Outcome::found);
  EXPECT_TRUE(head.head_of_get);
  EXPECT_EQ(router.match("HEAD", "/c/a/d/_bulk").outcome, Outcome::method_not_allowed);
}

TEST(Uri, DecodesStrictly) {
  EXPECT_EQ(percent_decode("a%20b+c", false), "a b+c");
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  EXPECT_EQ(percent_decode(percent_encode("\xF0\x9F\x98\x80/%&"), false), "\xF0\x9F\x98\x80/%&");
  for (const char* bad : {"%F4%90%80%80", "%C1%81", "%E0%80%80", "%80", "%E2%82", "%F0%80%80%80"}) {
    EXPECT_FALSE(percent_decode(bad, false)) << bad;
  }
  const auto query = parse_query("a=1&a=2&b&c=%3D+x&&=v");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->count("a"), 2U);
  EXPECT_EQ(query->find("b")->second, "");
  EXPECT_EQ(query->find("c")->second, "= x");
  std::string many;
  for (int i = 0; i < 300; ++i) many += "a&";
  EXPECT_FALSE(parse_query(many));
}

TEST(Uri, TakesADocumentIdFromThePathOrTheQuery) {
  Request request;
  EXPECT_EQ(document_id_of(request), std::nullopt);
  request.query = {{"id", "../x"}};
  EXPECT_EQ(document_id_of(request), "../x");
  request.params = {{"id", "y"}};
  EXPECT_EQ(document_id_of(request), std::nullopt);
  request.query.clear();
  EXPECT_EQ(document_id_of(request), "y");
}

TEST(OpenApi, DescribesTheRoutes) {
  auto routes = table({{"GET", "/c/{c}/d/{id}"}, {"PUT", "/c/{c}/d/{id}"}, {"GET", "/docs"}});
  routes[0].operation_id = "getDocument";
  routes[0].summary = "One document";
  routes[1].operation_id = "putDocument";
  routes[0].parameters = {{"version", "which one"}};
  routes[1].bodies = {{"application/json", R"({"type": "object"})"}, {"text/plain", ""}};
  const auto doc = nlohmann::json::parse(openapi_document({"Title", "1.0", "", "/", true}, routes));
  EXPECT_EQ(doc["openapi"], "3.1.0");
  const auto& path = doc["paths"]["/c/{c}/d/{id}"];
  EXPECT_EQ(path["get"]["operationId"], "getDocument");
  EXPECT_EQ(path["get"]["parameters"][1]["name"], "id");
  EXPECT_EQ(path["get"]["parameters"][2]["in"], "query");
  EXPECT_TRUE(path["get"]["responses"].contains("4XX"));
  EXPECT_TRUE(path["put"]["requestBody"]["content"].contains("text/plain"));
  EXPECT_EQ(path["put"]["requestBody"]["content"]["application/json"]["schema"]["type"], "object");
  EXPECT_FALSE(doc["paths"].contains("/docs"));
  EXPECT_TRUE(doc["components"]["securitySchemes"].contains("bearer"));
}

} // namespace
} // namespace graphrag::gateway
