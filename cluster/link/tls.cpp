#include "cluster/link/tls.hpp"

#include <array>
#include <ctime>

#include "cluster/link/wire.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "observability/log.hpp"
#include "observability/metrics.hpp"

namespace graphrag::cluster {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;
using Context = std::shared_ptr<ssl::context>;

constexpr unsigned name_rules = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;

class TlsWire final : public Wire {
public:
  TlsWire(tcp::socket socket, Context context, ssl::stream_base::handshake_type side)
      : context_(std::move(context)), stream_(std::move(socket), *context_), side_(side) {}

  // False when OpenSSL would not take the name, so it could not be checked.
  bool expect(const std::string& name) {
    auto* ssl = stream_.native_handle();
    ::SSL_set_hostflags(ssl, name_rules);
    return !name.empty() && ::SSL_set1_host(ssl, name.c_str()) == 1 &&
           ::SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
  }

  tcp::socket& socket() override { return stream_.next_layer(); }
  void shake_hands(Done done) override { stream_.async_handshake(side_, std::move(done)); }
  void read_some(asio::mutable_buffer into, Moved moved) override {
    stream_.async_read_some(into, std::move(moved));
  }
  void write(asio::const_buffer all, Moved moved) override {
    asio::async_write(stream_, all, std::move(moved));
  }
  bool peer_is(const std::string& name) override {
    X509* certificate = ::SSL_get1_peer_certificate(stream_.native_handle());
    if (!certificate) return false;
    const int is = name.empty() ? 0
                                : ::X509_check_host(certificate, name.data(), name.size(),
                                                    name_rules, nullptr);
    ::X509_free(certificate);
    return is == 1;
  }

private:
  Context context_;
  ssl::stream<tcp::socket> stream_;
  ssl::stream_base::handshake_type side_;
};

// What tells that a file was exchanged or written to.
using Stamp = std::array<std::int64_t, 5>;
Stamp stamp_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return {};
  return {static_cast<std::int64_t>(found.st_dev), static_cast<std::int64_t>(found.st_ino),
          found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

using Stamps = std::array<Stamp, 3>;
Stamps stamps_of(const TlsFiles& files) {
  return {stamp_of(files.ca), stamp_of(files.certificate), stamp_of(files.key)};
}

runtime::Result<Context> read_files(const TlsFiles& files) {
  auto made = std::make_shared<ssl::context>(ssl::context::tls);
  auto* native = made->native_handle();
  const auto unusable = [](const std::string& file, const std::string& why) {
    return runtime::fail(runtime::Errc::invalid_argument, file + " cannot be used: " + why);
  };
  error_code error;
  made->load_verify_file(files.ca, error);
  if (error) return unusable(files.ca, error.message());
  made->use_certificate_chain_file(files.certificate, error);
  if (error) return unusable(files.certificate, error.message());
  made->use_private_key_file(files.key, ssl::context::pem, error);
  if (error) return unusable(files.key, error.message());
  if (::SSL_CTX_check_private_key(native) != 1)
    return unusable(files.key, "it is not the certificate's key");
  made->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, error);
  ::SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
  // Every connection proves itself anew.
  ::SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_num_tickets(native, 0);
  return made;
}

void note_expiry(const Context& context) {
  static auto& gauge = observability::gauge("graphrag_link_certificate_expires_seconds",
                                            "Unix time at which this node's certificate ends.");
  std::tm end{};
  const X509* own = ::SSL_CTX_get0_certificate(context->native_handle());
  if (own && ::ASN1_TIME_to_tm(::X509_get0_notAfter(own), &end) == 1)
    gauge.Set(static_cast<double>(::timegm(&end)));
}

class TlsWires final : public WireMaker {
public:
  // `stamps` were taken before `context` was read: a change between the two is seen later.
  TlsWires(TlsFiles files, Stamps stamps, Context context)
      : files_(std::move(files)), stamps_(stamps), context_(std::move(context)) {
    note_expiry(context_);
  }

  std::unique_ptr<Wire> accept(tcp::socket socket) override {
    look_again();
    return std::make_unique<TlsWire>(std::move(socket), context_, ssl::stream_base::server);
  }
  std::unique_ptr<Wire> dial(tcp::socket socket, const std::string& name) override {
    look_again();
    auto wire = std::make_unique<TlsWire>(std::move(socket), context_, ssl::stream_base::client);
    if (!wire->expect(name)) return nullptr;
    return wire;
  }

private:
  void look_again() {
    const auto now = stamps_of(files_);
    if (now == stamps_) return;
    stamps_ = now; // also of a set that is no good: it is tried again when it changes again
    auto made = read_files(files_);
    if (!made) {
      observability::log_error("new certificates of the link cannot be used; the old ones stay",
                               {{"error.message", made.error().detail}});
      return;
    }
    context_ = std::move(*made);
    note_expiry(context_);
    observability::log_info("the link has new certificates");
  }

  const TlsFiles files_;
  Stamps stamps_;
  Context context_;
};

} // namespace

runtime::Result<std::shared_ptr<WireMaker>> make_tls_wires(TlsFiles files) {
  const auto stamps = stamps_of(files);
  auto context = read_files(files);
  if (!context) return tl::unexpected(context.error());
  return std::make_shared<TlsWires>(std::move(files), stamps, std::move(*context));
}

} // namespace graphrag::cluster
