#include "tests/support/stub_model_server.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <mutex>
#include <set>
#include <thread>

#include <arpa/inet.h>
#include <nlohmann/json.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace graphrag::test {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { ::X509_free(certificate); }
  void operator()(BIO* bio) const { ::BIO_free(bio); }
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { ::SSL_free(ssl); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const auto size = ::BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  Owned<BIO> bio{::BIO_new(::BIO_s_mem())};
  ::PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio.get());
}

void add_extension(X509* to, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  ::X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  auto* extension = ::X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  ::X509_add_ext(to, extension, -1);
  ::X509_EXTENSION_free(extension);
}

// For one day around now. Signed by `issuer_key`, or by its own key when that is null.
Owned<X509> make_certificate(EVP_PKEY* key, const char* name, X509* issuer, EVP_PKEY* issuer_key,
                             const std::vector<std::pair<int, std::string>>& extensions) {
  static std::atomic<long> serial{1};
  Owned<X509> out{::X509_new()};
  ::X509_set_version(out.get(), X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(out.get()), serial++);
  ::X509_gmtime_adj(::X509_getm_notBefore(out.get()), -86'400);
  ::X509_gmtime_adj(::X509_getm_notAfter(out.get()), 86'400);
  ::X509_set_pubkey(out.get(), key);
  auto* subject = ::X509_get_subject_name(out.get());
  ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  ::X509_set_issuer_name(out.get(), issuer ? ::X509_get_subject_name(issuer) : subject);
  for (const auto& [id, value] : extensions)
    add_extension(out.get(), issuer ? issuer : out.get(), id, value);
  ::X509_sign(out.get(), issuer_key ? issuer_key : key, ::EVP_sha256());
  return out;
}

class Connection final : public StubConnection {
public:
  Connection(int fd, SSL_CTX* tls) : fd_(fd) {
    if (!tls) return;
    ssl_.reset(::SSL_new(tls));
    ::SSL_set_fd(ssl_.get(), fd);
    if (::SSL_accept(ssl_.get()) != 1) closed_ = true;
  }

  // The bytes of one request with its end at hand, or false: the client has left.
  bool read_request(StubRequest& request) {
    std::size_t head_end;
    while ((head_end = unread_.find("\r\n\r\n")) == std::string::npos)
      if (!read_more()) return false;
    std::string_view head{unread_.data(), head_end + 2};
    const auto first = head.substr(0, head.find("\r\n"));
    request.method = first.substr(0, first.find(' '));
    const auto rest = first.substr(request.method.size() + 1);
    request.target = rest.substr(0, rest.find(' '));
    for (head.remove_prefix(first.size() + 2); !head.empty();
         head.remove_prefix(head.find("\r\n") + 2)) {
      const auto line = head.substr(0, head.find("\r\n"));
      std::string name{line.substr(0, line.find(':'))};
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      request.headers[name] = line.substr(std::min(line.size(), name.size() + 2));
    }
    const auto size = request.headers.contains("content-length")
                          ? std::stoul(request.headers["content-length"])
                          : 0;
    unread_.erase(0, head_end + 4);
    while (unread_.size() < size)
      if (!read_more()) return false;
    request.body = unread_.substr(0, size);
    unread_.erase(0, size);
    return true;
  }

  bool send(std::string_view bytes) override {
    while (!closed_ && !bytes.empty()) {
      const auto sent = ssl_ ? ::SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                             : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        closed_ = true;
      else
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return !closed_;
  }
  void close() override {
    if (ssl_ && !closed_) ::SSL_shutdown(ssl_.get());
    ::shutdown(fd_, SHUT_RDWR);
    closed_ = true;
  }
  void wait_until_left() override {
    while (read_more()) {
    }
    closed_ = true;
  }
  void wait_for_bytes() override {
    pollfd bytes{fd_, POLLIN, 0};
    ::poll(&bytes, 1, -1);
  }
  void drip(std::string_view bytes) override {
    for (const char byte : bytes) {
      pollfd left{fd_, POLLIN, 0};
      if (!send({&byte, 1}) || ::poll(&left, 1, 2) > 0) return;
    }
  }
  bool closed() const { return closed_; }

private:
  bool read_more() {
    char bytes[16 * 1024];
    if (closed_) return false;
    const auto got =
        ssl_ ? ::SSL_read(ssl_.get(), bytes, sizeof bytes) : ::recv(fd_, bytes, sizeof bytes, 0);
    if (got > 0) unread_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }

  const int fd_;
  Owned<SSL> ssl_;
  std::string unread_;
  bool closed_ = false;
};

} // namespace

struct StubAuthority::Keys {
  Owned<EVP_PKEY> key{EVP_EC_gen("P-256")};
  Owned<X509> certificate = make_certificate(key.get(), "Test authority", nullptr, nullptr,
                                             {{NID_basic_constraints, "critical,CA:TRUE"}});
};

StubAuthority::StubAuthority()
    : keys_(std::make_unique<Keys>()), certificate_pem_(pem_of(keys_->certificate.get())) {}
StubAuthority::~StubAuthority() = default;

StubAuthority::Identity StubAuthority::issue(const std::string& names) const {
  Owned<EVP_PKEY> key{EVP_EC_gen("P-256")};
  const auto certificate = make_certificate(key.get(), "A test server", keys_->certificate.get(),
                                            keys_->key.get(), {{NID_subject_alt_name, names}});
  Owned<BIO> bio{::BIO_new(::BIO_s_mem())};
  ::PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {pem_of(certificate.get()), text_of(bio.get())};
}

void StubConnection::reply(int status, std::string_view body, std::string_view headers) {
  send("HTTP/1.1 " + std::to_string(status) + " Scripted\r\n" + std::string{headers} +
       "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body});
}

struct StubModelServer::Parts {
  Script script;
  Owned<SSL_CTX> tls;
  int listener = -1;
  std::uint16_t port = 0;
  std::thread accepting;
  mutable std::mutex mutex;
  bool ending = false;
  std::set<int> open;
  std::vector<std::thread> serving;
  std::vector<StubRequest> requests;

  Parts(Script given, const StubAuthority::Identity* identity) : script(std::move(given)) {
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to sockets that clients have closed
    if (identity) use(*identity);
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener, 64) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      std::abort();
    port = ::ntohs(address.sin_port);
    accepting = std::thread{[this] { accept_all(); }};
  }

  ~Parts() {
    ::shutdown(listener, SHUT_RDWR);
    accepting.join();
    {
      std::lock_guard lock{mutex};
      ending = true;
      for (const int fd : open) ::shutdown(fd, SHUT_RDWR);
    }
    for (auto& thread : serving) thread.join();
    ::close(listener);
  }

  void use(const StubAuthority::Identity& identity) {
    tls.reset(::SSL_CTX_new(::TLS_server_method()));
    Owned<BIO> certificate{::BIO_new_mem_buf(identity.certificate_pem.data(), -1)};
    Owned<BIO> key{::BIO_new_mem_buf(identity.key_pem.data(), -1)};
    Owned<X509> x509{::PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr)};
    Owned<EVP_PKEY> pkey{::PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr)};
    if (::SSL_CTX_use_certificate(tls.get(), x509.get()) != 1 ||
        ::SSL_CTX_use_PrivateKey(tls.get(), pkey.get()) != 1)
      std::abort();
  }

  void accept_all() {
    for (unsigned number = 0;; ++number) {
      const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      std::lock_guard lock{mutex};
      open.insert(fd);
      serving.emplace_back([this, fd, number] { serve(fd, number); });
    }
  }

  void serve(int fd, unsigned number) {
    {
      Connection connection{fd, tls.get()};
      StubRequest request;
      while (!connection.closed() && connection.read_request(request)) {
        request.connection = number;
        {
          std::lock_guard lock{mutex};
          if (ending) break;
          request.number = static_cast<unsigned>(requests.size());
          requests.push_back(request);
        }
        script(request, connection);
        request = {};
      }
    }
    std::lock_guard lock{mutex};
    open.erase(fd);
    ::close(fd);
  }
};

