#include "runtime/http/exchange.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace graphrag::runtime::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

constexpr int max_interim_answers = 8; // 100 Continue, 103 Early Hints, ...

std::string lower(string_view text) {
  std::string out{text.data(), text.size()};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// RFC 9110, 5.6.2
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

// The parser's grammar is Beast's; the bounds and where the bytes go are ours.
class Reader final : public beast_http::basic_parser<false> {
public:
  explicit Reader(const Request& request) : request_(request) {
    const auto most = std::min<std::size_t>(request.max_head_bytes, 1u << 30);
    header_limit(static_cast<std::uint32_t>(most));
    body_limit(request.max_body_bytes);
    eager(true);
    skip(request.method == "HEAD");
  }

  Response response;
  bool too_large = false;

private:
  void on_request_impl(beast_http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override {
    response.status = code;
  }
  void on_field_impl(beast_http::field, string_view name, string_view value,
                     error_code& error) override {
    head_bytes_ += name.size() + value.size() + 4;
    if (head_bytes_ > request_.max_head_bytes) return refuse(error);
    response.headers.emplace_back(lower(name), std::string{value.data(), value.size()});
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view piece, error_code& error) override {
    return take(piece, error);
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view piece, error_code& error) override {
    return take(piece, error);
  }
  void on_finish_impl(error_code&) override {}

  std::size_t take(string_view piece, error_code& error) {
    body_bytes_ += piece.size();
    if (body_bytes_ > request_.max_body_bytes) {
      refuse(error);
    } else if (!response.ok() || !request_.on_body) {
      response.body.append(piece.data(), piece.size());
    } else if (!piece.empty() && !request_.on_body({piece.data(), piece.size()})) {
      response.complete = false;
      error = beast_http::make_error_code(beast_http::error::end_of_stream);
    }
    return piece.size();
  }
  void refuse(error_code& error) {
    too_large = true;
    error = beast_http::make_error_code(beast_http::error::body_limit);
  }

  const Request& request_;
  std::size_t head_bytes_ = 0, body_bytes_ = 0;
};

// Reads one answer into `reader`; what is left of the bytes stays in `unread`.
Status read_answer(Channel& channel, Reader& reader, std::string& unread, const Request& request,
                   const std::string& where, const Until& until, bool& answered) {
  std::array<char, 16 * 1024> window;
  while (!reader.is_done()) {
    error_code error;
    if (!unread.empty()) {
      const auto used = reader.put(boost::asio::buffer(unread), error);
      unread.erase(0, used);
      if (!reader.response.complete) return {};
      if (reader.too_large || error == beast_http::error::body_limit ||
          error == beast_http::error::header_limit)
        return fail(Errc::io, where + ": the answer is over its bound");
      if (error && error != beast_http::error::need_more)
        return fail(Errc::io, where + ": the answer is not HTTP: " + error.message());
      if (reader.is_done()) return {};
      if (!error && used > 0) continue;
      // What the parser keeps asking for is a head, or the head of a chunk.
      if (unread.size() > request.max_head_bytes + window.size())
        return fail(Errc::io, where + ": the answer is over its bound");
    }
    auto got = channel.read_some(window.data(), window.size(), until);
    if (!got) return tl::unexpected(got.error());
    if (*got > 0) {
      answered = true;
      unread.append(window.data(), *got);
      continue;
    }
    if (reader.got_some()) reader.put_eof(error);
    if (!reader.is_done() || error)
      return fail(Errc::unavailable, where + ": the connection was closed before the answer's end");
  }
  return {};
}

} // namespace

Result<std::string> request_head(const Request& request, const Url& url, const Headers& headers) {
  if (!is_token(request.method)) return fail(Errc::invalid_argument, "not a method of HTTP");
  std::string head =
      request.method + " " + url.target + " HTTP/1.1\r\nHost: " + authority(url) + "\r\n";
  for (const auto& [name, value] : headers) {
    if (!is_token(name)) return fail(Errc::invalid_argument, "a header's name is no name");
    if (value.find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos)
      return fail(Errc::invalid_argument, "the header " + name + " holds a line end or a NUL");
    head += name + ": " + value + "\r\n";
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
    head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return head + "\r\n";
}

Result<Exchanged> exchange(Channel& channel, const Request& request, const std::string& head,
                           const std::string& where, const Until& until, bool& answered) {
  answered = false;
  const auto written = channel.write(head, request.body, until);
  if (!written && written.error().code != Errc::unavailable) return tl::unexpected(written.error());
  std::string unread;
  for (int interim = 0; interim <= max_interim_answers; ++interim) {
    Reader reader{request};
    if (auto read = read_answer(channel, reader, unread, request, where, until, answered); !read)
      return tl::unexpected(written ? read.error() : written.error());
    auto& response = reader.response;
    if (response.status >= 100 && response.status < 200 && response.status != 101) continue;
    if (response.status < 200 || response.status > 999)
      return fail(Errc::io, where + ": the answer has an impossible status");
    const bool reusable = written && response.complete && reader.keep_alive() && unread.empty();
    return Exchanged{std::move(response), reusable};
  }
  return fail(Errc::io, where + ": nothing but interim answers");
}

} // namespace graphrag::runtime::http
