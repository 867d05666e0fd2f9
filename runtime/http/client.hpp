#pragma once
// A blocking HTTP/1.1 client for servers of others: TLS with checked names, one deadline for the
// whole call, bounds on everything that comes in. Owns the connections it keeps for reuse.
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/http/message.hpp"

namespace graphrag::runtime::http {

struct ClientOptions {
  // Trusted besides the certificates of the system; PEM. Empty: none.
  std::string extra_ca_file;
  std::size_t max_idle_connections = 16; // of all servers together; 0: no reuse
  std::chrono::milliseconds max_idle_time{30'000};
  // Addresses of a name, as text; empty = not known. May block: it runs on a thread of its own,
  // which is left behind when the deadline passes, and must not refer to what could go away before.
  // Empty function: the system's resolver. Literal addresses are never looked up.
  std::function<std::vector<std::string>(const std::string& host)> lookup;
};

// Thread-safe; calls run side by side, each on its caller's thread, which blocks. Never call it on
// a worker of the actor system. Must outlive its calls.
class Client {
public:
  // Reads the certificates of the system, which takes about a tenth of a second: make one and share
  // it. Errors: `invalid_argument` when the extra CA file cannot be read.
  static Result<std::unique_ptr<Client>> make(ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Any status is a success here. Errors:
  //   invalid_argument  the address, the method or a header cannot be sent
  //   unavailable       no such name, no connection, or it broke in the middle
  //   timeout           the deadline passed
  //   canceled          `cancel` was asked for
  //   overloaded        too many name look-ups hang already
  //   io                the certificate is not trusted or names another host; the answer is no
  //                     HTTP, is over a bound, or redirects too often or away from https
  // Details name the origin only, never the path, a header or a body.
  Result<Response> send(const Request& request);

private:
  struct Parts;
  explicit Client(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

} // namespace graphrag::runtime::http
