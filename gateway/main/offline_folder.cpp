#include "gateway/main/offline_folder.hpp"

#include <cstdio>
#include <filesystem>

#include "gateway/client/api.hpp"

namespace graphrag {

runtime::Result<std::unique_ptr<runtime::DataDir>> open_with_store(const std::string& folder) {
  std::error_code error;
  const auto store = std::filesystem::path{folder} / "graphrag.db";
  const bool there = std::filesystem::is_regular_file(store, error) &&
                     std::filesystem::file_size(store, error) > 0 && !error;
  if (there) return runtime::DataDir::open(folder);
  return runtime::fail(runtime::Errc::not_found,
                       "data folder '" + folder +
                           "' holds no store: there is no graphrag.db in it");
}

int refuse(const runtime::Error& error) {
  std::fprintf(stderr, "graphrag: %s\n", error.detail.c_str());
  return error.code == runtime::Errc::not_found ? client::exit_usage : client::exit_findings;
}

} // namespace graphrag
