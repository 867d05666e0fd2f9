#include "gateway/main/node.hpp"

#include <filesystem>
#include <set>

#include "actors/chunk/embedding/model_rows.hpp"
#include "actors/chunk/loader.hpp"
#include "actors/document/backlog.hpp"
#include "actors/document/job_actor.hpp"
#include "actors/document/progress.hpp"
#include "actors/document/sandboxed_parser.hpp"
#include "actors/entity/written_summaries.hpp"
#include "actors/query/answer_cache.hpp"
#include "gateway/main/listen_check.hpp"
#include "gateway/main/model_setup.hpp"
#include "gateway/main/node_metrics.hpp"
#include "gateway/main/node_ports.hpp"
#include "gateway/main/node_tree.hpp"
#include "gateway/main/offline_folder.hpp"
#include "gateway/main/peer_questions.hpp"
#include "gateway/routes/bulk.hpp"
#include "observability/log.hpp"

namespace graphrag {
namespace {

using runtime::Status;

constexpr std::chrono::milliseconds seen_unready{1000};
constexpr std::size_t loading_threads = 2; // that bring groups of collections

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
  if (auto listens = can_listen(config); !listens) return tl::unexpected(listens.error());
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
  if (const auto half = data_dir_->file(restoring_store); std::filesystem::exists(half))
    return runtime::fail(runtime::Errc::precondition_failed,
                         "a restore of '" + config_.data_dir +
                             "' was cut short: run it again, or remove " + half);

  parts_ = std::make_shared<NodeParts>();
  parts_->clock = std::make_shared<runtime::SystemClock>();
  parts_->space = space_of(config_, data_dir_->path(), parts_->clock);
  auto store = open_store(config_, *data_dir_);
  if (!store) return tl::unexpected(store.error());
  parts_->store = std::move(*store);
  auto blobs = open_blobs(config_, *data_dir_, parts_->space);
  if (!blobs) return tl::unexpected(blobs.error());
  parts_->blobs = std::move(*blobs);

  if (config_.cache_bytes > 0)
    parts_->answers = std::make_shared<query::AnswerCache>(
        runtime::make_memory_cache(config_.cache_bytes, parts_->clock), config_.cache_ttl);

  parts_->followers.resize(config_.shards + 1);
  if (auto opened = config_.cluster.id.empty() ? open_alone() : open_member(); !opened)
    return opened;

