#include "runtime/config/config.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "runtime/config/key_table.hpp"
#include "runtime/config/sources.hpp"
#include "runtime/config/values.hpp"

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
    require(config_.roles.size() == 3, "node.roles",
            "must be gateway,shard,worker: this version runs all roles in one node");
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
  }

private:
  void require(bool holds, const char* key, std::string message) {
    if (!holds) problems_.push_back({key, config_.source_of(key), std::move(message)});
  }
  template <class T>
  void at_most(const char* key, const char* bound, const T& value, const T& most) {
    require(value <= most, key,
            "must not be more than " + std::string(bound) + " (" +
                find_config_key(bound)->get(config_) + ")");
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
