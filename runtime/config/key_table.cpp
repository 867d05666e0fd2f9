#include "runtime/config/key_table.hpp"

#include <cctype>

#include "runtime/config/values.hpp"

namespace graphrag::runtime {
namespace {

using Get = std::function<std::string(const Config&)>;
using Set = std::function<std::optional<std::string>(Config&, std::string_view)>;

// `field` names the member: [](auto& c) -> auto& { return c.shards; }
template <class Field, class Parse>
Set setter(Field field, Parse parse) {
  return [=](Config& config, std::string_view text) -> std::optional<std::string> {
    auto value = parse(text);
    if (!value) return value.error();
    field(config) = static_cast<std::remove_reference_t<decltype(field(config))>>(*value);
    return std::nullopt;
  };
}

class Table {
public:
  // The next keys belong to this section.
  void section(std::string name) { section_ = std::move(name); }

  template <class Field>
  void integer(const char* name, Field field, std::uint64_t least, std::uint64_t most,
               const std::string& help) {
    add(name, "number", help,
        setter(field, [=](std::string_view text) { return parse_integer(text, least, most); }),
        [=](const Config& config) { return std::to_string(field(config)); });
  }
  template <class Field>
  void size(const char* name, Field field, std::uint64_t least, std::uint64_t most,
            const std::string& help) {
    add(name, "size", help,
        setter(field, [=](std::string_view text) { return parse_size(text, least, most); }),
        [=](const Config& config) {
          return format_size(static_cast<std::uint64_t>(field(config)));
        });
  }
  template <class Field>
  void duration(const char* name, Field field, Milliseconds least, Milliseconds most,
                const std::string& help) {
    add(name, "duration", help,
        setter(field, [=](std::string_view text) { return parse_duration(text, least, most); }),
        [=](const Config& config) { return format_duration(field(config)); });
  }
  template <class Field>
  void boolean(const char* name, Field field, const std::string& help) {
    add(name, "boolean", help, setter(field, parse_bool),
        [=](const Config& config) { return field(config) ? "true" : "false"; });
  }
  template <class Field>
  void address(const char* name, Field field, const std::string& help) {
    add(name, "address", help, setter(field, parse_address),
        [=](const Config& config) { return to_string(field(config)); });
  }
  template <class Field>
  void text(const char* name, const char* kind, Field field, const std::string& help) {
    add(name, kind, help,
        setter(field, [](std::string_view text) { return Parsed<std::string>(text); }),
        [=](const Config& config) { return field(config); });
  }
  void add(const char* name, const char* kind, const std::string& help, Set set, Get get) {
    keys.push_back({section_ + "." + name, "", kind, help, false, std::move(set), std::move(get)});
  }
  void secret() { keys.back().secret = true; }                               // the last key
  void flag(const char* short_flag) { keys.back().short_flag = short_flag; } // of the last key

