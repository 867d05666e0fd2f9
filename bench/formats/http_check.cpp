#include "bench/formats/http_check.hpp"

#include <chrono>
#include <cstdio>
#include <thread>

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "actors/document/formats/sniff.hpp"
#include "gateway/client/api.hpp"
#include "gateway/client/file_walk.hpp"
#include "gateway/client/uploader.hpp"

namespace graphrag::bench {
namespace {

namespace formats = graphrag::document::formats;
using nlohmann::json;
using Steady = std::chrono::steady_clock;

struct Outcome {
  std::string code, detail; // "ok", or the code of the problem
};

class Check {
public:
  Check(client::HttpClient& http, const Truth& truth, Report& report)
      : http_(http), truth_(truth), report_(report) {}

  bool run(const std::filesystem::path& root) {
    if (!call("PUT", client::collection_path(collection_))) return false;
    for (const auto& path : files_under(root))
      if (!file(path, std::filesystem::relative(path, root).string())) return false;
    call("DELETE", client::collection_path(collection_));
    for (const char* target : {"/health", "/ready"}) {
      auto reply = call("GET", target);
      if (!reply) return false;
      if (!reply->ok())
        report_.failures.push_back(std::string{target} + ": " + client::in_words(*reply));
    }
    return true;
  }

private:
  std::optional<client::HttpReply> call(const char* method, const std::string& target,
                                        const std::string& type = "", std::string body = "") {
    client::HttpCall request;
    request.method = method;
    request.target = target;
    request.content_type = type;
    request.body = std::move(body);
    request.deadline = std::chrono::minutes(2);
    auto reply = http_.send(request);
    if (reply) return std::move(*reply);
    std::fprintf(stderr, "%s\n", reply.error().detail.c_str());
    return std::nullopt;
  }

  bool file(const std::filesystem::path& path, const std::string& name) {
    auto bytes = read_file(path);
    auto boundary = client::multipart_boundary(bytes);
    auto body =
        client::multipart_body(boundary, path.filename().string(), client::mime_of(path), bytes);
    auto began = Steady::now();
    auto reply = call("PUT", client::document_path(collection_, name),
                      "multipart/form-data; boundary=" + boundary, std::move(body));
    while (reply && reply->ok() && waiting(*reply)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      reply = call("GET", client::document_path(collection_, name));
    }
    if (!reply) return false;
    std::chrono::duration<double, std::milli> took = Steady::now() - began;
    auto format = formats::to_string(formats::sniff(bytes, name, "").format);
    report_.ms[std::string(format)].push_back(took.count());
    auto outcome = outcome_of(*reply);
    if (!report_.compare(truth_, name, outcome.code, outcome.detail)) return true;
    return look_for(truth_.at(name).phrase, name);
  }

  static bool waiting(const client::HttpReply& reply) {
    auto document = json::parse(reply.body, nullptr, false);
    auto state = document.is_object() ? document.value("state", std::string{}) : std::string{};
    return state == "queued" || state == "processing";
  }

  static Outcome outcome_of(const client::HttpReply& reply) {
    if (!reply.ok()) {
      auto problem = client::problem_of(reply);
      return {problem.code.empty() ? "http_" + std::to_string(reply.status) : problem.code,
              problem.detail};
    }
    auto document = json::parse(reply.body, nullptr, false);
    if (document.is_object() && document.value("state", std::string{}) == "searchable")
      return {"ok", ""};
    auto error = document.is_object() ? document.value("error", json::object()) : json::object();
    return {error.value("code", std::string{"failed"}), error.value("detail", std::string{})};
  }

  bool look_for(const std::string& phrase, const std::string& name) {
    auto text = call("GET", client::collection_path(collection_, "/documents/_/text?id=") +
                                client::percent_encode(name));
    if (!text) return false;
    if (!text->ok() || !holds(text->body, phrase)) {
      report_.failures.push_back(name + ": phrase is missing: " + phrase);
      return true;
    }
    json question{{"query", phrase},
                  {"mode", "keyword"},
                  {"limit", 10},
                  {"answer", false},
                  {"group_by", "document"}};
    auto reply = call("POST", client::collection_path(collection_, "/query"), "application/json",
                      question.dump(-1, ' ', false, json::error_handler_t::replace));
    if (!reply) return false;
    auto body = json::parse(reply->body, nullptr, false);
    if (body.is_object())
      for (const auto& result : body.value("results", json::array()))
        if (result.value("document_id", std::string{}) == name) return true;
    report_.failures.push_back(name + ": not found by: " + phrase);
    return true;
  }

  client::HttpClient& http_;
  const Truth& truth_;
  Report& report_;
  // A second run must not find the documents of the first.
  const std::string collection_ = "format_check-" + std::to_string(::getpid());
};

} // namespace

bool check_over_http(const std::string& url, const std::filesystem::path& root, const Truth& truth,
                     Report& report) {
  auto http = client::open_client({url, ""});
  if (!http) {
    std::fprintf(stderr, "%s\n", http.error().detail.c_str());
    return false;
  }
  return Check{*http, truth, report}.run(root);
}

} // namespace graphrag::bench
