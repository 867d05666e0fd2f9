#include "cluster/node/node_core.hpp"

#include <pthread.h>

#include "observability/log.hpp"
#include "runtime/check.hpp"
#include "runtime/ids.hpp"

namespace graphrag::cluster {
namespace {

using namespace std::chrono_literals;
using observability::log_error;
using observability::log_info;
using observability::log_warn;
using runtime::Errc;
using runtime::fail;

constexpr auto between_steps = 100ms, between_looks = 20ms; // looks at the deadlines of requests
constexpr Millis load_again = 2000;                         // after a load that failed

Millis millis_of(runtime::SteadyTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

Settings of_loaders(Settings settings) {
  settings.load_timeout = std::min(settings.load_timeout, load_again);
  return settings;
}

} // namespace

ClusterNode::Core::Core(NodeOptions o, std::shared_ptr<MembershipStore> store, PeerNet net,
                        ShardHost& host, const runtime::Clock& c, const runtime::Clock& lease_clock)
    : options(std::move(o)),
      board(std::make_shared<NodeBoard>(options.settings.shards, lease_clock)), clock(c),
      store_(std::move(store)), net_(std::move(net)), host_(host),
      membership_(options.self, options.settings, options.ended),
      freshness_(options.settings,
                 options.log_as_of ? millis_of(*options.log_as_of) : board->now()),
      watch_(options.self.id, options.settings), sizes_(options.settings.shards),
      states_(options.settings.shards), progressed_(options.settings.shards) {
  RUNTIME_CHECK(store_ != nullptr && net_.transport != nullptr, "a node has a store and a network");
  RUNTIME_CHECK(options.self.id.incarnation != 0, "a node has an identity");
  RUNTIME_CHECK(!options.cluster.empty() && options.cluster.size() <= max_cluster_id_bytes,
                "a cluster's id has 1 to 64 bytes");
  RUNTIME_CHECK(options.settings.shards >= 1 && options.settings.shards <= runtime::slot_count,
                "there are 1 to 1024 shards");
  for (std::uint32_t shard = 0; shard < options.settings.shards; ++shard)
    loaders_.emplace_back(shard, of_loaders(options.settings));
}

void ClusterNode::Core::start() {
  RUNTIME_CHECK(!started_, "a node starts once");
  started_ = true;
  if (net_.start) net_.start();
  if (!options.own_threads) return;
  database_thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "cluster-db");
    run_database();
  });
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "cluster");
    run();
  });
}

void ClusterNode::Core::run() {
  try {
    auto next_step = std::chrono::steady_clock::now();
    while (!queue_.closed()) {
      const auto tasks =
          queue_.take(std::min(next_step, std::chrono::steady_clock::now() + between_looks));
      for (const auto& task : tasks) task();
      talk->expire();
      const auto now = std::chrono::steady_clock::now();
      const bool timed = now >= next_step;
      if (timed) next_step = now + between_steps;
      if (timed || !tasks.empty()) step(timed);
    }
  } catch (const std::exception& error) {
    broke(error.what());
  } catch (...) {
    broke("something that is no std::exception was thrown");
  }
}

void ClusterNode::Core::run_database() {
  while (!database_queue_.closed())
    for (const auto& task : database_queue_.take(std::chrono::steady_clock::now() + 1h)) task();
}

void ClusterNode::Core::turn() {
  RUNTIME_CHECK(started_ && !options.own_threads, "a node with threads is not driven by hand");
  talk->expire();
  step(true);
  for (bool more = true; more && !queue_.closed();) {
    const auto calls = database_queue_.take_now();
    for (const auto& call : calls) call();
    const auto tasks = queue_.take_now();
    for (const auto& task : tasks) task();
    more = !calls.empty() || !tasks.empty();
    if (more) step(false);
  }
}

// The right first: nothing that follows may delay its end.
void ClusterNode::Core::broke(const std::string& why) {
  board->end();
  queue_.close();
  log_error("the cluster's driver broke: this node must end", {{"error.message", why}});
  if (!std::exchange(ended_, true) && options.on_end) options.on_end(NodeEnd::failed, why);
}

void ClusterNode::Core::stop() {
  if (std::exchange(stopped_, true)) return;
  RUNTIME_CHECK(std::this_thread::get_id() != thread_.get_id(), "a node stops on another thread");
  board->end();
  queue_.close();
  database_queue_.close();
  if (thread_.joinable()) thread_.join();
  if (database_thread_.joinable()) database_thread_.join();
  talk->close();
  for (const auto& task : queue_.take_now()) task();
  const auto over = fail(Errc::canceled, "the node stops");
  for (auto& [id, wait] : std::exchange(waits_, {}))
    wait.done.fulfil(over), wait.where.fulfil(over);
  for (const auto& left : std::exchange(leaving_, {})) left.fulfil(over);
  asked_.clear();
}

