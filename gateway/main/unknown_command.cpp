#include "gateway/main/unknown_command.hpp"

#include <CLI/CLI.hpp>

#include "gateway/client/text.hpp"
#include "runtime/config/key_table.hpp"

namespace graphrag {

std::string unknown_command(const CLI::App& app) {
  const CLI::App* chosen = &app;
  for (auto next = app.get_subcommands(); !next.empty(); next = chosen->get_subcommands())
    chosen = next.front();
  std::vector<std::string> names;
  for (const auto* command : chosen->get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  const auto words = app.remaining(true);
  if (names.empty() || words.empty()) return {};
  const auto close = runtime::nearest(words.front(), names);
  return "'" + client::printable(words.front()) + "' is no command" +
         (close.empty() ? "" : "; did you mean " + close + "?");
}

} // namespace graphrag
