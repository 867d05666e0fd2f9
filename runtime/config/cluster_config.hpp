#pragma once
// What the configuration says of the cluster that a node belongs to. On its own without an id.
#include <cstdint>
#include <string>

namespace graphrag::runtime {

struct ListenAddress {
  std::string host = "127.0.0.1"; // an IP address; IPv6 without brackets
  std::uint16_t port = 0;         // 0 = any free one
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

struct ClusterConfig {
  std::string id;      // 1 to 64 bytes; the same on all nodes
  std::string ordinal; // a number; empty = that at the end of the machine's name
  ListenAddress listen{"0.0.0.0", 7946};
  std::uint32_t replicas = 2;   // nodes that hold each collection
  std::uint64_t max_memory = 0; // bytes of views on this node; 0 = three fifths of the machine's
  std::string advertise;        // host:port for peers; empty = the peer name and listen's port
  std::string peer_name = "graphrag-{}"; // of a node's certificate; {} stands for its ordinal
  std::string certificate, key, ca;      // PEM files
};

} // namespace graphrag::runtime