  parts_->io = std::make_shared<runtime::IoPool>("io", config_.io_actors, config_.io_queue);
  parts_->analysis =
      std::make_shared<runtime::IoPool>("analysis", config_.actor_threads, config_.io_queue);
  parts_->encoding =
      std::make_shared<runtime::IoPool>("encoding", config_.encoder_threads, config_.io_queue);
  parts_->encoders = std::make_shared<chunk::Encoders>();
  parts_->encoders->set_backlog_bound(config_.encoder_max_backlog);
  auto desk = make_model_desk(config_, *data_dir_);
  if (!desk) return tl::unexpected(desk.error());
  parts_->models = std::move(*desk);
  // Their files are loaded later (chunk::EmbedActor); until then it is known what is awaited.
  auto rows = parts_->store->models();
  if (!rows) return tl::unexpected(rows.error());
  const auto& endpoint = parts_->models->settings().embedding;
  parts_->encoders->set(chunk::known_rows(*rows, endpoint ? &*endpoint : nullptr));
  parts_->written = std::make_shared<entity::WrittenSummaries>();
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

Status Node::open_alone() {
  parts_->views = std::make_shared<chunk::Views>(config_.shards);
  auto loaded = chunk::load_views(*parts_->store, *parts_->views);
  if (!loaded) return tl::unexpected(loaded.error());
  observability::log_info("views loaded",
                          {{"graphrag.documents", static_cast<std::int64_t>(loaded->documents)},
                           {"graphrag.chunks", static_cast<std::int64_t>(loaded->chunks)},
                           {"graphrag.seq", static_cast<std::int64_t>(loaded->seq)},
                           {"event.duration_seconds", loaded->seconds}});
  parts_->peers = std::make_shared<LonePeers>(to_string(cluster::new_identity(0)));
  return parts_->store->trim_changes(loaded->seq);
}

// Collections come later, as the cluster's placement says; the log is followed from now on.
Status Node::open_member() {
  parts_->views = std::make_shared<chunk::Views>(config_.shards, ClusterMember::groups);
  auto& views = *parts_->views;
  const auto as_of = cluster::LeaseClock{}.now();
  const auto seq = parts_->store->last_seq();
  if (!seq) return tl::unexpected(seq.error());
  const auto collections = parts_->store->collections();
  if (!collections) return tl::unexpected(collections.error());
  for (const auto& collection : *collections) views.made(collection.name, *seq);
  for (std::uint32_t follower = 0; follower <= views.shards(); ++follower)
    views.board().advance(follower, {*seq, *seq});
  parts_->loading = std::make_shared<runtime::IoPool>("loading", loading_threads, views.groups());
  auto loader = std::make_shared<chunk::GroupLoader>(parts_->views, parts_->store, parts_->loading,
                                                     parts_->followers);
  auto member = ClusterMember::open(config_, parts_->views, std::move(loader), parts_->followers,
                                    *collections, data_dir_->file("cluster-lives"), as_of);
  if (!member) return tl::unexpected(member.error());
  member_ = std::move(*member);
  parts_->peers = member_;
  return {};
}

// Alone, a deletion is needed until the followers here have read it. Loads are over by now.
chunk::Forgetting Node::forgetting() {
  if (member_)
    return {[member = member_] { return member->left_behind(); }, ClusterMember::keeps_deletions()};
  return {[views = parts_->views] { return views->board().applied_everywhere(); }, {}};
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
      *actors_, "node",
      node_tree(config_, parts_, limits_, context_->on_asio, ingest_line(), forgetting()),
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
  context_->ready = [this] { return ready_ && !draining_ && parts_->peers->ready(); };
  if (member_) {
    auto questions = std::make_shared<PeerQuestions>(*member_, io_, parts_->clock);
    questions->serve(context_);
    context_->ask_holder = [questions](gateway::PeerQuestion question, runtime::SteadyTime deadline,
                                       runtime::Promise<gateway::Response> answer) {
      questions->ask(std::move(question), deadline, std::move(answer));
    };
    context_->cluster_status = [this] { return member_->status(); };
    context_->drain_node = [this](std::uint32_t ordinal) { return member_->drain(ordinal); };
  }
  context_->readiness = [this] { return readiness(); };
  context_->effective_config = [this] { return config_.effective_json(); };
  context_->max_upload_bytes = config_.max_upload_bytes;
  context_->max_model_bytes = config_.max_model_bytes;
  context_->query_deadline = config_.query_deadline;
  context_->max_query_deadline = config_.max_query_deadline;
  context_->answer_timeout = config_.answers.timeout;
  context_->ingest_wait = config_.ingest_wait;
  context_->max_ingest_wait = config_.max_ingest_wait;
  context_->allow_kill = config_.admin_allow_kill;

  auto routes = gateway::public_routes(context_); // also what peers may ask for
  if (!config_.roles.contains("gateway")) routes = gateway::health_routes(context_);
  auto bound = gateway::HttpServer::bind(io_, server_options(config_, config_.listen, "public"),
                                         std::move(routes));
  if (!bound) return tl::unexpected(bound.error());
  public_server_ = std::move(*bound);
  auto admin = server_options(config_, config_.admin_listen, "admin");
  admin.max_buffered_body = std::max(admin.max_buffered_body, config_.max_model_bytes);
  bound = gateway::HttpServer::bind(io_, admin, gateway::admin_routes(context_));
  if (!bound) return tl::unexpected(bound.error());
  admin_server_ = std::move(*bound);

  work_.emplace(io_.get_executor());
  for (unsigned i = 0; i < config_.http_threads; ++i)
    io_threads_.emplace_back([this] { io_.run(); });
  public_server_->start();
  admin_server_->start();
  if (member_) member_->start();
  ready_ = true;
  return {};
}

std::uint16_t Node::port() const { return public_server_->port(); }
std::uint16_t Node::admin_port() const { return admin_server_->port(); }

nlohmann::json Node::readiness() const {
  return {{"draining", draining_.load()},
          {"started", ready_.load()},
          {"answers", parts_->peers->ready()},
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
  // Whoever balances the load looks at /ready before anybody is refused a connection.
  if (member_ && ready_) std::this_thread::sleep_for(std::min(seen_unready, left() / 4));
  bool clean = true;
  if (public_server_) public_server_->drain();
  // Open requests end first, with half of the time; what waits longer has its own deadline anyway.
  auto requests_end = std::chrono::steady_clock::now() + deadline / 2;
  while (public_server_ && public_server_->open_requests() > 0 &&
         std::chrono::steady_clock::now() < requests_end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  // Whoever asked has been answered. Now the others need not wait for this node's lease.
  if (member_) member_->stop(left() / 2);
  if (parts_ && parts_->models) parts_->models->stop();
  if (tree_) clean = tree_->stop(left()) && clean;
  if (public_server_) public_server_->close_all();
  if (admin_server_) admin_server_->close_all();
  work_.reset();
  io_.stop();
  for (auto& thread : io_threads_) thread.join();
  if (context_) context_->for_peers.clear(); // which hold the context themselves
  if (context_ && context_->on_asio) context_->on_asio->stop();
  return clean;
}

} // namespace graphrag
