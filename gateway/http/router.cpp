#include "gateway/http/router.hpp"

#include <algorithm>

#include "gateway/http/server.hpp"
#include "gateway/http/uri.hpp"
#include "runtime/check.hpp"

namespace graphrag::gateway {

struct Router::Node {
  struct Endpoint {
    std::string method;
    std::size_t route;
    std::vector<std::string> names; // of the parameters, in the order of the path
  };
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals; // sorted by text
  std::unique_ptr<Node> parameter;
  std::vector<Endpoint> endpoints;
  std::string allow;

  const Node* literal(std::string_view text) const {
    const auto at = std::lower_bound(literals.begin(), literals.end(), text,
                                     [](const auto& a, std::string_view b) { return a.first < b; });
    return at != literals.end() && at->first == text ? at->second.get() : nullptr;
  }
  Node& make_literal(std::string_view text) {
    const auto at = std::lower_bound(literals.begin(), literals.end(), text,
                                     [](const auto& a, std::string_view b) { return a.first < b; });
    if (at != literals.end() && at->first == text) return *at->second;
    return *literals.emplace(at, std::string(text), std::make_unique<Node>())->second;
  }
  const Endpoint* endpoint(std::string_view method) const {
    for (const auto& e : endpoints) {
      if (e.method == method) return &e;
    }
    return nullptr;
  }
  void set_allow() {
    allow.clear();
    for (const auto& e : endpoints) allow += e.method + ", ";
    if (endpoint("GET") && !endpoint("HEAD")) allow += "HEAD, ";
    allow += "OPTIONS";
  }
};

namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  path.remove_prefix(1);
  while (true) {
    const auto slash = path.find('/');
    out.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    path.remove_prefix(slash + 1);
  }
}

} // namespace

Router::Router(const std::vector<Route>& routes) : root_(std::make_unique<Node>()) {
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const auto& route = routes[i];
    RUNTIME_CHECK(route.pattern.starts_with('/'), "a route's pattern starts with a slash");
    Node* node = root_.get();
    std::vector<std::string> names;
    if (route.pattern != "/") {
      for (auto segment : split(route.pattern)) {
        RUNTIME_CHECK(!segment.empty(), "a route's pattern has no empty segment");
        if (segment.front() == '{' && segment.back() == '}') {
          names.emplace_back(segment.substr(1, segment.size() - 2));
          if (!node->parameter) node->parameter = std::make_unique<Node>();
          node = node->parameter.get();
        } else {
          node = &node->make_literal(segment);
        }
      }
    }
    RUNTIME_CHECK(!node->endpoint(route.method), "a route is given once per method");
    node->endpoints.push_back({route.method, i, std::move(names)});
    node->set_allow();
  }
}

Router::~Router() = default;

const Router::Node* Router::find(const Node& node, const std::vector<std::string>& segments,
                                 std::size_t depth, std::vector<std::size_t>& captured) const {
  if (depth == segments.size()) return node.endpoints.empty() ? nullptr : &node;
  if (const Node* next = node.literal(segments[depth])) {
    if (const Node* found = find(*next, segments, depth + 1, captured)) return found;
  }
  if (!node.parameter) return nullptr;
  captured.push_back(depth);
  if (const Node* found = find(*node.parameter, segments, depth + 1, captured)) return found;
  captured.pop_back();
  return nullptr;
}

Router::Match Router::match(std::string_view method, std::string_view raw_path) const {
  Match match;
  if (raw_path.empty() || raw_path.front() != '/') {
    match.outcome = Outcome::bad_path;
    return match;
  }
  std::vector<std::string> segments;
  if (raw_path != "/") {
    for (auto raw : split(raw_path)) {
      if (raw.empty()) return match; // a doubled or trailing slash names nothing
      auto segment = percent_decode(raw, false);
      if (!segment || *segment == "." || *segment == "..") {
        match.outcome = Outcome::bad_path;
        return match;
      }
      segments.push_back(std::move(*segment));
    }
  }
  std::vector<std::size_t> captured;
  const Node* node = find(*root_, segments, 0, captured);
  if (!node) return match;
  const auto* endpoint = node->endpoint(method);
  if (!endpoint && method == "HEAD") {
    endpoint = node->endpoint("GET");
    match.head_of_get = endpoint != nullptr;
  }
  if (!endpoint) {
    match.outcome = method == "OPTIONS" ? Outcome::options : Outcome::method_not_allowed;
    match.allow = node->allow;
    return match;
  }
  match.outcome = Outcome::found;
  match.route = endpoint->route;
  for (std::size_t i = 0; i < captured.size(); ++i) {
    match.params.emplace(endpoint->names[i], std::move(segments[captured[i]]));
  }
  return match;
}

} // namespace graphrag::gateway