  std::vector<ConfigKey> keys;

private:
  std::string section_;
};

constexpr std::uint64_t KiB = 1ULL << 10, MiB = 1ULL << 20, GiB = 1ULL << 30, TiB = 1ULL << 40;
constexpr Milliseconds ms(std::int64_t count) { return Milliseconds(count); }
constexpr Milliseconds second = ms(1'000), minute = ms(60'000), hour = ms(3'600'000);

#define FIELD(path)                                                                                \
  [](auto& c) -> auto& { return c.path; }

std::optional<std::string> set_roles(Config& config, std::string_view text) {
  std::set<std::string> roles;
  while (!text.empty()) {
    const auto comma = text.find(',');
    std::string_view role = text.substr(0, comma);
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
    while (!role.empty() && role.front() == ' ') role.remove_prefix(1);
    while (!role.empty() && role.back() == ' ') role.remove_suffix(1);
    if (role != "gateway" && role != "shard" && role != "worker")
      return "'" + std::string(role) + "' is not a role; roles are gateway, shard and worker";
    roles.emplace(role);
  }
  if (roles.empty()) return "names no role; roles are gateway, shard and worker";
  config.roles = std::move(roles);
  return std::nullopt;
}

std::string get_roles(const Config& config) {
  std::string all;
  for (const auto& role : config.roles) all += (all.empty() ? "" : ",") + role;
  return all;
}

std::optional<std::string> set_level(Config& config, std::string_view text) {
  using observability::Level;
  if (text == "debug")
    config.log.level = Level::debug;
  else if (text == "info")
    config.log.level = Level::info;
  else if (text == "warn")
    config.log.level = Level::warn;
  else if (text == "error")
    config.log.level = Level::error;
  else
    return "'" + std::string(text) + "' is none of debug, info, warn and error";
  return std::nullopt;
}

std::string get_level(const Config& config) {
  constexpr const char* names[] = {"debug", "info", "warn", "error"};
  return names[static_cast<std::size_t>(config.log.level)];
}

std::optional<std::string> set_format(Config& config, std::string_view text) {
  if (text != "json" && text != "text")
    return "'" + std::string(text) + "' is neither json nor text";
  config.log.json = text == "json";
  return std::nullopt;
}

std::string get_format(const Config& config) { return config.log.json ? "json" : "text"; }

std::optional<std::string> set_cpu(Config& config, std::string_view text) {
  const auto value = parse_duration(text, second, hour);
  if (!value) return value.error();
  if (value->count() % 1000 != 0) return "must be whole seconds";
  config.parser.cpu_seconds = static_cast<std::uint64_t>(value->count() / 1000);
  return std::nullopt;
}

std::string get_cpu(const Config& config) {
  return format_duration(ms(static_cast<std::int64_t>(config.parser.cpu_seconds) * 1000));
}

void node_keys(Table& t) {
  t.section("node");
  t.text("data", "path", FIELD(data_dir),
         "Folder of the store and the original files; made when missing, locked while in use.");
  t.flag("data");
  t.add("roles", "list",
        "What this node does: gateway = serves clients, shard = holds collections, worker = takes "
        "over documents and jobs that wait. A node on its own needs all three.",
        set_roles, get_roles);
  t.flag("roles");
  t.integer("shards", FIELD(shards), 1, 1024, "Parts of the index, each with its own writer.");
  t.flag("shards");
  t.integer("actor_threads", FIELD(actor_threads), 0, 1024,
            "Threads that run actors; 0 = one per core.");
  t.integer("io_actors", FIELD(io_actors), 1, 256, "Blocking calls (store, files) at once.");
  t.integer("io_queue", FIELD(io_queue), 1, 1'000'000,
            "Blocking calls that may wait; one more is refused.");
  t.duration("drain_deadline", FIELD(drain_deadline), ms(100), hour,
             "Time for an orderly stop; then the process ends with an error.");
}

void server_keys(Table& t) {
  t.section("server");
  t.address("listen", FIELD(listen),
            "Address of the public listener; loopback only, since there is no authentication yet.");
  t.flag("listen");
  t.address("admin_listen", FIELD(admin_listen),
            "Address of the admin listener (metrics, administration); loopback only.");
  t.flag("admin-listen");
  t.integer("http_threads", FIELD(http_threads), 0, 256,
            "Threads that serve HTTP; 0 = one per core.");
  t.integer("max_connections", FIELD(max_connections), 1, 1'000'000,
            "Open connections of a listener.");
  t.integer("max_connections_per_client", FIELD(max_connections_per_client), 1, 1'000'000,
            "Open connections of one client address.");
  t.size("max_header_bytes", FIELD(max_header_bytes), KiB, MiB,
         "All headers of a request together.");
  t.integer("max_header_count", FIELD(max_header_count), 10, 10'000, "Headers of a request.");
  t.size("body_limit", FIELD(body_limit), KiB, 4 * GiB - 1,
         "Body of a request, unless its route says otherwise.");
  t.size("max_upload", FIELD(max_upload_bytes), KiB, 2 * GiB, "One uploaded file.");
  t.size("min_body_rate", FIELD(min_body_rate), 0, GiB,
         "Bytes per second below which a sending client is cut off.");
  t.duration("header_deadline", FIELD(header_deadline), ms(10), hour,
             "Time to receive all headers.");
  t.duration("body_deadline", FIELD(body_deadline), ms(10), hour,
             "Time between signs of progress of a body.");
  t.duration("idle_deadline", FIELD(idle_deadline), ms(10), hour,
             "Time an unused connection stays open.");
  t.duration("write_deadline", FIELD(write_deadline), ms(10), hour,
             "Time a client may take no byte of its answer.");
  t.duration("total_deadline", FIELD(total_deadline), ms(10), 24 * hour,
             "Time of one request, from its first byte to its answer.");
}

void work_keys(Table& t) {
  t.section("query");
  t.integer("max_in_flight", FIELD(max_queries), 1, 100'000,
            "Questions at once; one more is answered with 429.");
  t.duration("deadline", FIELD(query_deadline), ms(1), hour, "Time of a question that names none.");
  t.duration("max_deadline", FIELD(max_query_deadline), ms(1), hour,
             "Most time that a question may ask for.");
  t.section("ingest");
  t.integer("max_in_flight", FIELD(max_documents), 1, 100'000,
            "Documents being worked on at once; one more is answered with 429.");
  t.size("max_bytes_in_flight", FIELD(max_document_bytes_in_flight), MiB, TiB,
         "Bytes of those documents together.");
  t.integer("backlog_per_collection", FIELD(backlog_per_collection), 1, 1'000'000'000,
            "Accepted documents that wait in a collection; one more is answered with 429.");
  t.integer("workers", FIELD(document_workers), 1, 1'000,
            "Accepted documents that are worked off at once.");
  t.duration("wait", FIELD(ingest_wait), ms(0), hour,
             "How long a write waits until its document is searchable, unless the client says.");
  t.duration("max_wait", FIELD(max_ingest_wait), ms(0), hour,
             "Longest such wait a client may ask for.");
  t.section("parser");
  t.integer("children", FIELD(parser.children), 1, 64,
            "Documents parsed at once, each in its own confined process; as many are kept ready.");
  t.integer("queue", FIELD(parser.max_queue), 1, 100'000, "Documents that wait for a parser.");
  t.size("queue_bytes", FIELD(parser.max_queue_bytes), MiB, TiB,
         "Bytes of those documents together.");
  t.duration("deadline", FIELD(parser.deadline), ms(100), hour,
             "Time of one document; then its parser is killed.");
  t.add("cpu", "duration", "CPU time of one document.", set_cpu, get_cpu);
  t.size("memory", FIELD(parser.resident), 0, TiB, "Memory that a parser may use; 0 = no limit.");
  t.size("address_space", FIELD(parser.address_space), 0, TiB,
         "Address space of a parser; 0 = no limit.");
  t.size("max_answer", FIELD(parser.max_answer), MiB, 4 * GiB - 1,
         "What one document's text and structure may amount to.");
  t.boolean("require_landlock", FIELD(parser.require_landlock),
            "Refuse to start on a kernel without Landlock.");
}

void other_keys(Table& t) {
  t.section("encoder");
  t.integer("threads", FIELD(encoder_threads), 0, 1024,
            "Passages encoded at once, below everything else; 0 = one per core.");
  t.integer("max_backlog", FIELD(encoder_max_backlog), 0, 1'000'000'000'000,
            "Documents without vectors beyond which new documents are answered with 429; 0 = no "
            "bound. Without a model nothing waits.");
  t.size("max_model_size", FIELD(max_model_bytes), MiB, 64 * GiB,
         "Largest model that the admin listener takes.");
  t.section("store");
  t.text("url", "text", FIELD(store_url),
         "postgresql://user@host:port/database of a PostgreSQL; empty = SQLite in the data folder. "
         "It may hold the password, so it is never shown or logged.");
  t.secret();
  t.text("password_file", "path", FIELD(store_password_file),
         "File with the password for store.url, so that the address need not hold it.");
  t.integer("pool", FIELD(store_pool), 1, 1000,
            "Connections to PostgreSQL that are kept; each is renewed after an hour.");
  t.integer("pool_overflow", FIELD(store_pool_overflow), 0, 1000,
            "Connections beyond those when all are in use, closed again after use.");
  t.integer("readers", FIELD(store_readers), 1, 256, "Connections for reading.");
  t.size("max_size", FIELD(store_max_bytes), 0, 1024 * TiB,
         "Bound of the store's file; 0 = as much as the disk has.");
  t.size("min_free", FIELD(store_min_free_bytes), 0, 1024 * TiB,
         "Free space on the data folder's disk below which writes are refused; unless set, at most "
         "a tenth of the disk.");
  t.section("blobs");
  t.text("url", "text", FIELD(blobs.url),
         "Where original files are: empty = the data folder, store = in PostgreSQL beside the "
         "documents, s3://BUCKET/PREFIX = in S3. A cluster cannot use a folder.");
  t.text("endpoint", "text", FIELD(blobs.endpoint),
         "Address of the S3 server, such as https://host:9000; empty = AWS.");
  t.text("region", "text", FIELD(blobs.region), "Region of the bucket.");
  t.boolean("path_style", FIELD(blobs.path_style),
            "Whether the bucket is part of the path, not of the host's name; unless set, true with "
            "blobs.endpoint and false without.");
  t.text("ca_file", "path", FIELD(blobs.ca_file),
         "PEM of an authority to trust besides the system's.");
  t.duration("deadline", FIELD(blobs.deadline), ms(1'000), hour,
             "Time of one request to S3 with its retries; a file has one for each 8 MiB.");
  t.text("access_key_file", "path", FIELD(blobs.access_key_file),
         "File with the access key; empty = the variable AWS_ACCESS_KEY_ID. Read at the start, as "
         "are the next two.");
  t.text("secret_key_file", "path", FIELD(blobs.secret_key_file),
         "File with the secret key; empty = the variable AWS_SECRET_ACCESS_KEY.");
  t.text("session_token_file", "path", FIELD(blobs.session_token_file),
         "File with the token of temporary keys; without files, the variable AWS_SESSION_TOKEN.");
  t.section("cluster");
  t.text("id", "text", FIELD(cluster.id),
         "Name of the cluster that this node belongs to, the same on all of its nodes; empty = a "
         "node of its own.");
  t.text("ordinal", "number", FIELD(cluster.ordinal),
         "This node's place in the cluster; empty = the number at the end of the machine's name, "
         "as in a StatefulSet.");
  t.integer("replicas", FIELD(cluster.replicas), 1, 16,
            "How many nodes hold each collection; the same on all nodes.");
  t.size("max_memory", FIELD(cluster.max_memory), 0, 1024 * TiB,
         "Memory for the collections that this node holds; 0 = three fifths of the machine's.");
  t.address("listen", FIELD(cluster.listen),
            "Where peers connect; whoever does must have a certificate of cluster.ca.");
  t.text("advertise", "text", FIELD(cluster.advertise),
         "host:port under which peers reach cluster.listen; empty = this node's peer name, and "
         "that port.");
  t.text("peer_name", "text", FIELD(cluster.peer_name),
         "DNS name in the certificate of a node, with {} for its ordinal.");
  t.text("certificate", "path", FIELD(cluster.certificate),
         "PEM of this node's certificate for its peer name; read again at every new connection.");
  t.text("key", "path", FIELD(cluster.key), "PEM of its private key.");
  t.text("ca", "path", FIELD(cluster.ca),
         "PEM of the authority that signs the certificates of this cluster's nodes and nothing "
         "else.");
  t.section("cache");
  t.size("max_size", FIELD(cache_bytes), 0, TiB, "Memory of the query cache; 0 = no cache.");
  t.duration("ttl", FIELD(cache_ttl), ms(0), 24 * hour, "How long a cached value is used at most.");
  t.section("log");
  t.add("level", "choice", "Least level that is written: debug, info, warn, error.", set_level,
        get_level);
  t.text("file", "path", FIELD(log.file), "File to write to; empty = standard error.");
  t.add("format", "choice", "json (one ECS object per line) or text (for a terminal).", set_format,
        get_format);
  t.section("admin");
  t.boolean("allow_kill", FIELD(admin_allow_kill),
            "Let the admin listener kill actors, for tests of failure.");
}

// The keys that every section of a model has. `section` as FIELD.
template <class Section>
void endpoint_keys(Table& t, Section section, const std::string& does, const std::string& time,
                   const std::string& spent) {
  t.text(
      "url", "text", [=](auto& c) -> auto& { return section(c).url; },
      "Base address of an OpenAI-compatible endpoint that " + does +
          ", such as https://host/v1; empty = none.");
  t.text(
      "model", "text", [=](auto& c) -> auto& { return section(c).model; },
      "The model's name there.");
  t.text(
      "api_key", "text", [=](auto& c) -> auto& { return section(c).key; },
      "Sent as a bearer token; never shown or logged.");
  t.secret();
  t.text(
      "ca_file", "path", [=](auto& c) -> auto& { return section(c).ca_file; },
      "PEM of an authority to trust besides the system's.");
  t.duration(
      "timeout", [=](auto& c) -> auto& { return section(c).timeout; }, ms(100), hour, time);
  t.integer(
      "max_calls", [=](auto& c) -> auto& { return section(c).max_calls; }, 1, 64, "Calls at once.");
  t.integer(
      "tokens_per_day", [=](auto& c) -> auto& { return section(c).tokens_per_day; }, 0,
      1'000'000'000'000,
      "What a collection may spend in a day (UTC); beyond it " + spent + "; 0 = no limit.");
}

void model_keys(Table& t) {
  t.section("embedding");
  endpoint_keys(t, FIELD(embedding),
                "makes vectors of passages and questions, in place of an "
                "encoder",
                "Time of one call for passages.", "documents wait and questions have no vector");
  t.integer("dimension", FIELD(embedding_dimension), 0, 4096,
            "Numbers in a vector of that model; an answer of another size is not used.");
  t.duration("question_timeout", FIELD(embedding_question_timeout), ms(10), minute,
             "Time for the vector of a question; then it is answered without one.");
  t.size("max_passage", FIELD(embedding_max_passage), 256, MiB,
         "Longer passages are cut at their end before they are sent.");
  t.text("query_prefix", "text", FIELD(embedding_query_prefix),
         "Sent in front of every question, as the model was trained; e5: \"query: \".");
  t.text("passage_prefix", "text", FIELD(embedding_passage_prefix),
         "The same for passages; e5: \"passage: \". Another prefix is another model.");
  t.section("reranking");
  endpoint_keys(t, FIELD(reranking), "orders the best passages of a question anew (/rerank)",
                "Time for it; then the order stays as it was.", "the order stays as it was");
  t.integer("passages", FIELD(reranking_passages), 2, 100, "How many passages it is shown.");
  t.section("summaries");
  endpoint_keys(t, FIELD(summaries), "sums up communities in words of its own",
                "Time of one summary.", "summaries are sentences of the documents");
  t.integer("least_names", FIELD(summaries_least_names), 3, 1'000'000,
            "Communities of fewer names keep their sentences.");
  t.integer("max_tokens", FIELD(summaries_max_tokens), 1, 100'000, "Longest summary.");
  t.section("extraction");
  endpoint_keys(t, FIELD(extraction), "finds names and relations besides those that the rules find",
                "Time of one document; what has not come by then is left to the rules.",
                "the rules are alone");
  t.integer("passages", FIELD(extraction_passages), 1, 100'000,
            "Passages of a document that it is shown, from the beginning.");
  t.integer("max_tokens", FIELD(extraction_max_tokens), 1, 100'000, "Longest list of a passage.");
  t.section("answers");
  endpoint_keys(t, FIELD(answers), "writes answers when a question asks for it",
                "Time of one answer.", "answers are extracts again");
  t.integer("max_tokens", FIELD(answers_max_tokens), 1, 100'000, "Longest answer.");
}

#undef FIELD

} // namespace

const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> keys = [] {
    Table table;
    node_keys(table);
    server_keys(table);
    work_keys(table);
    other_keys(table);
    model_keys(table);
    return std::move(table.keys);
  }();
  return keys;
}

const ConfigKey* find_config_key(std::string_view name) {
  for (const ConfigKey& key : config_keys())
    if (key.name == name) return &key;
  return nullptr;
}

std::string environment_name(const ConfigKey& key) {
  std::string name = "GRAPHRAG_" + key.name;
  for (char& c : name)
    c = c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string shown_value(const ConfigKey& key, const Config& config) {
  if (!key.secret) return key.get(config);
  return key.get(config).empty() ? "" : "********";
}

} // namespace graphrag::runtime
