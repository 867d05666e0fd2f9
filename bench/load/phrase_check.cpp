// Is everything there that was loaded? Asks for phrases of random passages in keyword mode and
// counts the documents of the collection. Exit code 1 when anything is missing.
#include <cstdio>
#include <map>
#include <random>
#include <set>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/load/passages.hpp"
#include "bench/load/phrases.hpp"
#include "gateway/client/api.hpp"
#include "gateway/client/text.hpp"

namespace graphrag::bench {
namespace {

using nlohmann::json;

struct Options {
  client::ServerAddress server;
  std::string collection = "default";
  std::vector<std::string> files;
  std::size_t count = 500;
  std::size_t words = 12;
  std::uint64_t seed = 1;
};

// Nothing when the server did not answer; an answer that is no success is told and is empty.
std::optional<json> call(client::HttpClient& client, const client::HttpCall& request) {
  auto reply = client.send(request);
  if (!reply) {
    std::fprintf(stderr, "%s\n", reply.error().detail.c_str());
    return std::nullopt;
  }
  if (!reply->ok()) {
    std::fprintf(stderr, "%s\n", client::in_words(*reply).c_str());
    return json::object();
  }
  auto body = json::parse(reply->body, nullptr, false);
  return body.is_object() ? std::move(body) : json::object();
}

// Are the ids among the first ten results for the phrase?
std::optional<bool> found(client::HttpClient& client, const Options& options,
                          const std::string& phrase, const std::set<std::string>& ids) {
  client::HttpCall request;
  request.method = "POST";
  request.target = client::collection_path(options.collection, "/query");
  request.content_type = "application/json";
  request.body =
      json{{"query", phrase}, {"mode", "keyword"}, {"limit", 10}, {"answer", false}}.dump(
          -1, ' ', false, json::error_handler_t::replace);
  auto body = call(client, request);
  if (!body) return std::nullopt;
  for (const auto& result : body->value("results", json::array()))
    if (ids.contains(result.value("document_id", std::string{}))) return true;
  return false;
}

std::optional<std::uint64_t> searchable_documents(client::HttpClient& client,
                                                  const Options& options) {
  client::HttpCall request;
  request.target =
      client::collection_path(options.collection, "/documents?limit=1&state=searchable");
  auto body = call(client, request);
  if (!body) return std::nullopt;
  return body->value("total", std::uint64_t{0});
}

int check(const Options& options, const std::vector<Passage>& passages) {
  std::set<std::string_view> distinct;
  std::map<std::string_view, std::set<std::string>> ids_of_text; // an equal text may stand for it
  for (const auto& passage : passages) {
    distinct.insert(passage.id);
    ids_of_text[passage.text].insert(passage.id);
  }
  auto client = client::open_client(options.server);
  if (!client) {
    std::fprintf(stderr, "%s\n", client.error().detail.c_str());
    return client::exit_usage;
  }
  std::mt19937_64 random{options.seed};
  std::size_t asked = 0, seen = 0;
  // Passages without a word are passed over; enough tries that a few of them do no harm.
  for (std::size_t tries = 0; asked < options.count && tries < options.count * 20; ++tries) {
    const auto& passage = passages[random() % passages.size()];
    auto phrase = excerpt_of(passage.text, random(), options.words);
    if (phrase.empty()) continue;
    auto yes = found(*client, options, phrase, ids_of_text[passage.text]);
    if (!yes) return client::exit_unreachable;
    ++asked;
    if (*yes)
      ++seen;
    else
      std::fprintf(stderr, "not found: %s by \"%s\"\n", passage.id.c_str(),
                   client::printable(phrase).c_str());
  }
  auto documents = searchable_documents(*client, options);
  if (!documents) return client::exit_unreachable;
  std::printf("%zu of %zu found, %llu of %zu documents\n", seen, asked,
              static_cast<unsigned long long>(*documents), distinct.size());
  bool all = asked == options.count && seen == asked && *documents == distinct.size();
  return all ? client::exit_ok : client::exit_findings;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{
      "Checks that the passages that bulk_load loaded are found, and that none is missing"};
  app.add_option("--url", options.server.url)->envname("GRAPHRAG_URL")->capture_default_str();
  app.add_option("--collection", options.collection)->capture_default_str();
  app.add_option("FILE", options.files)->required()->check(CLI::ExistingFile);
  app.add_option("--count", options.count, "Passages to ask for")->capture_default_str();
  app.add_option("--words", options.words, "Length of a phrase")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--seed", options.seed)->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? client::exit_ok : client::exit_usage;
  }
  auto passages = read_passages(options.files);
  if (!passages) return client::exit_usage;
  if (passages->empty()) {
    std::fprintf(stderr, "the files hold no passages\n");
    return client::exit_usage;
  }
  return check(options, *passages);
}

} // namespace
} // namespace graphrag::bench

int main(int argc, char** argv) { return graphrag::bench::run(argc, argv); }
