#include "gateway/main/offline_blobs.hpp"

#include "gateway/main/node_ports.hpp"
#include "runtime/store/blobs/s3_blobs.hpp"

namespace graphrag {
namespace {

using runtime::Errc;

// Checked as the configuration of a node is.
runtime::Result<runtime::BlobsConfig> config_of(const std::string& url,
                                                const std::vector<std::string>& values) {
  runtime::ConfigSources sources;
  for (auto& variable : runtime::graphrag_environment())
    if (variable.first.starts_with("GRAPHRAG_BLOBS_") && variable.first != "GRAPHRAG_BLOBS_URL")
      sources.environment.push_back(std::move(variable));
  sources.flags.emplace_back("blobs.url", url);
  for (const auto& item : values) {
    const auto equals = item.find('=');
    if (!item.starts_with("blobs.") || equals == std::string::npos || item.starts_with("blobs.url"))
      return runtime::fail(Errc::invalid_argument, "--set: '" + item + "' is not blobs.KEY=VALUE");
    sources.flags.emplace_back(item.substr(0, equals), item.substr(equals + 1));
  }
  auto config = runtime::load_config(sources);
  if (config) return std::move(config->blobs);
  return runtime::fail(Errc::invalid_argument, to_string(config.error().front()));
}

} // namespace

runtime::Result<std::unique_ptr<runtime::BlobStore>>
open_s3(const std::string& url, const std::vector<std::string>& values) {
  if (!url.starts_with("s3://"))
    return runtime::fail(Errc::invalid_argument, url + " is not s3://BUCKET/PREFIX");
  auto config = config_of(url, values);
  if (!config) return tl::unexpected(config.error());
  auto options = s3_options(*config);
  if (!options) return tl::unexpected(options.error());
  return runtime::open_s3_blobs(*options);
}

} // namespace graphrag
