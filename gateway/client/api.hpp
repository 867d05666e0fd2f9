#pragma once
// The server's API as the commands use it: paths, authorisation, problems in words.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "gateway/client/http_client.hpp"

namespace graphrag::client {

struct ServerAddress {
  std::string url = "http://127.0.0.1:8000";
  std::string api_key; // empty = none
};

// A client that sends the key with every request.
runtime::Result<HttpClient> open_client(const ServerAddress& address);

// "/api/v1/collections/{c}" + suffix, the name encoded.
std::string collection_path(std::string_view collection, std::string_view suffix = "");
// ".../documents/_?id=...": any id travels well as a parameter.
std::string document_path(std::string_view collection, std::string_view id);

// "422 no_text_layer: the PDF holds only images", nothing twice; for a reply that is no problem
// document, its status and the beginning of its body.
struct Problem {
  std::string code, detail;
};
Problem problem_of(const HttpReply& reply);
std::string in_words(const HttpReply& reply);

// Exit codes of all commands.
inline constexpr int exit_ok = 0, exit_findings = 1, exit_usage = 2, exit_unreachable = 3;

// The documents of a collection whose ids begin with the prefix: id -> version. Reads all pages.
struct ListError {
  int exit_code = exit_unreachable;
  std::string text;
};
tl::expected<std::map<std::string, std::uint64_t>, ListError>
list_versions(HttpClient& client, const std::string& collection, const std::string& prefix);

} // namespace graphrag::client
