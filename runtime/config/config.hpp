#pragma once
// The whole configuration of a node, as values that have been checked together. Loaded in this
// order, later ones win: defaults, YAML file, environment, command line. docs/configuration.md
// lists every key; key_table.hpp is the one table behind parsing, printing and that page.
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "observability/log.hpp"
#include "runtime/config/blobs_config.hpp"
#include "runtime/config/cluster_config.hpp"
#include "runtime/config/endpoint_config.hpp"
#include "runtime/sandbox/parser_pool.hpp"

namespace graphrag::runtime {

using Milliseconds = std::chrono::milliseconds;

std::string to_string(const ListenAddress& address); // "127.0.0.1:8000", "[::1]:8000"

struct Config {
  // node
  std::string data_dir = "data";
  std::set<std::string> roles = {"gateway", "shard", "worker"};
  std::uint32_t shards = 2;
  std::uint32_t actor_threads = 0; // after loading never 0: one per core
  std::uint32_t io_actors = 4;
  std::uint32_t io_queue = 1024;
  Milliseconds drain_deadline{30'000};

  // server
  ListenAddress listen{"127.0.0.1", 8000};
  ListenAddress admin_listen{"127.0.0.1", 8001};
  std::uint32_t http_threads = 0; // after loading never 0: one per core
  std::uint32_t max_connections = 1024;
  std::uint32_t max_connections_per_client = 512;
  std::uint32_t max_header_bytes = 16 << 10;
  std::uint32_t max_header_count = 100;
  std::uint64_t body_limit = 32ULL << 20;
  std::uint64_t max_upload_bytes = 256ULL << 20;
  std::uint32_t min_body_rate = 1024; // bytes/s
  Milliseconds header_deadline{10'000};
  Milliseconds body_deadline{60'000};
  Milliseconds idle_deadline{60'000};
  Milliseconds write_deadline{30'000};
  Milliseconds total_deadline{330'000};

  // query
  std::uint32_t max_queries = 256; // in flight
  Milliseconds query_deadline{5'000};
  Milliseconds max_query_deadline{60'000};

  // ingest
  std::uint32_t max_documents = 2048; // in flight
  std::uint64_t max_document_bytes_in_flight = 512ULL << 20;
  std::uint64_t backlog_per_collection = 10'000;
  std::uint32_t document_workers = 4; // resumed documents at a time
  Milliseconds ingest_wait{30'000};
  Milliseconds max_ingest_wait{300'000};

  ParserPoolOptions parser;

  // encoder
  std::uint32_t encoder_threads = 0; // after loading never 0: one per core
  std::uint64_t encoder_max_backlog = 1'000'000;
  std::uint64_t max_model_bytes = 4ULL << 30;

  // models behind endpoints, each for one purpose
  EndpointConfig embedding; // passages and questions as vectors, in place of an encoder of files
  std::uint32_t embedding_dimension = 0;
  Milliseconds embedding_question_timeout{2'000};
  std::uint64_t embedding_max_passage = 8 << 10; // bytes; longer ones are cut
  std::string embedding_query_prefix, embedding_passage_prefix;
  EndpointConfig reranking{.timeout = Milliseconds{2'000}};
  std::uint32_t reranking_passages = 20; // of a question, the best ones
  EndpointConfig summaries{.max_calls = 1};
  std::uint32_t summaries_least_names = 8; // of a community
  std::uint32_t summaries_max_tokens = 300;
  EndpointConfig extraction{.timeout = Milliseconds{10'000}}; // of a document
  std::uint32_t extraction_passages = 32;                     // of a document, the first ones
  std::uint32_t extraction_max_tokens = 2048;
  EndpointConfig answers;
  std::uint32_t answers_max_tokens = 1024; // of one answer

  // store
  std::string store_url;           // of a PostgreSQL; empty = SQLite in the data folder
  std::string store_password_file; // read when the store is opened
  std::uint32_t store_pool = 20, store_pool_overflow = 30; // connections; PostgreSQL only
  std::uint32_t store_readers = 4;
  std::int64_t store_max_bytes = 0;                  // 0 = as much as the disk has
  std::uint64_t store_min_free_bytes = 256ULL << 20; // writes are refused below this

  BlobsConfig blobs;
  ClusterConfig cluster;

  std::uint64_t cache_bytes = 64ULL << 20;
  Milliseconds cache_ttl{60'000};

  observability::LogOptions log;
  bool admin_allow_kill = false; // chaos: the admin listener may kill actors

  // By key, where a value came from: "graphrag.yaml:12", "GRAPHRAG_SERVER_LISTEN", "--listen".
  // Keys that were given nowhere are absent.
  std::map<std::string, std::string> sources;
  std::string source_of(const std::string& key) const; // "default" when absent

  // {"server.listen": {"value": "127.0.0.1:8000", "source": "default"}, ...}; secrets masked.
  nlohmann::json effective_json() const;
  // The same as a YAML file that can be loaded again, each value with its source as a comment.
  std::string effective_yaml() const;
};

// One mistake. `key` as it was given, `source` as in Config::sources.
struct ConfigProblem {
  std::string key;
  std::string source;
  std::string message;
};
std::string
to_string(const ConfigProblem& problem); // "graphrag.yaml:3: server.listne: unknown key; ..."

using NamedValues = std::vector<std::pair<std::string, std::string>>;

struct ConfigSources {
  std::string file;        // empty = none
  NamedValues environment; // see graphrag_environment()
  NamedValues flags;       // by key ("server.listen") or by short name ("listen"), without dashes
};

// All mistakes of all sources at once, or a Config. Reads the file, starts and creates nothing.
tl::expected<Config, std::vector<ConfigProblem>> load_config(const ConfigSources& sources);

// The variables of this process that begin with GRAPHRAG_.
NamedValues graphrag_environment();

} // namespace graphrag::runtime
