#include "gateway/http/strict_head.hpp"

#include <array>
#include <cstring>

#include "gateway/http/chars.hpp"
#include "gateway/http/request_target.hpp"

namespace graphrag::gateway {
namespace {

tl::unexpected<Refusal> refuse(int status, std::string_view code, std::string detail) {
  return tl::unexpected<Refusal>(Refusal{status, code, std::move(detail)});
}

Refusal too_large(bool in_request_line) {
  if (in_request_line) return {414, "target_too_long", "the request line is too long"};
  return {431, "headers_too_large", "the header fields are too large"};
}

} // namespace

bool known_method(std::string_view method) {
  static constexpr std::array<std::string_view, 9> known = {
      "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE", "CONNECT"};
  for (auto name : known) {
    if (method == name) return true;
  }
  return false;
}

tl::expected<std::size_t, Refusal> HeadScanner::scan(std::string_view buffered,
                                                     const HeadLimits& limits) {
  while (seen_ < buffered.size()) {
    const bool at_start = lines_ == 0 && seen_ == line_;
    if (at_start) {
      const char first = buffered[seen_];
      const bool may_be_empty_line = first == '\r' && !leading_empty_;
      if (!may_be_empty_line && !token_bytes[static_cast<unsigned char>(first)]) {
        return refuse(400, first == '\n' ? "bare_lf" : "not_http", "this is not a request line");
      }
    }
    const void* found = std::memchr(buffered.data() + seen_, '\n', buffered.size() - seen_);
    if (!found) {
      seen_ = buffered.size();
      break;
    }
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - buffered.data());
    if (end == line_ || buffered[end - 1] != '\r') {
      return refuse(400, "bare_lf", "a line ends in LF without CR");
    }
    if (end > limits.max_bytes) return tl::unexpected<Refusal>(too_large(lines_ == 0));
    const bool empty = end == line_ + 1;
    seen_ = line_ = end + 1;
    if (empty && lines_ > 0) return seen_;
    if (empty) {
      leading_empty_ = true;
    } else {
      ++lines_;
    }
  }
  if (buffered.size() > limits.max_bytes) return tl::unexpected<Refusal>(too_large(lines_ == 0));
  if (lines_ > limits.max_headers + 1) {
    return refuse(431, "too_many_headers", "too many header fields");
  }
  return std::size_t{0};
}

std::optional<Refusal> check_field_line(std::string_view line, std::string_view& name,
                                        std::string_view& value) {
  if (line.front() == ' ' || line.front() == '\t') {
    return Refusal{400, "obs_fold", "a header field is folded over two lines"};
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    return Refusal{400, "bad_header", "a header line has no colon"};
  }
  name = line.substr(0, colon);
  if (name.empty()) return Refusal{400, "bad_header", "a header field has no name"};
  if (name.back() == ' ' || name.back() == '\t') {
    return Refusal{400, "space_before_colon", "there is space before the colon of a header field"};
  }
  if (!all_in(token_bytes, name)) {
    return Refusal{400, "bad_header", "a header field's name has a byte that is not allowed"};
  }
  value = trim_blank(line.substr(colon + 1));
  if (!all_in(value_bytes, value)) {
    return Refusal{400, "bad_header", "a header field's value has a byte that is not allowed"};
  }
  return std::nullopt;
}

namespace {

// Collects what decides the framing while the fields pass by, and judges at the end.
struct Framing {
  std::optional<std::string_view> content_length, transfer_encoding, host;
  bool content_type = false, authorization = false;
  bool close = false, keep_alive = false;

