#include "gateway/client/api.hpp"

#include <nlohmann/json.hpp>

#include "gateway/client/text.hpp"

namespace graphrag::client {

using nlohmann::json;

runtime::Result<HttpClient> open_client(const ServerAddress& address) {
  auto url = parse_url(address.url);
  if (!url) return tl::unexpected(url.error());
  Headers headers;
  if (!address.api_key.empty()) headers.emplace_back("Authorization", "Bearer " + address.api_key);
  return HttpClient{std::move(*url), std::move(headers)};
}

std::string collection_path(std::string_view collection, std::string_view suffix) {
  return "/api/v1/collections/" + percent_encode(collection) + std::string{suffix};
}

std::string document_path(std::string_view collection, std::string_view id) {
  return collection_path(collection, "/documents/_?id=") + percent_encode(id);
}

Problem problem_of(const HttpReply& reply) {
  auto body = json::parse(reply.body, nullptr, false);
  if (body.is_object() && body.contains("code") && body["code"].is_string()) {
    auto detail = body.value("detail", std::string{});
    if (auto errors = body.find("errors"); errors != body.end() && errors->is_array())
      for (const auto& error : *errors)
        if (error.is_object()) {
          const auto told =
              error.value("pointer", std::string{}) + " " + error.value("detail", std::string{});
          if (detail.find(told) == std::string::npos) detail += " [" + told + "]";
        }
    return {body["code"].get<std::string>(), printable(detail)};
  }
  return {"", shortened(printable(reply.body), 200)};
}

std::string in_words(const HttpReply& reply) {
  auto problem = problem_of(reply);
  auto out = std::to_string(reply.status);
  if (!problem.code.empty()) out += " " + problem.code;
  return problem.detail.empty() ? out : out + ": " + problem.detail;
}

tl::expected<std::map<std::string, std::uint64_t>, ListError>
list_versions(HttpClient& client, const std::string& collection, const std::string& prefix) {
  std::map<std::string, std::uint64_t> out;
  auto first =
      collection_path(collection, "/documents?limit=1000&prefix=") + percent_encode(prefix);
  std::string cursor;
  do {
    HttpCall call;
    call.target = cursor.empty() ? first : first + "&cursor=" + percent_encode(cursor);
    auto reply = client.send(call);
    if (!reply) return tl::unexpected(ListError{exit_unreachable, reply.error().detail});
    auto page = json::parse(reply->body, nullptr, false);
    if (!reply->ok() || !page.is_object() || !page.contains("items"))
      return tl::unexpected(ListError{exit_findings, in_words(*reply)});
    for (const auto& item : page["items"])
      out.emplace(item.value("id", std::string{}), item.value("version", std::uint64_t{0}));
    auto next = page.find("next_cursor");
    cursor = next != page.end() && next->is_string() ? next->get<std::string>() : std::string{};
  } while (!cursor.empty());
  return out;
}

} // namespace graphrag::client
