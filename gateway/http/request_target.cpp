#include "gateway/http/request_target.hpp"

#include "gateway/http/chars.hpp"

namespace graphrag::gateway {
namespace {

Refusal bad_target(std::string detail) { return {400, "bad_target", std::move(detail)}; }

std::optional<Refusal> split_path_and_query(Head& head, std::string_view rest) {
  const auto mark = rest.find('?');
  head.path = rest.substr(0, mark);
  head.query = mark == std::string_view::npos ? std::string_view{} : rest.substr(mark + 1);
  if (!all_in(path_bytes, head.path)) return bad_target("a byte that is not allowed in a path");
  if (!all_in(query_bytes, head.query)) return bad_target("a byte that is not allowed in a query");
  return std::nullopt;
}

struct HostAndPort {
  std::string_view host, port;
};

std::optional<HostAndPort> split_host(std::string_view value) {
  if (value.empty()) return std::nullopt;
  std::size_t end = 0;
  if (value.front() == '[') {
    end = value.find(']');
    if (end == std::string_view::npos || end < 3) return std::nullopt;
    for (char c : value.substr(1, end - 1)) {
      if (hex_digit(c) < 0 && c != ':' && c != '.') return std::nullopt;
    }
    ++end;
  } else {
    end = std::min(value.find(':'), value.size());
    const auto name = value.substr(0, end);
    if (name.empty() || name.find_first_of("[]") != std::string_view::npos) return std::nullopt;
  }
  HostAndPort parts{value.substr(0, end), {}};
  if (end == value.size()) return parts;
  if (value[end] != ':') return std::nullopt;
  parts.port = value.substr(end + 1);
  if (parts.port.size() > 5) return std::nullopt;
  for (char c : parts.port) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  return parts;
}

} // namespace

bool valid_host(std::string_view value) {
  return value.size() <= 255 + 6 && all_in(host_bytes, value) && split_host(value).has_value();
}

bool same_authority(std::string_view a, std::string_view b) {
  const auto x = split_host(a), y = split_host(b);
  if (!x || !y) return false;
  auto port = [](std::string_view p) { return p.empty() ? std::string_view{"80"} : p; };
  return equals_ignoring_case(x->host, y->host) && port(x->port) == port(y->port);
}

std::optional<Refusal> check_target(Head& head, std::string_view& authority) {
  const auto target = head.target;
  if (target.empty()) return bad_target("an empty request target");
  if (head.method == "CONNECT") {
    return Refusal{501, "method_not_implemented", "CONNECT is not served"};
  }
  if (target.front() == '/') {
    head.form = TargetForm::origin;
    return split_path_and_query(head, target);
  }
  if (target == "*") {
    if (head.method != "OPTIONS") return bad_target("the asterisk form is for OPTIONS only");
    head.form = TargetForm::asterisk;
    head.path = target;
    return std::nullopt;
  }
  const auto scheme = target.find("://");
  if (scheme == std::string_view::npos ||
      !(equals_ignoring_case(target.substr(0, scheme), "http") ||
        equals_ignoring_case(target.substr(0, scheme), "https"))) {
    return bad_target("neither a path nor an http address");
  }
  head.form = TargetForm::absolute;
  const auto rest = target.substr(scheme + 3);
  const auto path = rest.find_first_of("/?");
  authority = rest.substr(0, path);
  if (!valid_host(authority)) return bad_target("an address without a valid host");
  if (path == std::string_view::npos || rest[path] == '?') {
    // An empty path means "/"; the view must outlive the head, so it points to a constant.
    auto refusal = split_path_and_query(head, path == std::string_view::npos ? std::string_view{}
                                                                             : rest.substr(path));
    head.path = "/";
    return refusal;
  }
  return split_path_and_query(head, rest.substr(path));
}

} // namespace graphrag::gateway
