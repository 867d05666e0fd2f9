#pragma once
// The commands that are clients of a running server. Each prints its result to standard output,
// everything else to standard error, and returns an exit code: 0 fine, 1 findings, 2 usage,
// 3 unreachable.
#include <cstdint>
#include <string>
#include <vector>

#include "gateway/client/api.hpp"

namespace graphrag {

struct IngestOptions {
  client::ServerAddress server;
  std::vector<std::string> paths;
  std::string collection = "default";
  std::string prefix;  // before every id
  bool sync = false;   // delete documents under the prefix whose files are gone
  bool create = false; // make the collection when there is none
  unsigned in_flight = 4;
  bool json = false;
};
int ingest(const IngestOptions& options);

struct QueryOptions {
  client::ServerAddress server;
  std::string question;
  std::string collection = "default";
  std::string mode; // empty = the server's default
  unsigned limit = 10;
  bool json = false;
};
int query(const QueryOptions& options);

struct StatusOptions {
  client::ServerAddress server;
  unsigned wait_seconds = 0; // until it is ready
  bool json = false;
};
int status(const StatusOptions& options);

struct TopOptions {
  std::string url; // of the admin listener
  double interval_seconds = 2;
  unsigned count = 0; // readings, 0 = until interrupted
  bool json = false;
};
int top(const TopOptions& options);

struct ModelOptions {
  client::ServerAddress admin; // the admin listener
  std::string target;          // what to add (client/model_source.hpp), or a name or hash to remove
  std::string name;            // what to call it, empty = after the target
  std::string hub, index, ca_file;
  bool json = false;
  bool quiet = false; // print nothing but errors
};
int model_add(const ModelOptions& options);
int model_list(const ModelOptions& options);
int model_remove(const ModelOptions& options);

struct EvalOptions {
  std::string folder;                   // corpus.jsonl, queries.jsonl
  std::vector<std::string> distractors; // more passages, one JSON object a line
  std::string model;                    // an encoder for the private server; empty = none
  std::string scores;                   // file for one JSON line per question; empty = none
  std::string mode;
  std::string url; // empty = a private server
  std::string api_key;
  unsigned shards = 0; // of the private server, 0 = its default
  unsigned connections = 2;
  unsigned limit = 20;
  bool json = false;
};
int eval(const EvalOptions& options);

} // namespace graphrag
