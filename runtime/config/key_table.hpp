#pragma once
// The one table of configuration keys. Parsing, `config print`, the check of unknown keys and
// docs/configuration.md all follow it.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/config/config.hpp"

namespace graphrag::runtime {

struct ConfigKey {
  std::string name;       // "server.listen": section and key in the YAML file
  std::string short_flag; // "listen", or empty
  std::string kind;       // "size", "duration" ...; for the documentation
  std::string help;       // one sentence
  bool secret = false;    // never printed
  // Puts a written value into the config; otherwise says what is wrong with it.
  std::function<std::optional<std::string>(Config&, std::string_view)> set;
  std::function<std::string(const Config&)> get; // the written form
};

const std::vector<ConfigKey>& config_keys();
const ConfigKey* find_config_key(std::string_view name); // by name only

std::string environment_name(const ConfigKey& key);                  // "GRAPHRAG_SERVER_LISTEN"
std::string shown_value(const ConfigKey& key, const Config& config); // "********" for a secret

// The closest of `candidates` to a word that is not among them; empty when none is close.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

} // namespace graphrag::runtime