StubModelServer::StubModelServer(Script script)
    : parts_(std::make_unique<Parts>(std::move(script), nullptr)) {}
StubModelServer::StubModelServer(Script script, const StubAuthority::Identity& identity)
    : parts_(std::make_unique<Parts>(std::move(script), &identity)) {}
StubModelServer::~StubModelServer() = default;

std::uint16_t StubModelServer::port() const { return parts_->port; }

std::string StubModelServer::url(const std::string& target, const std::string& host) const {
  return (parts_->tls ? "https://" : "http://") + host + ":" + std::to_string(parts_->port) +
         target;
}

std::vector<StubRequest> StubModelServer::requests() const {
  std::lock_guard lock{parts_->mutex};
  return parts_->requests;
}

std::string chat_body(const std::string& text, int input_tokens, int output_tokens) {
  const nlohmann::json choice{{"index", 0},
                              {"message", {{"role", "assistant"}, {"content", text}}},
                              {"finish_reason", "stop"}};
  return nlohmann::json{
      {"choices", {choice}},
      {"usage", {{"prompt_tokens", input_tokens}, {"completion_tokens", output_tokens}}}}
      .dump();
}

std::string embedding_body(std::size_t texts) {
  nlohmann::json data = nlohmann::json::array();
  for (std::size_t i = 0; i < texts; ++i)
    data.push_back({{"index", i}, {"embedding", {static_cast<double>(i), 1.0}}});
  return nlohmann::json{{"data", data}, {"usage", {{"total_tokens", 5}}}}.dump();
}

} // namespace graphrag::test
