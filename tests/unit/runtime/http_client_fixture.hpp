#pragma once
// What the tests of the HTTP client share.
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "runtime/http/client.hpp"
#include "tests/support/stub_model_server.hpp"

namespace graphrag::runtime::http {

using test::StubConnection;
using test::StubModelServer;
using test::StubRequest;

inline std::unique_ptr<Client> make_client(ClientOptions options = {}) {
  return std::move(*Client::make(std::move(options)));
}

inline Request get(const std::string& url) {
  Request request;
  request.url = url;
  request.timeout = std::chrono::seconds(20); // far away, unless a test is about it
  return request;
}

} // namespace graphrag::runtime::http
