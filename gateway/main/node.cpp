#include "gateway/main/node.hpp"

#include <set>

#include "actors/chunk/loader.hpp"
#include "actors/document/backlog.hpp"
#include "actors/document/job_actor.hpp"
#include "actors/document/progress.hpp"
#include "actors/document/sandboxed_parser.hpp"
#include "actors/query/answer_cache.hpp"
#include "gateway/main/node_metrics.hpp"
#include "gateway/main/node_tree.hpp"
#include "gateway/routes/bulk.hpp"
#include "observability/log.hpp"

namespace graphrag {
namespace {

using runtime::Status;

gateway::ServerOptions server_options(const runtime::Config& config,
                                      const runtime::ListenAddress& address, const char* name) {
  gateway::ServerOptions out;
  out.address = address.host;
  out.port = address.port;
  out.max_connections = config.max_connections;
  out.max_connections_per_client = config.max_connections_per_client;
  out.max_header_bytes = config.max_header_bytes;
  out.max_header_count = config.max_header_count;
  out.body_limit = config.body_limit;
  out.header_deadline = config.header_deadline;
  out.body_deadline = config.body_deadline;
  out.min_body_rate = config.min_body_rate;
  out.idle_deadline = config.idle_deadline;
  out.write_deadline = config.write_deadline;
  out.total_deadline = config.total_deadline;
  out.name = name;
  return out;
}

// What an operator asked for, or what suits the disk.
std::shared_ptr<runtime::DiskSpace> space_of(const runtime::Config& config,
                                             const std::string& folder,
                                             std::shared_ptr<const runtime::Clock> clock) {
  auto reserve = config.store_min_free_bytes;
  bool chosen = config.source_of("store.min_free") != "default";
  if (auto size = runtime::disk_size(folder); size && !chosen)
    reserve = runtime::default_reserve(reserve, size->total);
  return std::make_shared<runtime::DiskSpace>([folder] { return runtime::disk_size(folder); },
                                              reserve, std::move(clock));
}

} // namespace

runtime::Result<std::unique_ptr<Node>> Node::start(const runtime::Config& config) {
  std::unique_ptr<Node> node{new Node(config)};
  for (auto step : {&Node::open_ports, &Node::start_actors, &Node::start_listeners})
    if (auto status = (node.get()->*step)(); !status) return tl::unexpected(status.error());
  return node;
}

Node::~Node() { stop(std::chrono::seconds(5)); }

Status Node::open_ports() {
  auto dir = runtime::DataDir::open(config_.data_dir);
  if (!dir) return tl::unexpected(dir.error());
  data_dir_ = std::move(*dir);

  parts_ = std::make_shared<NodeParts>();
  parts_->clock = std::make_shared<runtime::SystemClock>();
  parts_->space = space_of(config_, data_dir_->path(), parts_->clock);
  auto store = runtime::open_sqlite_store(
      {data_dir_->file("graphrag.db"), config_.store_readers, config_.store_max_bytes});
  if (!store) return tl::unexpected(store.error());
  parts_->store = std::move(*store);
  auto blobs = runtime::open_folder_blobs(data_dir_->file("blobs"), parts_->space);
  if (!blobs) return tl::unexpected(blobs.error());
  parts_->blobs = std::move(*blobs);

  if (config_.cache_bytes > 0)
    parts_->answers = std::make_shared<query::AnswerCache>(
        runtime::make_memory_cache(config_.cache_bytes, parts_->clock), config_.cache_ttl);

  parts_->views = std::make_shared<chunk::Views>(config_.shards);
  auto loaded = chunk::load_views(*parts_->store, *parts_->views);
  if (!loaded) return tl::unexpected(loaded.error());
  observability::log_info("views loaded",
                          {{"graphrag.documents", static_cast<std::int64_t>(loaded->documents)},
                           {"graphrag.chunks", static_cast<std::int64_t>(loaded->chunks)},
                           {"graphrag.seq", static_cast<std::int64_t>(loaded->seq)},
                           {"event.duration_seconds", loaded->seconds}});
  if (auto trimmed = parts_->store->trim_changes(loaded->seq); !trimmed) return trimmed;

  parts_->io = std::make_shared<runtime::IoPool>("io", config_.io_actors, config_.io_queue);
  parts_->analysis =
      std::make_shared<runtime::IoPool>("analysis", config_.actor_threads, config_.io_queue);
  parts_->backlog = std::make_shared<document::Backlog>(config_.backlog_per_collection);
  auto counted = parts_->store->backlog();
  if (!counted) return tl::unexpected(counted.error());
  parts_->backlog->reset(*counted);
  parts_->progress = std::make_shared<document::Progress>();
  auto parser = document::SandboxedParser::start(config_.parser);
  if (!parser) return tl::unexpected(parser.error());
  parts_->parser = std::move(*parser);

  limits_.queries = runtime::AdmissionGate::make("query", config_.max_queries);
  limits_.documents = runtime::AdmissionGate::make("document", config_.max_documents);
  limits_.document_bytes =
      runtime::AdmissionGate::make("document_bytes", config_.max_document_bytes_in_flight);
  return {};
}

document::IngestLine Node::ingest_line() {
  return [context = context_](const std::string& collection, std::string line,
                              const std::string& fallback_id,
                              std::function<void(nlohmann::json)> answer) {
    gateway::ingest_job_line(context, collection, line, fallback_id, std::move(answer));
  };
}

Status Node::start_actors() {
  context_ = std::make_shared<gateway::RouteContext>();
  context_->node = parts_;
  context_->io = &io_;
  actor_config_ = std::make_unique<caf::actor_system_config>();
  actor_config_->set("scheduler.policy", caf::atom("sharing"));
  actor_config_->set("scheduler.max-threads", static_cast<std::size_t>(config_.actor_threads));
  actor_config_->set("scheduler.max-throughput", std::size_t{50});
  actors_ = std::make_unique<caf::actor_system>(*actor_config_);
  actors_->await_actors_before_shutdown(false);
  context_->on_asio = gateway::AsioExecutionUnit::make(*actors_, io_);
  runtime::export_actor_metrics();
  tree_ = std::make_shared<runtime::SupervisionTree>(
      *actors_, "node", node_tree(config_, parts_, limits_, context_->on_asio, ingest_line()),
      [this](const std::string& reason) {
        observability::log_error("the root supervisor gave up", {{"error.message", reason}});
        gave_up_ = true;
        ready_ = false;
        if (on_give_up_) on_give_up_();
      });
  export_node_metrics(parts_);
  // What a crash left between a blob and the row that was to name it.
  parts_->io->submit([parts = parts_] {
    auto named = parts->store->blobs();
    auto jobs = parts->store->jobs(100'000);
    if (!named || !jobs) return;
    std::set<std::string> known(named->begin(), named->end());
    for (const auto& job : *jobs) known.insert(document::input_blob(job));
    (void)parts->blobs->sweep(std::chrono::hours(1),
                              [&](const std::string& key) { return known.contains(key); });
  });
  return {};
}

Status Node::start_listeners() {
  context_->tree = tree_;
  context_->ready = [this] { return ready_ && !draining_; };
  context_->readiness = [this] { return readiness(); };
  context_->effective_config = [this] { return config_.effective_json(); };
  context_->max_upload_bytes = config_.max_upload_bytes;
  context_->query_deadline = config_.query_deadline;
  context_->max_query_deadline = config_.max_query_deadline;
  context_->ingest_wait = config_.ingest_wait;
  context_->max_ingest_wait = config_.max_ingest_wait;
  context_->allow_kill = config_.admin_allow_kill;

  auto bound = gateway::HttpServer::bind(io_, server_options(config_, config_.listen, "public"),
                                         gateway::public_routes(context_));
  if (!bound) return tl::unexpected(bound.error());
  public_server_ = std::move(*bound);
  bound = gateway::HttpServer::bind(io_, server_options(config_, config_.admin_listen, "admin"),
                                    gateway::admin_routes(context_));
  if (!bound) return tl::unexpected(bound.error());
  admin_server_ = std::move(*bound);

  work_.emplace(io_.get_executor());
  for (unsigned i = 0; i < config_.http_threads; ++i)
    io_threads_.emplace_back([this] { io_.run(); });
  public_server_->start();
  admin_server_->start();
  ready_ = true;
  return {};
}

std::uint16_t Node::port() const { return public_server_->port(); }
std::uint16_t Node::admin_port() const { return admin_server_->port(); }

nlohmann::json Node::readiness() const {
  return {{"draining", draining_.load()},
          {"views_loaded", ready_.load()},
          {"applied", parts_->views->board().applied_everywhere()},
          {"ingest_backlog", parts_->backlog->total()}};
}

bool Node::stop(std::chrono::milliseconds deadline) {
  if (stopped_.exchange(true)) return true;
  auto end = std::chrono::steady_clock::now() + deadline;
  auto left = [&] {
    return std::max(std::chrono::milliseconds(100),
                    std::chrono::duration_cast<std::chrono::milliseconds>(
                        end - std::chrono::steady_clock::now()));
  };
  draining_ = true;
  bool clean = true;
  if (public_server_) public_server_->drain();
  // Open requests end first, with half of the time; what waits longer has its own deadline anyway.
  auto requests_end = std::chrono::steady_clock::now() + deadline / 2;
  while (public_server_ && public_server_->open_requests() > 0 &&
         std::chrono::steady_clock::now() < requests_end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (tree_) clean = tree_->stop(left()) && clean;
  if (public_server_) public_server_->close_all();
  if (admin_server_) admin_server_->close_all();
  work_.reset();
  io_.stop();
  for (auto& thread : io_threads_) thread.join();
  if (context_ && context_->on_asio) context_->on_asio->stop();
  return clean;
}

} // namespace graphrag
