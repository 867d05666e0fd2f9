#include "runtime/config/sources.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include "runtime/config/key_table.hpp"

namespace graphrag::runtime {
namespace {

std::string unknown(const char* what, std::string_view word,
                    const std::vector<std::string>& candidates) {
  const std::string close = nearest(word, candidates);
  return std::string("unknown ") + what + (close.empty() ? "" : "; did you mean " + close + "?");
}

std::vector<std::string> key_names() {
  std::vector<std::string> names;
  for (const auto& key : config_keys()) names.push_back(key.name);
  return names;
}

class YamlReader {
public:
  YamlReader(std::string file, std::vector<Setting>& settings, std::vector<ConfigProblem>& problems)
      : file_(std::move(file)), settings_(settings), problems_(problems) {}

  void read() {
    std::ifstream stream(file_);
    std::error_code ignored;
    if (!stream || std::filesystem::is_directory(file_, ignored)) {
      problems_.push_back({"", file_, "cannot be read"});
      return;
    }
    try {
      const YAML::Node root = YAML::Load(stream);
      if (root.IsNull()) return;
      if (!root.IsMap()) return problem("", root, "must hold sections such as 'server:'");
      for (const auto& section : root) read_section(section.first, section.second);
    } catch (const YAML::Exception& error) {
      problems_.push_back({"", at(error.mark), error.msg});
    }
  }

private:
  std::string at(const YAML::Mark& mark) const {
    return mark.is_null() ? file_ : file_ + ":" + std::to_string(mark.line + 1);
  }
  void problem(const std::string& key, const YAML::Node& node, std::string message) {
    problems_.push_back({key, at(node.Mark()), std::move(message)});
  }

  void read_section(const YAML::Node& name, const YAML::Node& content) {
    const std::string section = name.IsScalar() ? name.Scalar() : "";
    const auto keys = key_names();
    const bool known = std::ranges::any_of(
        keys, [&](const std::string& key) { return key.starts_with(section + "."); });
    if (!known) {
      std::vector<std::string> sections;
      for (const auto& key : keys) sections.push_back(key.substr(0, key.find('.')));
      return problem(section, name,
                     content.IsMap() ? unknown("section", section, sections)
                                     : unknown("key", section, keys));
    }
    if (content.IsNull()) return;
    if (!content.IsMap()) return problem(section, name, "is a section; its keys go below it");
    for (const auto& entry : content) read_entry(section, entry.first, entry.second);
  }

  void read_entry(const std::string& section, const YAML::Node& name, const YAML::Node& value) {
    const std::string key = section + "." + (name.IsScalar() ? name.Scalar() : "");
    if (find_config_key(key) == nullptr)
      return problem(key, name, unknown("key", key, key_names()));
    const auto first = std::ranges::find_if(
        settings_, [&](const Setting& s) { return s.name == key && s.source.starts_with(file_); });
    if (first != settings_.end())
      return problem(key, name, "is given twice, first at " + first->source);
    std::string text;
    if (value.IsScalar()) {
      text = value.Scalar();
    } else if (value.IsSequence() && find_config_key(key)->kind == "list") {
      for (const auto& item : value) text += (text.empty() ? "" : ",") + item.Scalar();
    } else {
      return problem(key, name, value.IsNull() ? "has no value" : "must be a single value");
    }
    settings_.push_back({key, key, at(name.Mark()), std::move(text)});
  }

  const std::string file_;
  std::vector<Setting>& settings_;
  std::vector<ConfigProblem>& problems_;
};

// Kubernetes puts the addresses of services into every container's environment:
// GRAPHRAG_API_SERVICE_HOST, GRAPHRAG_API_PORT_8000_TCP=tcp://10.0.0.1:8000 ...
bool from_kubernetes(std::string_view name, std::string_view value) {
  return name.ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != name.npos ||
         name.find("_TCP_") != name.npos || name.find("_UDP_") != name.npos ||
         value.starts_with("tcp://") || value.starts_with("udp://");
}

// Variables of the command line client.
constexpr std::string_view client_variables[] = {"GRAPHRAG_URL", "GRAPHRAG_API_KEY",
                                                 "GRAPHRAG_CONFIG"};

} // namespace

void read_yaml(const std::string& file, std::vector<Setting>& settings,
               std::vector<ConfigProblem>& problems) {
  YamlReader(file, settings, problems).read();
}

void read_environment(const NamedValues& variables, std::vector<Setting>& settings,
                      std::vector<ConfigProblem>& problems) {
  std::vector<std::string> names;
  for (const auto& key : config_keys()) names.push_back(environment_name(key));
  for (const auto& [name, value] : variables) {
    const auto at = std::ranges::find(names, name);
    if (at != names.end()) {
      const auto& key = config_keys()[static_cast<std::size_t>(at - names.begin())];
      settings.push_back({name, key.name, name, value});
    } else if (std::ranges::find(client_variables, name) == std::end(client_variables) &&
               !from_kubernetes(name, value)) {
      problems.push_back({name, "environment", unknown("variable", name, names)});
    }
  }
}

void read_flags(const NamedValues& flags, std::vector<Setting>& settings,
                std::vector<ConfigProblem>& problems) {
  std::vector<std::string> names;
  for (const auto& key : config_keys()) {
    names.push_back(key.name);
    if (!key.short_flag.empty()) names.push_back(key.short_flag);
  }
  for (const auto& [flag, value] : flags) {
    const auto key = std::ranges::find_if(config_keys(), [&](const ConfigKey& candidate) {
      return candidate.name == flag || (!flag.empty() && candidate.short_flag == flag);
    });
    // The program knows its own flags; anything else was given with --set.
    const bool is_flag = key != config_keys().end() && key->short_flag == flag;
    const std::string source = is_flag ? "--" + flag : "--set";
    if (key == config_keys().end())
      problems.push_back({flag, source, unknown("key", flag, names)});
    else
      settings.push_back({flag, key->name, source, value});
  }
}

NamedValues graphrag_environment() {
  NamedValues found;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view entry = *at;
    const auto equals = entry.find('=');
    if (entry.starts_with("GRAPHRAG_") && equals != entry.npos)
      found.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  std::ranges::sort(found);
  return found;
}

} // namespace graphrag::runtime
