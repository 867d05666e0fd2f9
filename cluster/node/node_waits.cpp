// Deletes that wait for all who might show the document, and questions that wait for somebody who
// has applied a number.
#include "cluster/node/node_core.hpp"

namespace graphrag::cluster {
namespace {

using namespace std::chrono_literals;
using runtime::Errc;
using runtime::fail;

constexpr auto asked_to_wait = 300ms; // the peer answers as soon as it can say yes, or then
constexpr auto for_the_way = 1000ms;
constexpr auto after_no = 20ms, after_error = 100ms;

} // namespace

void ClusterNode::Core::await_deleted(DeleteBarrier barrier, runtime::SteadyTime deadline,
                                      runtime::Promise<void> done) {
  if (stopped_) return (void)done.fulfil(fail(Errc::canceled, "the node stops"));
  membership_.hint(barrier.view_version());
  barrier.on_view(membership_.view());
  auto& wait = waits_[++last_wait_];
  wait.seq = barrier.seq();
  wait.shard = barrier.shard();
  wait.barrier = std::move(barrier);
  wait.deadline = deadline;
  wait.done = std::move(done);
}

void ClusterNode::Core::await_applied(std::uint64_t seq, std::uint32_t shard,
                                      runtime::SteadyTime deadline,
                                      runtime::Promise<NodeId> where) {
  if (stopped_) return (void)where.fulfil(fail(Errc::canceled, "the node stops"));
  auto& wait = waits_[++last_wait_];
  wait.seq = seq;
  wait.shard = shard;
  wait.deadline = deadline;
  wait.where = std::move(where);
}

void ClusterNode::Core::step_waits() {
  const auto now = clock.now();
  for (auto at = waits_.begin(); at != waits_.end();) {
    auto& [id, wait] = *at;
    const bool over = wait.barrier ? step_delete(id, wait) : step_applied(id, wait);
    if (!over && now < wait.deadline) {
      ++at;
      continue;
    }
    if (!over) {
      const auto late = fail(Errc::timeout, wait.barrier ? "a replica may still show it"
                                                         : "no replica has applied it");
      wait.done.fulfil(late), wait.where.fulfil(late);
    }
    at = waits_.erase(at);
  }
}

bool ClusterNode::Core::step_delete(std::uint64_t id, Wait& wait) {
  const auto own = report(wait.shard);
  auto& barrier = *wait.barrier;
  barrier.on_report({membership_.self(), own.seen_view, own.reads, own.applied});
  if (barrier.done()) return wait.done.fulfil({}), true;
  for (const auto& node : barrier.waiting()) ask(id, wait, node);
  return false;
}

bool ClusterNode::Core::step_applied(std::uint64_t id, Wait& wait) {
  const auto own = report(wait.shard);
  if (own.serves && own.applied >= wait.seq) wait.found = membership_.self();
  if (wait.found) return wait.where.fulfil(NodeId{*wait.found}), true;
  const auto& view = membership_.view();
  if (wait.shard < view.shards.size())
    for (auto ordinal : view.shards[wait.shard].serving)
      if (const auto* member = view.find(ordinal)) ask(id, wait, member->id);
  return false;
}

void ClusterNode::Core::ask(std::uint64_t id, Wait& wait, const NodeId& peer) {
  const auto now = clock.now();
  auto& not_before = wait.asks[peer];
  if (peer == membership_.self() || now < not_before) return;
  const auto deadline = std::min(wait.deadline, now + asked_to_wait + for_the_way);
  not_before = deadline + after_error;
  ShardQuestion question{wait.shard, wait.seq, 0, !wait.barrier, asked_to_wait.count()};
  if (wait.barrier) question.view_version = wait.barrier->view_version();
  talk->request(peer, std::string{shard_kind}, encode(question), deadline,
                Answer{[weak = weak_from_this(), id, peer](runtime::Result<std::string> answer) {
                  const auto core = weak.lock();
                  if (!core) return;
                  auto report = answer.and_then(
                      [](const std::string& bytes) { return decode_shard_report(bytes); });
                  core->post([core = core.get(), id, peer, report = std::move(report)] {
                    core->on_report(id, peer, report);
                  });
                }});
}

void ClusterNode::Core::on_report(std::uint64_t id, const NodeId& from,
                                  const runtime::Result<ShardReport>& report) {
  const auto at = waits_.find(id);
  if (at == waits_.end()) return;
  auto& wait = at->second;
  wait.asks[from] = clock.now() + (report ? after_no : after_error);
  if (!report) return;
  if (wait.barrier)
    wait.barrier->on_report({from, report->seen_view, report->reads, report->applied});
  else if (report->serves && report->applied >= wait.seq)
    wait.found = from;
}

} // namespace graphrag::cluster
