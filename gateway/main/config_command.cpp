#include <cstdio>

#include <nlohmann/json.hpp>

#include "gateway/client/api.hpp"
#include "gateway/main/serve.hpp"

namespace graphrag {
namespace {

int report(const std::vector<runtime::ConfigProblem>& problems, bool json) {
  if (json) {
    auto list = nlohmann::json::array();
    for (const auto& p : problems)
      list.push_back({{"key", p.key}, {"source", p.source}, {"message", p.message}});
    std::printf("%s\n", nlohmann::json{{"ok", false}, {"problems", list}}.dump().c_str());
  } else {
    for (const auto& problem : problems)
      std::fprintf(stderr, "%s\n", runtime::to_string(problem).c_str());
  }
  return client::exit_usage; // as serve() has it
}

} // namespace

int check_config(const runtime::ConfigSources& sources, bool json) {
  auto config = runtime::load_config(sources);
  if (!config) return report(config.error(), json);
  std::puts(json ? R"({"ok":true,"problems":[]})" : "the configuration is valid");
  return client::exit_ok;
}

int print_config(const runtime::ConfigSources& sources, bool json) {
  auto config = runtime::load_config(sources);
  if (!config) return report(config.error(), json);
  std::printf("%s\n",
              json ? config->effective_json().dump().c_str() : config->effective_yaml().c_str());
  return client::exit_ok;
}

} // namespace graphrag
