#pragma once
// `graphrag cluster ...`. Exit codes as in commands.hpp.
#include <cstdint>
#include <string>

#include "gateway/client/api.hpp"

namespace graphrag {

struct ClusterUpOptions {
  unsigned nodes = 3;
  // Of everything: the database, certificates, a folder per node. Never empty.
  std::string folder = "graphrag-cluster";
  std::uint16_t port = 8000; // of the first node; the others have port + 10, + 20 ...
};
// A cluster on this machine for development, with a PostgreSQL of its own; until interrupted.
int cluster_up(const ClusterUpOptions& options);

struct ClusterOptions {
  client::ServerAddress admin; // the admin listener of any member
  unsigned ordinal = 0;        // of the node to drain
  unsigned wait_seconds = 90;  // until it has left
  bool json = false;
};
int cluster_status(const ClusterOptions& options);
int cluster_drain(const ClusterOptions& options);

} // namespace graphrag
