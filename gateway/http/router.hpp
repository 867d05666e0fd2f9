#pragma once
// Finds the route of a path in a trie that is built once. Segments are decoded after the path was
// split, so an id may hold %2F; a literal segment wins over a parameter. Pure.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace graphrag::gateway {

struct Route;

class Router {
public:
  // Patterns must start with "/", have no empty segment, and be unique per method: else aborts,
  // since routes are written by us. Keeps indexes into `routes`, not the routes.
  explicit Router(const std::vector<Route>& routes);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  enum class Outcome : std::uint8_t { found, options, bad_path, not_found, method_not_allowed };
  struct Match {
    Outcome outcome = Outcome::not_found;
    std::size_t route = 0;    // for found
    bool head_of_get = false; // HEAD answered by the route of GET
    std::string_view allow;   // for options and method_not_allowed: "GET, HEAD, OPTIONS"
    std::map<std::string, std::string> params;
  };
  Match match(std::string_view method, std::string_view raw_path) const;

private:
  struct Node;
  const Node* find(const Node& node, const std::vector<std::string>& segments, std::size_t depth,
                   std::vector<std::size_t>& captured) const;
  std::unique_ptr<Node> root_;
};

} // namespace graphrag::gateway