void ClusterNode::Core::step(bool timed) {
  const auto now = board->now();
  watch_.tick(now);
  if (membership_.lost_database())
    membership_.read_right().attested(watch_.attested_until(now, true), now);
  if (timed)
    for (std::uint32_t shard = 0; shard < states_.size(); ++shard) look_at(shard);
  step_membership(now);
  if (membership_.is_member()) {
    step_peers(now);
    step_replicas(now);
  }
  publish_right();
  answer_shard_questions();
  step_waits();
  if (timed) publish_status(now);
}

void ClusterNode::Core::step_membership(Millis now) {
  if (ended_) return;
  if (wants_to_leave_ && membership_.phase() == Phase::waiting && !database_busy_)
    return end(NodeEnd::left, "it never became a member");
  if (membership_.phase() == Phase::waiting) end_if_stale(now);
  if (ended_) return;
  LocalFacts facts;
  facts.reaches_quorum = watch_.reaches_quorum(now);
  facts.isolated = watch_.isolated();
  facts.needed_after = host_.needed_after();
  for (const auto& loader : loaders_)
    if (loader.loaded()) facts.loaded.push_back(loader.shard());
  facts.may_vote = [&](const NodeId& peer) { return watch_.may_vote_against(peer, now); };
  facts.shard_bytes =
      sizes_.bytes([&](std::uint32_t shard) { return host_.expected_bytes(shard); });
  if (auto call = membership_.next(now, facts)) call_database(std::move(*call));
  if (was_lost_ != membership_.lost_database()) {
    was_lost_ = !was_lost_;
    board->lost_database = was_lost_;
    if (was_lost_) board->planner = false;
    if (was_lost_)
      log_warn("the membership database is lost");
    else
      log_info("the membership database is back");
  }
}

// A call that its thread is still held up by has failed long ago; so has the one after it.
void ClusterNode::Core::call_database(DatabaseCall call) {
  if (database_busy_.exchange(true)) {
    post([this, call = std::move(call)] {
      answered(call, fail(Errc::unavailable, "the call before it has not ended"));
    });
    return;
  }
  database_queue_.post([this, call = std::move(call)] {
    auto answer = ask_store(call);
    database_busy_ = false;
    post([this, call, answer = std::move(answer)] { answered(call, answer); });
  });
}

runtime::Result<Snapshot> ClusterNode::Core::ask_store(const DatabaseCall& call) try {
  switch (call.kind) {
  case DatabaseCall::Kind::read:
    return store_->read();
  case DatabaseCall::Kind::renew:
    return store_->renew(call.renewal);
  case DatabaseCall::Kind::change:
    return store_->try_change(call.change);
  }
  return fail(Errc::invalid_argument, "no such call");
} catch (const std::exception& error) { // it says nothing of the database's state
  return fail(Errc::unavailable, error.what());
}

void ClusterNode::Core::answered(const DatabaseCall& call,
                                 const runtime::Result<Snapshot>& answer) {
  const auto now = board->now();
  const auto held_until = membership_.read_right().until();
  const bool waited = membership_.phase() == Phase::waiting;
  membership_.answered(now, call, answer);
  if (waited && answer) freshness_.saw(call.sent, answer->seq);
  if (now > held_until && membership_.read_right().until() > held_until) // it had ended
    for (std::uint32_t shard = 0; shard < loaders_.size(); ++shard) board->set_token(shard, 0);
  if (answer) {
    contact_ = now;
    board->set_left_behind(least_needed(*answer), call.sent);
    for (auto& [id, wait] : waits_)
      if (wait.barrier) wait.barrier->on_snapshot(*answer);
  } else if (!membership_.lost_database()) {
    contact_ = now; // it said no, but it spoke
  }
  install_view();
  follow_phase();
  if (waited && membership_.is_member()) end_if_stale(now); // it may have stood still meanwhile
}

void ClusterNode::Core::leave(runtime::Promise<void> left) {
  if (stopped_) return (void)left.fulfil(fail(Errc::canceled, "the node stops"));
  if (ended_)
    return (void)(membership_.phase() == Phase::fenced
                      ? left.fulfil(fail(Errc::conflict, "the node is fenced"))
                      : left.fulfil({}));
  leaving_.push_back(std::move(left));
  wants_to_leave_ = true;
  membership_.leave();
  membership_.hint(membership_.view().version + 1); // to begin now
}

void ClusterNode::Core::database_failed() { membership_.database_failed(); }

// However often it is called, one look is on its way.
void ClusterNode::Core::progressed(std::uint32_t shard) {
  if (shard >= progressed_.size() || progressed_[shard].exchange(true)) return;
  post([this, shard] {
    progressed_[shard] = false;
    if (!stopped_) look_at(shard);
  });
}

} // namespace graphrag::cluster
