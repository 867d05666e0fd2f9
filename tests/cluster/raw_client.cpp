#include "raw_client.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "runtime/check.hpp"
#include "tests/support/test_node.hpp"

namespace graphrag::test {

RawClient::RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{patience.count(), 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  RUNTIME_CHECK(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                    0,
                "the link's port can be reached");
}

bool RawClient::shake_hands(const RawTls& tls) {
  SSL_CTX* context = ::SSL_CTX_new(::TLS_client_method());
  ::SSL_CTX_set_max_proto_version(context, tls.max_version);
  if (!tls.folder.empty()) {
    const auto file = [&](const char* name) { return tls.folder + "/" + name; };
    ::SSL_CTX_use_certificate_chain_file(context, file("node.pem").c_str());
    ::SSL_CTX_use_PrivateKey_file(context, file("node.key").c_str(), SSL_FILETYPE_PEM);
  }
  ssl_.reset(::SSL_new(context));
  ::SSL_CTX_free(context);
  ::SSL_set_fd(ssl_.get(), fd_.get());
  return ::SSL_connect(ssl_.get()) == 1;
}

void RawClient::send(const std::string& bytes) { // what the other side does with it shows in read()
  if (ssl_)
    (void)::SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  else
    (void)::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string RawClient::read() {
  char bytes[4096];
  const auto got = ssl_ ? ::SSL_read(ssl_.get(), bytes, sizeof bytes)
                        : static_cast<int>(::recv(fd_.get(), bytes, sizeof bytes, 0));
  if (got > 0) return {bytes, static_cast<std::size_t>(got)};
  RUNTIME_CHECK(errno != EAGAIN || ssl_, "the other side answers or closes in time");
  return {};
}

} // namespace graphrag::test
