#include "runtime/config/config.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "runtime/config/key_table.hpp"
#include "runtime/config/sources.hpp"
#include "runtime/config/values.hpp"
#include "runtime/machine_memory.hpp"

namespace graphrag::runtime {
namespace {

using Problems = std::vector<ConfigProblem>;

// Rules between keys. Each names the key to change and where its value came from.
class Rules {
public:
  Rules(const Config& config, Problems& problems) : config_(config), problems_(problems) {}

  void check() {
    loopback("server.listen", config_.listen);
    loopback("server.admin_listen", config_.admin_listen);
    require(config_.listen.port == 0 || config_.listen != config_.admin_listen,
            "server.admin_listen", "must not be the same as server.listen");
    require(config_.roles.size() == 3 || !config_.cluster.id.empty(), "node.roles",
            "must be gateway,shard,worker: a node on its own has all roles");
    at_most("server.max_connections_per_client", "server.max_connections",
            config_.max_connections_per_client, config_.max_connections);
    at_most("query.deadline", "query.max_deadline", config_.query_deadline,
            config_.max_query_deadline);
    at_most("query.max_deadline", "server.total_deadline", config_.max_query_deadline,
            config_.total_deadline);
    at_most("ingest.wait", "ingest.max_wait", config_.ingest_wait, config_.max_ingest_wait);
    at_most("ingest.max_wait", "server.total_deadline", config_.max_ingest_wait,
            config_.total_deadline);
    if (config_.parser.address_space != 0) {
      at_most("parser.memory", "parser.address_space", config_.parser.resident,
              config_.parser.address_space);
      at_most("server.max_upload", "parser.address_space", config_.max_upload_bytes,
              config_.parser.address_space);
      require(config_.parser.address_space >= 64ULL << 20, "parser.address_space",
              "must be 0 or at least 64MiB, or no parser starts");
    }
    require(config_.parser.resident == 0 || config_.parser.resident >= 32ULL << 20, "parser.memory",
            "must be 0 or at least 32MiB, or no parser starts");
    require(!config_.data_dir.empty(), "node.data", "must name a folder");
    store();
    blobs();
    cluster();
    named("embedding", config_.embedding);
    named("reranking", config_.reranking);
    named("summaries", config_.summaries);
    named("extraction", config_.extraction);
    named("answers", config_.answers);
    needed(config_.embedding.url.empty() || config_.embedding_dimension != 0, "embedding.dimension",
           "must be given with embedding.url", "embedding.url");
  }

private:
  void require(bool holds, const char* key, std::string message) {
    if (!holds) problems_.push_back({key, config_.source_of(key), std::move(message)});
  }
  // What is missing has no source of its own; the key that asks for it has one.
  void needed(bool holds, const std::string& key, std::string message, const std::string& by) {
    const auto source = config_.source_of(key);
    if (!holds)
      problems_.push_back(
          {key, source == "default" ? config_.source_of(by) : source, std::move(message)});
  }
  template <class T>
  void at_most(const char* key, const char* bound, const T& value, const T& most) {
    require(value <= most, key,
            "must not be more than " + std::string(bound) + " (" +
                find_config_key(bound)->get(config_) + ")");
  }
  void store() {
    const auto& url = config_.store_url;
    require(url.empty() || url.starts_with("postgresql://") || url.starts_with("postgres://"),
            "store.url", "must begin with postgresql://");
  }
  void blobs() {
    const auto& blobs = config_.blobs;
    require(blobs.url.empty() || blobs.url == "store" || (blobs.in_s3() && !blobs.bucket().empty()),
            "blobs.url", "must be empty, store or s3://BUCKET/PREFIX");
    require(blobs.url != "store" || !config_.store_url.empty(), "blobs.url",
            "store needs store.url");
    if (!blobs.in_s3()) {
      for (const auto& key : config_keys())
        require(!key.name.starts_with("blobs.") || key.name == "blobs.url" ||
                    key.get(config_) == key.get(Config{}),
                key.name.c_str(),
                "is for original files in S3 only: blobs.url would be s3://BUCKET/PREFIX");
      return;
    }
    const auto& endpoint = blobs.endpoint;
    const bool plain = endpoint.starts_with("http://");
    require(endpoint.empty() || plain || endpoint.starts_with("https://"), "blobs.endpoint",
            "must begin with https:// or http://");
    require(endpoint.find_first_of("@?#") == std::string::npos, "blobs.endpoint",
            "must be an address without a name, a password or a query");
    require(blobs.ca_file.empty() || !plain, "blobs.ca_file",
            "is of no use with an endpoint of http://");
    const bool lacks_access = blobs.access_key_file.empty();
    needed(lacks_access == blobs.secret_key_file.empty(),
           lacks_access ? "blobs.access_key_file" : "blobs.secret_key_file",
           "must be given too: the access key and the secret key come from files both, or from "
           "the environment both",
           lacks_access ? "blobs.secret_key_file" : "blobs.access_key_file");
    require(blobs.session_token_file.empty() || !blobs.access_key_file.empty(),
            "blobs.session_token_file", "needs blobs.access_key_file and blobs.secret_key_file");
  }
  void cluster() {
    const auto& cluster = config_.cluster;
    require(!cluster.id.empty() || config_.store_url.empty(), "store.url",
            "needs cluster.id: nodes that share a database must know of each other");
    if (cluster.id.empty()) return;
    require(cluster.id.size() <= 64, "cluster.id", "must not have more than 64 bytes");
    require(!config_.store_url.empty(), "cluster.id", "a cluster needs store.url");
    require(!config_.blobs.url.empty(), "cluster.id",
            "a cluster needs blobs.url: its nodes cannot share a folder");
    require(parse_integer(cluster.ordinal.empty() ? "0" : cluster.ordinal, 0, 999).has_value(),
            "cluster.ordinal", "must be a number up to 999");
    require(cluster.peer_name.find("{}") != std::string::npos, "cluster.peer_name",
            "must hold {} for the ordinal");
    for (const auto& [key, file] : {std::pair{"cluster.certificate", &cluster.certificate},
                                    {"cluster.key", &cluster.key},
                                    {"cluster.ca", &cluster.ca}})
      needed(!file->empty(), key, "must name a file: nodes talk by mutual TLS only", "cluster.id");
  }
  void named(const std::string& section, const EndpointConfig& endpoint) {
    const auto url = section + ".url";
    needed(endpoint.url.empty() || !endpoint.model.empty(), section + ".model",
           "must be given with " + url, url);
  }
  void loopback(const char* key, const ListenAddress& address) {
    require(is_loopback(address), key,
            to_string(address) + " can be reached from other machines, and there is no "
                                 "authentication yet; use a loopback address such as 127.0.0.1");
  }

