#pragma once
// The ports of a node as its configuration names them: a store and blobs of its own, or those that
// it shares with the other nodes of its cluster.
#include <memory>

#include "cluster/membership_store.hpp"
#include "runtime/config/config.hpp"
#include "runtime/data_dir.hpp"
#include "runtime/disk_space.hpp"
#include "runtime/store/blob.hpp"
#include "runtime/store/blobs/s3_session.hpp"
#include "runtime/store/store.hpp"

namespace graphrag {

runtime::Result<std::shared_ptr<runtime::Store>> open_store(const runtime::Config& config,
                                                            const runtime::DataDir& data);
runtime::Result<std::shared_ptr<runtime::BlobStore>>
open_blobs(const runtime::Config& config, const runtime::DataDir& data,
           const std::shared_ptr<runtime::DiskSpace>& space);
// Of a configuration whose blobs are in S3; reads the keys from their files or the environment.
// Errors name the key of the configuration.
runtime::Result<runtime::S3Options> s3_options(const runtime::BlobsConfig& config);
runtime::Result<std::shared_ptr<cluster::MembershipStore>>
open_membership(const runtime::Config& config, const cluster::Settings& settings);

} // namespace graphrag
