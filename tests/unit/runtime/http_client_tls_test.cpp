#include "runtime/http/client.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/stub_model_server.hpp"

namespace graphrag::runtime::http {
namespace {

using namespace std::chrono_literals;
using test::StubAuthority;
using test::StubConnection;
using test::StubModelServer;
using test::StubRequest;

class HttpTls : public testing::Test {
protected:
  HttpTls() { std::ofstream{ca_file_} << authority_.certificate_pem(); }
  ~HttpTls() override { std::filesystem::remove(ca_file_); }

  Result<std::unique_ptr<Client>> make_client(const std::string& ca_file) {
    return Client::make({.extra_ca_file = ca_file, .lookup = [](const std::string&) {
                           return std::vector<std::string>{"127.0.0.1"};
                         }});
  }
  static Request get(const std::string& url) {
    Request request;
    request.url = url;
    return request;
  }
  static void echo(const StubRequest& request, StubConnection& connection) {
    connection.reply(200, request.body);
  }

  const StubAuthority authority_;
  const std::string ca_file_ = std::filesystem::temp_directory_path() /
                               ("graphrag-test-ca-" + std::to_string(::getpid()) + ".pem");
};

TEST_F(HttpTls, TheGivenAuthorityIsTrusted) {
  StubModelServer server{echo, authority_.issue("DNS:models.test,IP:127.0.0.1")};
  const auto client = *make_client(ca_file_);
  for (const char* host : {"models.test", "127.0.0.1"}) {
    auto request = get(server.url("/", host));
    request.method = "POST";
    request.body = std::string(1'000'000, 'x');
    for (int i = 0; i < 3; ++i) {
      const auto response = client->send(request);
      ASSERT_TRUE(response) << response.error().detail;
      EXPECT_EQ(response->body, request.body);
    }
  }
  EXPECT_EQ(server.requests().back().connection, 1u) << "kept connections were not used";
}

TEST_F(HttpTls, AnUnknownAuthorityIsRefused) {
  StubModelServer server{echo, authority_.issue("DNS:models.test")};
  const auto response = (*make_client(""))->send(get(server.url("/", "models.test")));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::io);
  EXPECT_NE(response.error().detail.find("certificate"), std::string::npos);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(HttpTls, ACertificateForAnotherHostIsRefused) {
  StubModelServer server{echo, authority_.issue("DNS:models.test,DNS:*.wild.test")};
  const auto client = *make_client(ca_file_);
  for (const char* host : {"other.test", "sub.models.test", "127.0.0.1", "wild.test"}) {
    const auto response = client->send(get(server.url("/", host)));
    ASSERT_FALSE(response) << host;
    EXPECT_EQ(response.error().code, Errc::io) << response.error().detail;
  }
  EXPECT_TRUE(client->send(get(server.url("/", "a.wild.test"))));
}

TEST_F(HttpTls, AServerWithoutTlsIsNoSuccess) {
  StubModelServer server{[](const StubRequest&, StubConnection& c) { c.close(); }};
  auto request = get("https://127.0.0.1:" + std::to_string(server.port()) + "/");
  request.timeout = 300ms; // the stub waits for the end of a head that never comes
  EXPECT_FALSE((*make_client(ca_file_))->send(request));
}

TEST_F(HttpTls, NoRedirectLeadsAwayFromIt) {
  StubModelServer plain{echo};
  StubModelServer server{[&](const StubRequest&, StubConnection& connection) {
                           connection.reply(302, "", "Location: " + plain.url("/") + "\r\n");
                         },
                         authority_.issue("DNS:models.test")};
  auto request = get(server.url("/", "models.test"));
  request.max_redirects = 5;
  const auto response = (*make_client(ca_file_))->send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::io);
  EXPECT_TRUE(plain.requests().empty());
}

TEST_F(HttpTls, TheDeadlineCoversDripsUnderTls) {
  StubModelServer server{[](const StubRequest&, StubConnection& connection) {
                           connection.drip("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'));
                         },
                         authority_.issue("DNS:models.test")};
  auto request = get(server.url("/", "models.test"));
  request.timeout = 300ms;
  const auto response = (*make_client(ca_file_))->send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Errc::timeout);
}

TEST_F(HttpTls, ACaFileThatCannotBeReadIsAnError) {
  const auto client = make_client(ca_file_ + ".missing");
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, Errc::invalid_argument);
}

} // namespace
} // namespace graphrag::runtime::http
