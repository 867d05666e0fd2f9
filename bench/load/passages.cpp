#include "bench/load/passages.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

namespace graphrag::bench {

std::optional<std::vector<Passage>> read_passages(const std::vector<std::string>& files,
                                                  unsigned copies, std::size_t most) {
  std::vector<Passage> out;
  for (unsigned copy = 0; copy < copies; ++copy)
    for (const auto& file : files) {
      std::ifstream in{file};
      auto prefix = std::filesystem::path{file}.stem().string() + "/" +
                    (copy == 0 ? "" : "copy" + std::to_string(copy) + "/");
      for (std::string line; std::getline(in, line);) {
        auto object = nlohmann::json::parse(line, nullptr, false);
        if (!object.is_object() || !object.contains("id")) {
          std::fprintf(stderr, "%s: a line is no object with an id\n", file.c_str());
          return std::nullopt;
        }
        const auto& id = object["id"];
        out.push_back({prefix + (id.is_string() ? id.get<std::string>() : id.dump()),
                       object.value("title", std::string{}), object.value("text", std::string{})});
        if (out.size() == most) return out;
      }
    }
  return out;
}

} // namespace graphrag::bench
