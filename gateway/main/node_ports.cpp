#include "gateway/main/node_ports.hpp"

#include <cstdlib>

#include "cluster/stored_membership.hpp"
#include "runtime/store/blobs/guarded_blobs.hpp"
#include "runtime/store/blobs/postgres_blobs.hpp"
#include "runtime/store/blobs/s3_blobs.hpp"
#include "runtime/store/blobs/s3_credentials.hpp"
#include "runtime/store/open_store.hpp"
#include "runtime/store/postgres/postgres_member_rows.hpp"
#include "runtime/store/postgres/postgres_store.hpp"

namespace graphrag {
namespace {

runtime::Result<std::string> database_of(const runtime::Config& config) {
  return runtime::database_url({config.store_url, config.store_password_file});
}

template <class Port>
runtime::Result<std::shared_ptr<Port>> shared(runtime::Result<std::unique_ptr<Port>> opened) {
  if (!opened) return tl::unexpected(opened.error());
  return std::shared_ptr<Port>{std::move(*opened)};
}

// Nodes start without S3: questions need no originals.
runtime::Result<std::shared_ptr<runtime::BlobStore>>
open_in_s3(const runtime::BlobsConfig& config) {
  auto options = s3_options(config);
  if (!options) return tl::unexpected(options.error());
  options->may_be_away = true;
  auto blobs = runtime::open_s3_blobs(*options);
  if (!blobs) return runtime::fail(blobs.error().code, "blobs.url: " + blobs.error().detail);
  return std::shared_ptr{runtime::make_guarded_blobs(std::move(*blobs))};
}

} // namespace

runtime::Result<runtime::S3Options> s3_options(const runtime::BlobsConfig& config) {
  auto keys = runtime::find_s3_credentials(
      {config.access_key_file, config.secret_key_file, config.session_token_file},
      [](const char* name) -> const char* { return std::getenv(name); });
  if (!keys)
    return runtime::fail(keys.error().code, "blobs.access_key_file: " + keys.error().detail);
  runtime::S3Options out;
  out.endpoint = config.endpoint;
  out.bucket = config.bucket();
  out.prefix = config.prefix();
  out.region = config.region;
  out.access_key = std::move(keys->access_key);
  out.secret_key = std::move(keys->secret_key);
  out.session_token = std::move(keys->session_token);
  out.ca_file = config.ca_file;
  out.path_style = config.path_style;
  out.deadline = config.deadline;
  return out;
}

runtime::Result<std::shared_ptr<runtime::Store>> open_store(const runtime::Config& config,
                                                            const runtime::DataDir& data) {
  if (config.store_url.empty())
    return shared(runtime::open_sqlite_store(
        {data.file("graphrag.db"), config.store_readers, config.store_max_bytes}));
  auto url = database_of(config);
  if (!url) return tl::unexpected(url.error());
  runtime::PostgresOptions options;
  options.url = std::move(*url);
  options.connections = config.store_pool;
  options.overflow = config.store_pool_overflow;
  return shared(runtime::open_postgres_store(options));
}

runtime::Result<std::shared_ptr<runtime::BlobStore>>
open_blobs(const runtime::Config& config, const runtime::DataDir& data,
           const std::shared_ptr<runtime::DiskSpace>& space) {
  if (config.blobs.in_s3()) return open_in_s3(config.blobs);
  if (config.blobs.url.empty())
    return shared(runtime::open_folder_blobs(data.file("blobs"), space));
  auto url = database_of(config);
  if (!url) return tl::unexpected(url.error());
  runtime::PostgresBlobOptions options;
  options.url = std::move(*url);
  return shared(runtime::open_postgres_blobs(options));
}

runtime::Result<std::shared_ptr<cluster::MembershipStore>>
open_membership(const runtime::Config& config, const cluster::Settings& settings) {
  auto url = database_of(config);
  if (!url) return tl::unexpected(url.error());
  runtime::PostgresMemberOptions options;
  options.url = std::move(*url);
  options.timeout = std::chrono::milliseconds{settings.database_timeout};
  auto rows = runtime::open_postgres_member_rows(options);
  if (!rows) return tl::unexpected(rows.error());
  return cluster::make_stored_membership(std::move(*rows), settings);
}

} // namespace graphrag
