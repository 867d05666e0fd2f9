#include "runtime/http/channel.hpp"

#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <openssl/x509v3.h>
#include <poll.h>

namespace graphrag::runtime::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct TlsContext {
  asio::ssl::context context{asio::ssl::context::tls_client};
};
void TlsContextFree::operator()(TlsContext* context) const noexcept { delete context; }

Result<TlsContextPtr> make_tls_context(const std::string& extra_ca_file) {
  try {
    TlsContextPtr made{new TlsContext};
    auto& context = made->context;
    ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    context.set_verify_mode(asio::ssl::verify_peer);
    context.set_default_verify_paths();
    if (!extra_ca_file.empty()) context.load_verify_file(extra_ca_file);
    return made;
  } catch (const boost::system::system_error& error) {
    return fail(Errc::invalid_argument, "the CA file cannot be used: " + error.code().message());
  }
}

namespace {

using TlsStream = asio::ssl::stream<tcp::socket>;

tcp::socket& socket_of(tcp::socket& stream) { return stream; }
tcp::socket& socket_of(TlsStream& stream) { return stream.next_layer(); }

template <class Stream>
class StreamChannel final : public Channel {
public:
  template <class... More>
  explicit StreamChannel(std::string where, More&... more)
      : where_(std::move(where)), stream_(io_, more...) {}

  Status connect(const std::vector<std::string>& addresses, std::uint16_t port,
                 const Until& until) {
    Status status = fail(Errc::unavailable, where_ + ": no usable address");
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      error_code error;
      const auto address = asio::ip::make_address(addresses[i], error);
      if (error) continue;
      auto& socket = socket_of(stream_);
      socket.close(error);
      const auto now = std::chrono::steady_clock::now();
      const auto left = static_cast<std::chrono::nanoseconds::rep>(addresses.size() - i);
      const Until share{now + (until.deadline - now) / left, until.cancel};
      status = run("connecting", share, [&](auto done) {
        socket.async_connect(tcp::endpoint{address, port}, [done](error_code e) { done(e, 0); });
      });
      if (status) {
        socket.set_option(tcp::no_delay{true}, error);
        return status;
      }
      if (until.cancel.stop_requested()) break;
    }
    return status;
  }

  // Only for TLS.
  Status handshake(const std::string& host, const Until& until) {
    auto* ssl = stream_.native_handle();
    error_code not_literal;
    asio::ip::make_address(host, not_literal);
    bool set = false;
    if (not_literal) { // names go into the hello, addresses do not (RFC 6066, 3)
      set = ::SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 &&
            ::SSL_set1_host(ssl, host.c_str()) == 1;
      ::SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    } else {
      set = ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str()) == 1;
    }
    if (!set) return fail(Errc::io, where_ + ": the host cannot be checked by TLS");
    auto status = run("shaking hands", until, [&](auto done) {
      stream_.async_handshake(asio::ssl::stream_base::client, [done](error_code e) { done(e, 0); });
    });
    if (const auto verified = ::SSL_get_verify_result(ssl); !status && verified != X509_V_OK)
      return fail(Errc::io, where_ + ": its certificate is refused: " +
                                ::X509_verify_cert_error_string(verified));
    return status;
  }

  Status write(std::string_view head, std::string_view body, const Until& until) override {
    const std::array<asio::const_buffer, 2> both{asio::buffer(head), asio::buffer(body)};
    return run("sending", until, [&](auto done) { asio::async_write(stream_, both, done); });
  }

  Result<std::size_t> read_some(char* into, std::size_t size, const Until& until) override {
    auto status = run("waiting for the answer", until,
                      [&](auto done) { stream_.async_read_some(asio::buffer(into, size), done); });
    if (!status) {
      if (error_ == asio::error::eof) return std::size_t{0};
      return tl::unexpected(status.error());
    }
    return moved_;
  }

  bool quiet() override {
    pollfd poll{socket_of(stream_).native_handle(), POLLIN, 0};
    return ::poll(&poll, 1, 0) == 0;
  }

private:
  // Starts one operation and runs it until it is done. When the deadline passes before that, or
  // somebody cancels, the socket is closed and the handlers have run: they refer to this frame.
  template <class Start>
  Status run(const char* doing, const Until& until, Start start) {
    bool ended = false;
    start([this, &ended](error_code e, std::size_t moved) {
      error_ = e;
      moved_ = moved;
      ended = true;
    });
    {
      std::stop_callback wake{until.cancel, [this] { asio::post(io_, [] {}); }};
      io_.restart();
      while (!ended && !until.cancel.stop_requested() && io_.run_one_until(until.deadline) != 0) {
      }
    }
    if (ended && !error_) return {};
    if (ended) return fail(Errc::unavailable, where_ + ": " + error_.message() + " while " + doing);
    error_code ignored;
    socket_of(stream_).close(ignored);
    io_.restart();
    io_.run();
    error_ = {};
    if (until.cancel.stop_requested())
      return fail(Errc::canceled, where_ + ": canceled while " + doing);
    return fail(Errc::timeout, where_ + ": no answer in time while " + doing);
  }

  const std::string where_;
  asio::io_context io_{1};
  Stream stream_;
  error_code error_;
  std::size_t moved_ = 0;
};

} // namespace

Result<std::unique_ptr<Channel>> open_channel(const Url& url,
                                              const std::vector<std::string>& addresses,
                                              TlsContext& tls, const Until& until) {
  const auto where = origin(url);
  try { // making a context or a socket throws when the process is out of descriptors
    if (!url.tls) {
      auto channel = std::make_unique<StreamChannel<tcp::socket>>(where);
      if (auto status = channel->connect(addresses, url.port, until); !status)
        return tl::unexpected(status.error());
      return channel;
    }
    auto channel = std::make_unique<StreamChannel<TlsStream>>(where, tls.context);
    auto status = channel->connect(addresses, url.port, until);
    if (status) status = channel->handshake(url.host, until);
    if (!status) return tl::unexpected(status.error());
    return channel;
  } catch (const boost::system::system_error& error) {
    return fail(Errc::unavailable, where + ": " + error.code().message());
  }
}

} // namespace graphrag::runtime::http
