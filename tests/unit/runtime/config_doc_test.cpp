// docs/configuration.md and the table of keys say the same.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "runtime/config/key_table.hpp"

namespace graphrag::runtime {
namespace {

std::string row(const ConfigKey& key) {
  const auto code = [](const std::string& text) { return text.empty() ? "" : "`" + text + "`"; };
  return "| `" + key.name + "` | `" + environment_name(key) + "` | " +
         code(key.short_flag.empty() ? "" : "--" + key.short_flag) + " | " + key.kind + " | " +
         code(key.get(Config{})) + " | " + key.help + " |";
}

TEST(ConfigDocumentation, HasExactlyTheKeysOfTheTable) {
  std::ifstream file(GRAPHRAG_SOURCE_DIR "/docs/configuration.md");
  ASSERT_TRUE(file);
  std::vector<std::string> documented, expected;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("| `")) documented.push_back(line);
  for (const auto& key : config_keys()) expected.push_back(row(key));
  std::ostringstream all;
  for (const auto& line : expected) all << line << "\n";
  EXPECT_EQ(documented, expected) << "the rows should be:\n" << all.str();
}

TEST(ConfigTable, IsSound) {
  std::set<std::string> names, variables, flags;
  for (const auto& key : config_keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_TRUE(variables.insert(environment_name(key)).second) << key.name;
    EXPECT_TRUE(key.short_flag.empty() || flags.insert(key.short_flag).second) << key.name;
    EXPECT_TRUE(key.help.ends_with('.')) << key.name;
    Config config;
    const std::string written = key.get(config);
    EXPECT_EQ(key.set(config, written), std::nullopt) << key.name << " = " << written;
    EXPECT_EQ(key.get(config), written) << key.name;
  }
}

TEST(ConfigTable, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string> names = {"server.listen", "server.admin_listen", "log.level"};
  EXPECT_EQ(nearest("server.lsiten", names), "server.listen");
  EXPECT_EQ(nearest("listen", names), "server.listen");
  EXPECT_EQ(nearest("node.level", names), "log.level");
  EXPECT_EQ(nearest("completely.different", names), "");
}

} // namespace
} // namespace graphrag::runtime
