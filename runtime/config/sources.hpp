#pragma once
// Reads each source of the configuration into one form, without looking at the values.
#include <string>
#include <vector>

#include "runtime/config/config.hpp"

namespace graphrag::runtime {

struct Setting {
  std::string key;    // as given: "server.listen", "GRAPHRAG_SERVER_LISTEN", "listen"
  std::string name;   // of the key in the table; empty when there is none
  std::string source; // "graphrag.yaml:12", "GRAPHRAG_SERVER_LISTEN", "--listen", "--set"
  std::string value;
};

// Appends to both; what cannot be read at all, unknown names and doubles are problems.
void read_yaml(const std::string& file, std::vector<Setting>& settings,
               std::vector<ConfigProblem>& problems);
void read_environment(const NamedValues& variables, std::vector<Setting>& settings,
                      std::vector<ConfigProblem>& problems);
void read_flags(const NamedValues& flags, std::vector<Setting>& settings,
                std::vector<ConfigProblem>& problems);

} // namespace graphrag::runtime
