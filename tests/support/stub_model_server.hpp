#pragma once
// A server on a loopback port whose every answer a test scripts, byte by byte when it wants to;
// plain or TLS with certificates made on the spot.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace graphrag::test {

// A certificate authority that lives as long as its test.
class StubAuthority {
public:
  StubAuthority();
  ~StubAuthority();
  struct Identity {
    std::string certificate_pem, key_pem;
  };
  const std::string& certificate_pem() const { return certificate_pem_; }
  // `names` as OpenSSL writes them: "DNS:models.test,IP:127.0.0.1".
  Identity issue(const std::string& names) const;

private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string certificate_pem_;
};

struct StubRequest {
  std::string method, target, body;
  std::map<std::string, std::string> headers; // names in lower case
  unsigned number = 0;                        // of this server, from 0
  unsigned connection = 0;                    // that it came on, from 0
};

// What a script can do with the connection of a request. When the script returns without close(),
// the connection waits for another request.
class StubConnection {
public:
  virtual ~StubConnection() = default;
  virtual bool send(std::string_view bytes) = 0; // false: the client has left
  virtual void close() = 0;
  // Until the client has left or the server ends.
  virtual void wait_until_left() = 0;
  // Until the client has sent more; leaves it unread.
  virtual void wait_for_bytes() = 0;
  // One byte at a time with a little time between, until all are sent or the client has left.
  virtual void drip(std::string_view bytes) = 0;
  // A whole answer; `headers` are lines that end in "\r\n".
  void reply(int status, std::string_view body, std::string_view headers = {});
};

class StubModelServer {
public:
  // Called for each request, on a thread per connection.
  using Script = std::function<void(const StubRequest&, StubConnection&)>;
  explicit StubModelServer(Script script);
  StubModelServer(Script script, const StubAuthority::Identity& identity); // TLS
  ~StubModelServer(); // ends every connection and waits for the scripts
  StubModelServer(const StubModelServer&) = delete;
  StubModelServer& operator=(const StubModelServer&) = delete;

  std::uint16_t port() const;
  std::string url(const std::string& target = "", const std::string& host = "127.0.0.1") const;
  std::vector<StubRequest> requests() const; // so far

private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// A whole answer of the protocol: {"choices":[{"message":{"content": text}}], "usage": ...}.
std::string chat_body(const std::string& text, int input_tokens = 7, int output_tokens = 3);
// {"data":[...]}: for each of `texts` a vector (its place, 1).
std::string embedding_body(std::size_t texts);

} // namespace graphrag::test