  std::optional<Refusal> field(std::string_view name, std::string_view value, Head& head);
  std::optional<Refusal> finish(Head& head) const;
};

std::optional<Refusal> once(bool& seen, std::string_view name) {
  if (seen) {
    return Refusal{400, "duplicate_header", "the field " + std::string(name) + " is given twice"};
  }
  seen = true;
  return std::nullopt;
}

std::optional<Refusal> Framing::field(std::string_view name, std::string_view value, Head& head) {
  switch (name.size()) {
  case 4:
    if (equals_ignoring_case(name, "host")) {
      if (host) return Refusal{400, "duplicate_host", "more than one Host"};
      host = value;
    }
    break;
  case 6:
    if (equals_ignoring_case(name, "expect")) {
      if (!equals_ignoring_case(value, "100-continue") || head.expect_continue) {
        return Refusal{417, "bad_expect", "only one Expect: 100-continue is understood"};
      }
      head.expect_continue = true;
    }
    break;
  case 10:
    if (equals_ignoring_case(name, "connection")) {
      for (std::size_t at = 0; at <= value.size();) {
        const auto comma = std::min(value.find(',', at), value.size());
        const auto option = trim_blank(value.substr(at, comma - at));
        close = close || equals_ignoring_case(option, "close");
        keep_alive = keep_alive || equals_ignoring_case(option, "keep-alive");
        at = comma + 1;
      }
    }
    break;
  case 12:
    if (equals_ignoring_case(name, "content-type")) return once(content_type, name);
    break;
  case 13:
    if (equals_ignoring_case(name, "authorization")) return once(authorization, name);
    break;
  case 14:
    if (equals_ignoring_case(name, "content-length")) {
      if (content_length) return Refusal{400, "bad_content_length", "more than one Content-Length"};
      content_length = value;
    }
    break;
  case 17:
    if (equals_ignoring_case(name, "transfer-encoding")) {
      if (transfer_encoding) {
        return Refusal{400, "bad_transfer_encoding", "more than one Transfer-Encoding"};
      }
      transfer_encoding = value;
    }
    break;
  default:
    break;
  }
  return std::nullopt;
}

std::optional<Refusal> parse_length(std::string_view text, Head& head) {
  std::uint64_t length = 0;
  bool good = !text.empty() && text.size() <= 18; // 18 digits never overflow
  for (char c : text) {
    good = good && c >= '0' && c <= '9';
    if (!good) break;
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (!good) return Refusal{400, "bad_content_length", "Content-Length is not one decimal number"};
  head.content_length = length;
  return std::nullopt;
}

// Only "chunked", once and alone, frames a body that we read. Other codings that RFC 9112 registers
// are 501; anything whose last coding is not chunked has no length and is 400.
std::optional<Refusal> parse_codings(std::string_view text, Head& head) {
  bool last_is_chunked = false, other = false;
  int chunked = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    const auto coding = trim_blank(text.substr(at, comma - at));
    at = comma + 1;
    if (coding.empty() || !all_in(token_bytes, coding)) {
      return Refusal{400, "bad_transfer_encoding", "Transfer-Encoding is not a list of codings"};
    }
    last_is_chunked = equals_ignoring_case(coding, "chunked");
    if (last_is_chunked)
      ++chunked;
    else
      other = true;
  }
  if (!last_is_chunked || chunked != 1) {
    return Refusal{400, "bad_transfer_encoding", "chunked must be the last coding, once"};
  }
  if (other) return Refusal{501, "coding_not_implemented", "only the coding chunked is understood"};
  head.chunked = true;
  return std::nullopt;
}

std::optional<Refusal> Framing::finish(Head& head) const {
  if (content_length && transfer_encoding) {
    return Refusal{400, "length_and_encoding", "both Content-Length and Transfer-Encoding"};
  }
  if (transfer_encoding && head.minor_version == 0) {
    return Refusal{400, "bad_transfer_encoding", "Transfer-Encoding in an HTTP/1.0 request"};
  }
  if (content_length) {
    if (auto refusal = parse_length(*content_length, head)) return refusal;
  }
  if (transfer_encoding) {
    if (auto refusal = parse_codings(*transfer_encoding, head)) return refusal;
  }
  if (host ? !valid_host(*host) : head.minor_version == 1) {
    return Refusal{400, "bad_host", host ? "Host is not a host" : "no Host"};
  }
  head.keep_alive = head.minor_version == 1 ? !close : keep_alive && !close;
  if (head.minor_version == 0) head.expect_continue = false; // RFC 9110, 10.1.1
  return std::nullopt;
}

std::optional<Refusal> check_request_line(std::string_view line, Head& head,
                                          const HeadLimits& limits) {
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  head.method = line.substr(0, first);
  if (head.method.empty() || !all_in(token_bytes, head.method) ||
      second == std::string_view::npos) {
    return Refusal{400, "bad_request_line", "the request line is not method, target, version"};
  }
  head.target = line.substr(first + 1, second - first - 1);
  const auto version = line.substr(second + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(version[5]) ||
      version[6] != '.' || !digit(version[7])) {
    return Refusal{400, "bad_request_line", "the request line does not end in an HTTP version"};
  }
  if (version[5] != '1' || version[7] > '1') {
    return Refusal{505, "version_not_supported", "only HTTP/1.1 and HTTP/1.0 are served"};
  }
  head.minor_version = version[7] - '0';
  if (!known_method(head.method)) {
    return Refusal{501, "method_not_implemented", "this method is not known here"};
  }
  if (head.target.size() > limits.max_target) return too_large(true);
  return std::nullopt;
}

} // namespace

tl::expected<Head, Refusal> check_head(std::string_view raw, const HeadLimits& limits) {
  Head head;
  if (raw.starts_with("\r\n")) {
    head.leading = 2;
    raw.remove_prefix(2);
  }
  if (!raw.ends_with("\r\n\r\n")) return refuse(400, "bad_head", "the head has no end");
  raw.remove_suffix(2);

  Framing framing;
  std::string_view authority;
  bool first = true;
  while (!raw.empty()) {
    const auto end = raw.find('\n');
    if (end == std::string_view::npos || end == 0 || raw[end - 1] != '\r') {
      return refuse(400, "bare_lf", "a line ends in LF without CR");
    }
    const auto line = raw.substr(0, end - 1);
    raw.remove_prefix(end + 1);
    if (line.find('\r') != std::string_view::npos) {
      return refuse(400, "bare_cr", "there is a CR inside a line");
    }
    if (line.empty()) return refuse(400, "bad_head", "there is an empty line inside the head");
    if (first) {
      first = false;
      if (auto refusal = check_request_line(line, head, limits)) {
        return tl::unexpected<Refusal>(std::move(*refusal));
      }
      if (auto refusal = check_target(head, authority)) {
        return tl::unexpected<Refusal>(std::move(*refusal));
      }
      continue;
    }
    if (++head.header_count > limits.max_headers) {
      return refuse(431, "too_many_headers", "too many header fields");
    }
    std::string_view name, value;
    if (auto refusal = check_field_line(line, name, value)) {
      return tl::unexpected<Refusal>(std::move(*refusal));
    }
    if (auto refusal = framing.field(name, value, head)) {
      return tl::unexpected<Refusal>(std::move(*refusal));
    }
  }
  if (first) return refuse(400, "bad_head", "the head is empty");
  if (auto refusal = framing.finish(head)) return tl::unexpected<Refusal>(std::move(*refusal));
  if (!authority.empty() && framing.host && !same_authority(authority, *framing.host)) {
    return refuse(400, "host_mismatch", "the address in the request line is not that of Host");
  }
  return head;
}

} // namespace graphrag::gateway
