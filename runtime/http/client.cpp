#include "runtime/http/client.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include "runtime/http/channel.hpp"
#include "runtime/http/exchange.hpp"
#include "runtime/http/lookup.hpp"
#include "runtime/http/url.hpp"

namespace graphrag::runtime::http {
namespace {

constexpr unsigned most_redirects = 5;
constexpr std::chrono::hours longest_timeout{24};

// Connections between two calls, the most recently used at the end.
class IdlePool {
public:
  IdlePool(std::size_t most, std::chrono::milliseconds longest) : most_(most), longest_(longest) {}

  std::unique_ptr<Channel> take(const std::string& origin) {
    const auto now = std::chrono::steady_clock::now();
    std::lock_guard lock{mutex_};
    std::erase_if(idle_, [&](auto& one) {
      return now - one.since > longest_ || (one.origin == origin && !one.channel->quiet());
    });
    const auto found = std::find_if(idle_.rbegin(), idle_.rend(),
                                    [&](const auto& one) { return one.origin == origin; });
    if (found == idle_.rend()) return nullptr;
    auto channel = std::move(found->channel);
    idle_.erase(std::next(found).base());
    return channel;
  }

  void give(const std::string& origin, std::unique_ptr<Channel> channel) {
    if (most_ == 0) return;
    std::lock_guard lock{mutex_};
    if (idle_.size() >= most_) idle_.erase(idle_.begin());
    idle_.push_back({origin, std::move(channel), std::chrono::steady_clock::now()});
  }

private:
  struct Idle {
    std::string origin;
    std::unique_ptr<Channel> channel;
    SteadyTime since;
  };
  const std::size_t most_;
  const std::chrono::milliseconds longest_;
  std::mutex mutex_;
  std::vector<Idle> idle_;
};

bool same_name(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : int{c}; };
    return low(a) == low(b);
  });
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](auto one) { return same_name(one, name); });
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

} // namespace

struct Client::Parts {
  ClientOptions options;
  TlsContextPtr tls;
  IdlePool idle;

  Result<Response> one(const Request& request, const Url& url, const Headers& headers,
                       const Until& until) {
    const auto where = origin(url);
    const auto head = request_head(request, url, headers);
    if (!head) return tl::unexpected(head.error());
    const bool repeatable =
        request.repeatable || request.method == "GET" || request.method == "HEAD";
    for (;;) {
      auto channel = idle.take(where);
      const bool kept = channel != nullptr;
      if (!kept) {
        auto addresses = find_addresses(url.host, options.lookup, until, where);
        if (!addresses) return tl::unexpected(addresses.error());
        auto opened = open_channel(url, *addresses, *tls, until);
        if (!opened) return tl::unexpected(opened.error());
        channel = std::move(*opened);
      }
      bool answered = false;
      auto exchanged = exchange(*channel, request, *head, where, until, answered);
      if (!exchanged) {
        const bool stale =
            kept && !answered && exchanged.error().code == Errc::unavailable && repeatable;
        if (stale) continue;
        return tl::unexpected(exchanged.error());
      }
      if (exchanged->reusable) idle.give(where, std::move(channel));
      return std::move(exchanged->response);
    }
  }
};

Client::Client(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::make(ClientOptions options) {
  auto tls = make_tls_context(options.extra_ca_file);
  if (!tls) return tl::unexpected(tls.error());
  if (!options.lookup) options.lookup = system_lookup;
  const auto most = options.max_idle_connections;
  const auto longest = options.max_idle_time;
  auto parts = std::unique_ptr<Parts>(
      new Parts{std::move(options), std::move(*tls), IdlePool{most, longest}});
  return std::unique_ptr<Client>{new Client{std::move(parts)}};
}

Result<Response> Client::send(const Request& request) {
  auto url = parse_url(request.url);
  if (!url) return tl::unexpected(url.error());
  if (request.timeout <= std::chrono::milliseconds::zero())
    return fail(Errc::timeout, origin(*url) + ": no time is left for the call");
  Headers headers;
  for (const auto& header : request.headers)
    if (!is_one_of(header.first, {"host", "content-length", "connection", "transfer-encoding"}))
      headers.push_back(header);
  const bool may_follow = request.method == "GET" || request.method == "HEAD";
  const unsigned most = may_follow ? std::min(request.max_redirects, most_redirects) : 0;
  const Until until{std::chrono::steady_clock::now() +
                        std::min<std::chrono::milliseconds>(request.timeout, longest_timeout),
                    request.cancel};
  for (unsigned followed = 0;; ++followed) {
    auto response = parts_->one(request, *url, headers, until);
    if (!response || most == 0 || !is_redirect(response->status)) return response;
    const auto where = origin(*url);
    const auto location = response->header("location");
    if (!location) return response;
    if (followed == most) return fail(Errc::io, where + ": too many redirects");
    auto next = follow(*url, *location);
    if (!next) return fail(Errc::io, where + ": a redirect leads to something that is no address");
    if (url->tls && !next->tls) return fail(Errc::io, where + ": a redirect leads away from https");
    if (origin(*next) != where)
      std::erase_if(headers, [](const auto& header) {
        return is_one_of(header.first, {"authorization", "proxy-authorization", "cookie", "api-key",
                                        "x-api-key"});
      });
    url = std::move(next);
  }
}

} // namespace graphrag::runtime::http
