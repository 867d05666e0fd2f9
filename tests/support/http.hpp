#pragma once
// A plain blocking HTTP client for tests: one connection, reused; every call ends by its deadline.
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

namespace graphrag::test {

struct HttpAnswer {
  int status = 0;                             // 0: no answer (refused, reset, deadline)
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;
  std::string error; // why there is no answer
  nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

// A port of the loopback, in our own network or in another one (network_namespace.hpp).
struct Address {
  Address(unsigned short number, int where = -1) : port(number), network(where) {}
  unsigned short port;
  int network;
  bool operator==(const Address&) const = default;
};

class HttpClient {
public:
  explicit HttpClient(Address server,
                      std::chrono::milliseconds deadline = std::chrono::seconds(30));
  ~HttpClient();
  HttpAnswer request(const std::string& method, const std::string& target,
                     const std::string& body = "",
                     const std::map<std::string, std::string>& headers = {});
  HttpAnswer get(const std::string& target) { return request("GET", target); }
  HttpAnswer post(const std::string& target, const nlohmann::json& body) {
    return request("POST", target, body.dump(), {{"Content-Type", "application/json"}});
  }
  HttpAnswer put(const std::string& target, const nlohmann::json& body) {
    return request("PUT", target, body.dump(), {{"Content-Type", "application/json"}});
  }

private:
  struct Connection;
  HttpAnswer no_answer(const char* where);
  std::unique_ptr<Connection> connection_;
  Address server_;
  std::chrono::milliseconds deadline_;
};

// One file as a multipart/form-data body; `content_type` is set to go with it.
std::string multipart_file(const std::string& filename, const std::string& bytes,
                           std::string& content_type);

} // namespace graphrag::test
