#pragma once
// A client that does to the link's port what nodes do not: blocking, plain or TLS, byte by byte.
#include <memory>
#include <optional>
#include <string>

#include <openssl/ssl.h>

#include "runtime/unique_fd.hpp"

namespace graphrag::test {

struct RawTls {
  std::string folder; // of certificates; empty: none
  int max_version = TLS1_3_VERSION;
};

class RawClient {
public:
  explicit RawClient(std::uint16_t port);
  // True when this side thinks it is done, which TLS 1.3 lets a client think before it was judged.
  bool shake_hands(const RawTls& tls);
  void send(const std::string& bytes);
  // What comes within `patience`: at least one byte, or nothing when the other side has closed.
  std::string read();
  bool closed() { return read().empty(); }

private:
  struct SslFree {
    void operator()(SSL* ssl) const noexcept { ::SSL_free(ssl); }
  };
  runtime::UniqueFd fd_;
  std::unique_ptr<SSL, SslFree> ssl_;
};

} // namespace graphrag::test