  const Config& config_;
  Problems& problems_;
};

void fill_in(Config& config) {
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  if (config.actor_threads == 0) config.actor_threads = cores;
  if (config.http_threads == 0) config.http_threads = cores;
  if (config.encoder_threads == 0) config.encoder_threads = cores;
  if (config.cluster.max_memory == 0) config.cluster.max_memory = machine_memory() / 5 * 3;
  if (config.blobs.in_s3() && config.source_of("blobs.path_style") == "default")
    config.blobs.path_style = !config.blobs.endpoint.empty();
  // Whatever may be uploaded may be parsed; beside it go the file's name and the like.
  config.parser.max_request = config.max_upload_bytes + (1ULL << 20);
}

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

} // namespace

tl::expected<Config, std::vector<ConfigProblem>> load_config(const ConfigSources& sources) {
  std::vector<Setting> settings;
  Problems problems;
  if (!sources.file.empty()) read_yaml(sources.file, settings, problems);
  read_environment(sources.environment, settings, problems);
  read_flags(sources.flags, settings, problems);

  Config config;
  for (const Setting& setting : settings) {
    const ConfigKey* key = find_config_key(setting.name);
    if (auto wrong = key->set(config, setting.value))
      problems.push_back({setting.key, setting.source, key->secret ? "is not valid" : *wrong});
    else
      config.sources[key->name] = setting.source;
  }
  Rules(config, problems).check();
  if (!problems.empty()) return tl::unexpected(std::move(problems));
  fill_in(config);
  return config;
}

std::string to_string(const ConfigProblem& problem) {
  std::string text = problem.source;
  if (!problem.key.empty() && problem.source != problem.key && problem.source != "--" + problem.key)
    text += ": " + problem.key;
  return text + ": " + problem.message;
}

std::string Config::source_of(const std::string& key) const {
  const auto at = sources.find(key);
  return at == sources.end() ? "default" : at->second;
}

nlohmann::json Config::effective_json() const {
  auto all = nlohmann::json::object();
  for (const ConfigKey& key : config_keys())
    all[key.name] = {{"value", shown_value(key, *this)}, {"source", source_of(key.name)}};
  return all;
}

std::string Config::effective_yaml() const {
  std::string text, section;
  for (const ConfigKey& key : config_keys()) {
    const auto dot = key.name.find('.');
    if (key.name.substr(0, dot) != section) {
      section = key.name.substr(0, dot);
      text += section + ":\n";
    }
    text += "  " + key.name.substr(dot + 1) + ": " + quoted(shown_value(key, *this)) + "  # " +
            source_of(key.name) + "\n";
  }
  return text;
}

} // namespace graphrag::runtime
