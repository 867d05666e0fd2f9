#include "gateway/main/cluster_member.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <future>

#include <unistd.h>

#include "actors/chunk/messages.hpp"
#include "cluster/link/tls.hpp"
#include "cluster/node/earlier_lives.hpp"
#include "gateway/main/node_ports.hpp"
#include "observability/log.hpp"

namespace graphrag {
namespace {

using cluster::NodeEnd;
using cluster::NodeOrdinal;
using runtime::Errc;
using runtime::fail;

constexpr auto longest_delete = std::chrono::seconds(60);
constexpr auto longest_unready = std::chrono::seconds(60);
constexpr std::uint64_t bytes_per_document = 22'000;   // of one passage, docs/benchmarks.md
constexpr auto longest_wait = std::chrono::seconds(5); // for a write to be seen; it is durable
constexpr auto peer_deadline = std::chrono::seconds(5);
constexpr int exit_fenced = 70; // of sysexits.h: the process is not to go on
constexpr const char* log_grew = "log";
constexpr const char* drain_kind = "drain";

std::string with_ordinal(std::string pattern, NodeOrdinal ordinal) {
  return pattern.replace(pattern.find("{}"), 2, std::to_string(ordinal));
}

std::string advertised(const runtime::ClusterConfig& config, NodeOrdinal ordinal,
                       std::uint16_t port) {
  if (config.advertise.ends_with(":0")) // whichever port it got
    return config.advertise.substr(0, config.advertise.size() - 1) + std::to_string(port);
  if (!config.advertise.empty()) return config.advertise;
  return with_ordinal(config.peer_name, ordinal) + ":" + std::to_string(port);
}

// Without a word to clients: they ask another node.
void end_process(NodeEnd end, const std::string& why) {
  if (end == NodeEnd::left) return;
  const char* what = end == NodeEnd::fenced ? "others have removed this node; it ends"
                     : end == NodeEnd::stale
                         ? "this node is too far behind the log to join; it ends"
                         : "membership is broken; this node ends";
  observability::log_error(what, {{"error.message", why}});
  std::fflush(nullptr);
  _exit(exit_fenced);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

} // namespace

runtime::Result<NodeOrdinal> cluster_ordinal(const runtime::Config& config) {
  auto text = config.cluster.ordinal;
  if (text.empty()) {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    std::string_view host{name};
    auto digits = host.find_last_not_of("0123456789");
    text = digits == std::string_view::npos ? "" : host.substr(digits + 1);
    if (text.empty() || digits == std::string_view::npos || host[digits] != '-')
      return fail(Errc::invalid_argument,
                  "cluster.ordinal is not given, and this machine's name, '" + std::string{host} +
                      "', does not end in one");
  }
  auto number = number_of(text);
  if (!number || *number > 999)
    return fail(Errc::invalid_argument, "'" + text + "' is no ordinal of a node");
  return static_cast<NodeOrdinal>(*number);
}

runtime::Result<std::shared_ptr<ClusterMember>>
ClusterMember::open(const runtime::Config& config, std::shared_ptr<chunk::Views> views,
                    std::shared_ptr<chunk::GroupLoader> loader,
                    std::vector<runtime::ActorRef> followers,
                    std::span<const runtime::CollectionRecord> collections,
                    const std::string& lives_file, runtime::SteadyTime as_of) {
  auto ordinal = cluster_ordinal(config);
  if (!ordinal) return tl::unexpected(ordinal.error());
  std::shared_ptr<ClusterMember> member{new ClusterMember};
  const auto id = cluster::new_identity(*ordinal);
  member->name_ = to_string(id);
  member->replicas_ = config.cluster.replicas;
  member->worker_ = config.roles.contains("worker");
  member->views_ = std::move(views);
  member->loader_ = std::move(loader);
  member->expected_.assign(groups, 1);
  for (const auto& collection : collections)
    member->expected_[member->views_->group_of(collection.name)] +=
        collection.documents * bytes_per_document;
  member->followers_ = std::move(followers);

  const auto& given = config.cluster;
  auto wires = cluster::make_tls_wires({given.ca, given.certificate, given.key});
  if (!wires) return tl::unexpected(wires.error());
  cluster::LinkOptions options;
  options.self = id;
  options.cluster = given.id;
  options.listen_address = given.listen.host;
  options.listen_port = given.listen.port;
  auto link = cluster::Link::open(std::move(options), std::move(*wires));
  if (!link) return tl::unexpected(link.error());
  member->link_ = std::move(*link);

  cluster::NodeOptions node;
  auto lives = cluster::begin_life(lives_file, given.id, id);
  if (!lives.kept) // such as on a full disk
    observability::log_warn("the next start will wait for this node's lease",
                            {{"error.message", lives.kept.error().detail}});
  node.ended = std::move(lives.earlier);
  node.self.id = id;
  node.self.address = advertised(given, *ordinal, member->link_->port());
  node.self.memory_budget = config.roles.contains("shard") ? given.max_memory : 0;
  node.cluster = given.id;
  node.settings.shards = groups;
  node.settings.replicas = given.replicas;
  node.settings.max_loading = 32; // most groups are small, and a node reads two at a time
  auto store = open_membership(config, node.settings);
  if (!store) return tl::unexpected(store.error());
  member->store_ = std::move(*store);
  node.certificate_name = given.peer_name;
  node.log_as_of = as_of;
  node.on_end = end_process;
  cluster::ShardHost& host = *member;
  member->node_ = std::make_unique<cluster::ClusterNode>(std::move(node), member->store_,
                                                         cluster::over(*member->link_), host,
                                                         member->clock_, member->lease_clock_);
  member->handle_messages();
  return member;
}

void ClusterMember::handle_messages() {
  node_->handle(log_grew, [this](cluster::PeerCall call, cluster::Answer answer) {
    answer.fulfil(std::string{});
    const auto seq = number_of(call.body);
    if (!seq) return;
    for (const auto& follower : followers_) follower.send(chunk::log_grew_atom::value, *seq);
    say_when_applied(*seq);
  });
  node_->handle(drain_kind, [this](cluster::PeerCall, cluster::Answer answer) {
    observability::log_info("asked to leave the cluster");
    node_->leave({});
    answer.fulfil(std::string{});
  });
}

void ClusterMember::start() {
  observability::log_info("joining the cluster", {{"graphrag.node", name_}});
  started_ = clock_.now();
  node_->start();
}

void ClusterMember::stop(std::chrono::milliseconds patience) {
  auto left = std::make_shared<std::promise<void>>();
  auto future = left->get_future();
  node_->leave(runtime::Promise<void>{[left](runtime::Result<void>) { left->set_value(); }});
  const bool clean = future.wait_for(patience) == std::future_status::ready;
  observability::log_info("leaving the cluster", {{"graphrag.clean", clean}});
  node_->stop();
}

runtime::Status ClusterMember::drain(NodeOrdinal ordinal) {
  const auto view = node_->view();
  const auto* member = view->find(ordinal);
  if (member == nullptr) return fail(Errc::not_found, "no member has this ordinal");
  node_->request(member->id, drain_kind, "", clock_.now() + peer_deadline, {});
  return {};
}

// Whoever waits for a delete hears of it at once, not with the driver's next look.
void ClusterMember::say_when_applied(std::uint64_t seq) {
  views_->board().wait(seq, runtime::Promise<std::uint64_t>{
                                [weak = weak_from_this()](const runtime::Result<std::uint64_t>&) {
                                  const auto member = weak.lock();
                                  for (std::uint32_t group = 0; member && group < groups; ++group)
                                    if (member->node_->may_read(group) != 0)
                                      member->node_->progressed(group);
                                }});
}

// ---- Peers

std::vector<std::string> ClusterMember::others() const {
  const auto view = node_->view();
  std::vector<std::string> out;
  for (const auto& member : view->members)
    if (member.id != node_->self()) out.push_back(to_string(member.id));
  return out;
}

// At first not before every collection has a holder. Later, and when that takes too long, one that
// has none does not make every node unready: the others can still be asked for.
bool ClusterMember::ready() const {
  const auto status = node_->status();
  if (node_->phase() != cluster::Phase::up || status->right_left == 0 || status->isolated)
    return false;
  if (was_ready_) return true;
  const auto& placement = status->placement;
  const bool all_held =
      !placement.empty() &&
      std::ranges::none_of(placement, [](const auto& owners) { return owners.serving.empty(); });
  was_ready_ = all_held || clock_.now() - started_ > longest_unready;
  return was_ready_;
}

void ClusterMember::wrote(std::uint64_t seq) {
  auto last = last_written_.load();
  while (last < seq && !last_written_.compare_exchange_weak(last, seq)) {
  }
}

bool ClusterMember::enriches(const runtime::DocumentKey& key) const {
  const auto view = node_->view();
  const auto group = views_->group_of(key.collection);
  if (group >= view->shards.size() || view->find(node_->self()) == nullptr) return false;
  const auto& serving = view->shards[group].serving;
  return !serving.empty() && serving[runtime::slot_of(key.collection, key.id) % serving.size()] ==
                                 node_->self().ordinal;
}

runtime::Status ClusterMember::room_for(std::string_view collection) const {
  const auto status = node_->status();
  const auto group = views_->group_of(collection);
  if (group >= status->placement.size()) return {};
  const auto& serving = status->placement[group].serving;
  const auto full = [&](cluster::NodeOrdinal ordinal) {
    return std::ranges::any_of(status->members, [&](const cluster::MemberStatus& one) {
      return one.member.id.ordinal == ordinal && one.report &&
             one.report->bytes >= one.member.memory_budget;
    });
  };
  if (serving.empty() || !std::ranges::all_of(serving, full)) return {};
  return fail(Errc::no_space, "the nodes that hold this collection have no memory for more of it "
                              "(cluster.max_memory); add a node, or memory");
}

void ClusterMember::announce(std::uint64_t seq) {
  wrote(seq);
  say_when_applied(seq);
  node_->broadcast(log_grew, std::to_string(seq));
}

void ClusterMember::when_shown(std::uint64_t seq, const std::string& collection,
                               runtime::Promise<std::uint64_t> shown) {
  if (read_right(collection) != 0) return (void)shown.fulfil(seq);
  node_->await_applied(seq, views_->group_of(collection), clock_.now() + longest_wait,
                       runtime::Promise<cluster::NodeId>{
                           [shown, seq](const runtime::Result<cluster::NodeId>& where) {
                             if (where)
                               shown.fulfil(seq);
                             else
                               shown.fulfil(tl::unexpected(where.error()));
                           }});
}

void ClusterMember::when_gone(std::uint64_t seq, std::uint64_t view, const std::string& collection,
                              runtime::Promise<std::uint64_t> gone) {
  node_->await_deleted(seq, view, views_->group_of(collection), clock_.now() + longest_delete,
                       runtime::Promise<void>{[gone, seq](runtime::Result<void> done) {
                         if (done)
                           gone.fulfil(seq);
                         else
                           gone.fulfil(tl::unexpected(done.error()));
                       }});
}

// ---- groups of collections as shards

void ClusterMember::load(std::uint32_t shard, std::uint64_t attempt) {
  loader_->load(shard, attempt);
}

void ClusterMember::drop(std::uint32_t shard) { loader_->drop(shard); }

cluster::ShardState ClusterMember::state(std::uint32_t shard) const {
  using Kind = cluster::ShardState::Kind;
  const auto group = views_->group(shard);
  if (group.attempt == 0) return {};
  if (!group.loaded) return {Kind::loading, group.attempt, 0, 0};
  return {Kind::loaded, group.attempt, group.applied, loader_->bytes(shard)};
}

// ---- for people

nlohmann::json ClusterMember::status() const {
  using nlohmann::json;
  const auto now = node_->status();
  json members = json::array();
  for (const auto& one : now->members) {
    json member{{"ordinal", one.member.id.ordinal}, {"id", to_string(one.member.id)},
                {"address", one.member.address},    {"state", to_string(one.member.state)},
                {"reached", one.reached},           {"self", one.self},
                {"planner", one.planner},           {"memory_budget", one.member.memory_budget}};
    if (one.report) {
      member["shards"] = {{"served", one.report->served}, {"loading", one.report->loading}};
      member["lag"] = one.report->lag;
      member["bytes"] = one.report->bytes;
    }
    members.push_back(std::move(member));
  }
  json placement = json::array();
  for (const auto& shard : now->placement)
    placement.push_back(
        {{"serving", shard.serving}, {"loading", shard.loading}, {"retiring", shard.retiring}});
  return {{"self", to_string(now->self)},
          {"phase", to_string(now->phase)},
          {"view", now->view_version},
          {"members", std::move(members)},
          {"placement", std::move(placement)},
          {"replicas", replicas_},
          {"no_room", now->no_room},
          {"quorum", now->reaches_quorum},
          {"isolated", now->isolated},
          {"database", {{"lost", now->lost_database}, {"age_ms", now->database_age}}},
          {"ready", ready()},
          {"read_right_ms", now->right_left},
          {"seq", now->log_seq},
          {"deletes_waiting", now->deletes_waiting}};
}

} // namespace graphrag
