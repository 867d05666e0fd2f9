#include <cstdio>

#include <nlohmann/json.hpp>

#include "gateway/client/text.hpp"
#include "gateway/main/commands.hpp"

namespace graphrag {
namespace {

using client::printable;
using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? printable(found->get<std::string>()) : "";
}

// "observatory/history.md, page 2, The fire of 1903, characters 10-72"
std::string place_of(const json& item) {
  auto out = text_of(item, "document_id");
  if (auto page = item.value("page", 0U); page != 0) out += ", page " + std::to_string(page);
  if (auto section = text_of(item, "section"); !section.empty()) out += ", " + section;
  return out + ", characters " + std::to_string(item.value("start", 0U)) + "-" +
         std::to_string(item.value("end", 0U));
}

std::string name_of(const json& item) {
  auto title = text_of(item, "title");
  return title.empty() ? "untitled" : title;
}

void print(const json& reply) {
  auto answer = reply.value("answer", json::object());
  auto text = text_of(answer, "text");
  std::printf("%s\n", text.empty() ? "No answer was found." : text.c_str());
  auto citations = answer.value("citations", json::array());
  if (!citations.empty()) std::printf("\nCitations\n");
  for (std::size_t i = 0; i < citations.size(); ++i)
    std::printf("  [%zu] %s (%s)\n      %s\n", i + 1, name_of(citations[i]).c_str(),
                place_of(citations[i]).c_str(), text_of(citations[i], "text").c_str());
  auto results = reply.value("results", json::array());
  if (!results.empty()) std::printf("\nResults\n");
  for (std::size_t i = 0; i < results.size(); ++i)
    std::printf("%4zu. %.3f  %s (%s)\n      %s\n", i + 1, results[i].value("score", 0.0),
                name_of(results[i]).c_str(), text_of(results[i], "document_id").c_str(),
                client::shortened(text_of(results[i], "text"), 160).c_str());
  std::printf("\n%zu results in %.1f ms", results.size(), reply.value("took_ms", 0.0));
  if (reply.value("partial", false)) {
    std::printf("; partial, missing:");
    for (const auto& part : reply.value("missing", json::array()))
      std::printf(" %s",
                  printable(part.is_string() ? part.get<std::string>() : part.dump()).c_str());
    if (const auto why = text_of(reply, "generation_error"); !why.empty())
      std::printf(" (%s)", why.c_str());
  }
  std::printf("\n");
}

} // namespace

int query(const QueryOptions& options) {
  auto connection = client::open_client(options.server);
  if (!connection) {
    std::fprintf(stderr, "%s\n", connection.error().detail.c_str());
    return client::exit_usage;
  }
  json body{{"query", options.question}, {"limit", options.limit}};
  if (!options.mode.empty()) body["mode"] = options.mode;
  client::HttpCall call;
  call.method = "POST";
  call.target = client::collection_path(options.collection, "/query");
  call.content_type = "application/json";
  call.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  call.deadline = std::chrono::seconds(90);
  auto reply = connection->send(call);
  if (!reply) {
    std::fprintf(stderr, "%s\n", reply.error().detail.c_str());
    return client::exit_unreachable;
  }
  if (!reply->ok()) {
    std::fprintf(stderr, "%s\n", client::in_words(*reply).c_str());
    return client::exit_findings;
  }
  auto parsed = json::parse(reply->body, nullptr, false);
  if (!parsed.is_object()) {
    std::fprintf(stderr, "the answer is no JSON object\n");
    return client::exit_findings;
  }
  if (options.json)
    std::printf("%s\n", parsed.dump().c_str());
  else
    print(parsed);
  return client::exit_ok;
}

} // namespace graphrag
