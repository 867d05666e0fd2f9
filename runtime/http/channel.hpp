#pragma once
// One connection to a server, plain or TLS, with a deadline on every step. Internal to http/: keeps
// the network library out of everybody else's build.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"
#include "runtime/http/message.hpp"
#include "runtime/http/url.hpp"

namespace graphrag::runtime::http {

struct TlsContext;
struct TlsContextFree {
  void operator()(TlsContext* context) const noexcept;
};
// What is trusted; shared by all connections of a client and only read after it is made.
using TlsContextPtr = std::unique_ptr<TlsContext, TlsContextFree>;
Result<TlsContextPtr> make_tls_context(const std::string& extra_ca_file);

// One thread at a time. After an error it carries no other request; what the server has sent before
// a write failed (`unavailable`) can still be read.
class Channel {
public:
  virtual ~Channel() = default;
  // Sends both, one after the other.
  virtual Status write(std::string_view head, std::string_view body, const Until& until) = 0;
  // At least one byte, or 0: the server has ended its side in an orderly way.
  virtual Result<std::size_t> read_some(char* into, std::size_t size, const Until& until) = 0;
  // Open, and the server has sent nothing that nobody asked for: fit for another request.
  virtual bool quiet() = 0;
};

// Tries the addresses in turn, each with its share of the time, then shakes hands when the address
// says https: TLS 1.2 or newer, a chain that ends in the context, a certificate for this host.
Result<std::unique_ptr<Channel>> open_channel(const Url& url,
                                              const std::vector<std::string>& addresses,
                                              TlsContext& tls, const Until& until);

} // namespace graphrag::runtime::http
