#include <cstdio>

#include <nlohmann/json.hpp>

#include "actors/chunk/embedding/model_blob.hpp"
#include "gateway/client/model_source.hpp"
#include "gateway/client/text.hpp"
#include "gateway/client/url.hpp"
#include "gateway/main/commands.hpp"

namespace graphrag {
namespace {

using nlohmann::json;

constexpr auto upload_deadline = std::chrono::minutes(30);

int unreachable(const runtime::Error& error) {
  std::fprintf(stderr, "%s\n", error.detail.c_str());
  return client::exit_unreachable;
}

int refused(const client::HttpReply& reply) {
  std::fprintf(stderr, "%s\n", client::in_words(reply).c_str());
  return client::exit_findings;
}

void print_model(const json& model) {
  const bool endpoint = model.value("source", "") == "endpoint";
  std::printf("%-32s %-8s %4d dimensions  %s%s%s\n",
              client::printable(model.value("name", "")).c_str(), model.value("state", "").c_str(),
              model.value("dimension", 0), model.value("hash", "").substr(0, 12).c_str(),
              !endpoint                      ? ""
              : model.value("loaded", false) ? "  by an endpoint"
                                             : "  by an endpoint that is not configured",
              model.value("documents_without_vectors", std::uint64_t{0}) == 0
                  ? ""
                  : ("  " +
                     std::to_string(model["documents_without_vectors"].get<std::uint64_t>()) +
                     " documents wait for vectors")
                        .c_str());
}

} // namespace

int model_add(const ModelOptions& options) {
  client::ModelSource source;
  source.target = options.target;
  if (!options.hub.empty()) source.hub = options.hub;
  source.index = options.index;
  source.extra_ca_file = options.ca_file;
  std::uint64_t told = 0;
  source.progress = [&](const std::string& what, std::uint64_t bytes) {
    if (bytes < told) told = 0;
    if (bytes - told < (16U << 20)) return;
    told = bytes;
    std::fprintf(stderr, "%s: %llu MiB\n", what.c_str(),
                 static_cast<unsigned long long>(bytes >> 20));
  };
  auto model = client::obtain_model(source);
  if (!model) {
    std::fprintf(stderr, "%s\n", model.error().detail.c_str());
    return model.error().code == runtime::Errc::invalid_argument ? client::exit_usage
                                                                 : client::exit_findings;
  }
  auto connection = client::open_client(options.admin);
  if (!connection) return unreachable(connection.error());
  client::HttpCall call;
  call.method = "PUT";
  call.target = "/api/v1/admin/models/" +
                client::percent_encode(options.name.empty() ? model->name : options.name);
  call.content_type = "application/octet-stream";
  call.body = chunk::pack_model(model->files);
  call.deadline = upload_deadline;
  auto reply = connection->send(call);
  if (!reply) return unreachable(reply.error());
  if (!reply->ok()) return refused(*reply);
  if (options.quiet) return client::exit_ok;
  if (options.json)
    std::printf("%s\n", reply->body.c_str());
  else
    print_model(json::parse(reply->body, nullptr, false));
  return client::exit_ok;
}

int model_list(const ModelOptions& options) {
  auto connection = client::open_client(options.admin);
  if (!connection) return unreachable(connection.error());
  client::HttpCall call;
  call.target = "/api/v1/admin/models";
  auto reply = connection->send(call);
  if (!reply) return unreachable(reply.error());
  if (!reply->ok()) return refused(*reply);
  if (options.json) {
    std::printf("%s\n", reply->body.c_str());
    return client::exit_ok;
  }
  auto body = json::parse(reply->body, nullptr, false);
  if (body["items"].empty()) std::printf("no model: questions are answered by keyword and graph\n");
  for (const auto& model : body["items"]) print_model(model);
  return client::exit_ok;
}

int model_remove(const ModelOptions& options) {
  auto connection = client::open_client(options.admin);
  if (!connection) return unreachable(connection.error());
  client::HttpCall call;
  call.method = "DELETE";
  call.target = "/api/v1/admin/models/" + client::percent_encode(options.target);
  auto reply = connection->send(call);
  if (!reply) return unreachable(reply.error());
  return reply->ok() ? client::exit_ok : refused(*reply);
}

} // namespace graphrag
