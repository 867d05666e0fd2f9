#include "tests/sim/cluster_node.hpp"

#include <algorithm>

namespace graphrag::cluster::sim {
namespace {
constexpr std::size_t most_works = 3;
constexpr Millis look_interval = 300;
} // namespace
namespace {

const std::vector<std::uint64_t> shard_bytes(sim_shards, bytes_per_shard);

} // namespace

SimNode::SimNode(Ground& ground, Member self, Millis clock_offset, Millis drift)
    : ground_(ground), settings_(ground.settings()), offset_(clock_offset), drift_(drift),
      membership_(self, settings_), watch_(self.id, settings_), contents_(settings_.shards) {
  for (std::uint32_t shard = 0; shard < settings_.shards; ++shard)
    loaders_.emplace_back(shard, settings_);
}

void SimNode::send(const NodeId& to, Message message) {
  const auto* member = membership_.view().find(to);
  if (member == nullptr || !membership_.is_member()) return;
  ground_.send(membership_.self(), to, member->address, membership_.view().version,
               std::move(message));
}

void SimNode::step() {
  const auto now = local();
  watch_.tick(now);
  if (membership_.lost_database())
    membership_.read_right().attested(watch_.attested_until(now, true), now);
  step_membership(now);
  install_view(now);
  if (membership_.is_member()) {
    for (const auto& peer : watch_.due(now)) {
      Message ping;
      ping.sent = now;
      send(peer, std::move(ping));
    }
    step_replicas(now);
    step_work(now);
  }
  step_deletes(now);
  step_routes(now);
  right_at_tick_ = membership_.read_right().held(now);
  auto late = std::erase_if(open_, [&](auto& entry) {
    if (ground_.now() < entry.second.deadline) return false;
    barriers_.erase(entry.first);
    routes_.erase(entry.first);
    ground_.ended(entry.second, {});
    return true;
  });
  (void)late;
}

void SimNode::step_membership(Millis now) {
  LocalFacts facts;
  facts.reaches_quorum = watch_.reaches_quorum(now);
  facts.isolated = watch_.isolated();
  for (const auto& loader : loaders_)
    if (loader.loaded()) facts.loaded.push_back(loader.shard());
  facts.may_vote = [&](const NodeId& peer) { return watch_.may_vote_against(peer, now); };
  facts.shard_bytes = shard_bytes;
  auto call = membership_.next(now, facts);
  if (!call) return;
  if (call->kind == DatabaseCall::Kind::change && ground_.mistake() == Mistake::drops_before_load) {
    for (auto& owners : call->change.view.shards)
      if (!owners.loading.empty() && !owners.serving.empty())
        owners.serving.erase(owners.serving.begin());
  }
  auto answer = std::make_shared<runtime::Result<Snapshot>>();
  ground_.database(
      membership_.self(),
      [call, answer](Database& database) {
        *answer = call->kind == DatabaseCall::Kind::read    ? database.read()
                  : call->kind == DatabaseCall::Kind::renew ? database.renew(call->renewal)
                                                            : database.try_change(call->change);
      },
      [this, call, answer] {
        membership_.answered(local(), *call, *answer);
        for (auto& [op, barrier] : barriers_)
          if (*answer) barrier.on_snapshot(**answer);
        step();
      });
}

void SimNode::install_view(Millis now) {
  const auto& view = membership_.view();
  if (view.version == seen_version_) return;
  ground_.history().view_seen(membership_.self(), seen_version_, view);
  seen_version_ = view.version;
  watch_.on_view(view);
  for (auto& loader : loaders_)
    if (loader.follow(view, membership_.self().ordinal)) contents_[loader.shard()].clear();
  for (auto& [op, barrier] : barriers_) barrier.on_view(view);
  (void)now;
}

void SimNode::step_replicas(Millis now) {
  std::optional<std::uint64_t> oldest;
  for (auto& loader : loaders_) {
    if (loader.holds()) oldest = std::min(oldest.value_or(UINT64_MAX), loader.applied());
    const auto attempt = loader.wants_snapshot(now);
    if (!attempt) continue;
    auto content = std::make_shared<Database::Content>();
    const auto shard = loader.shard();
    ground_.database(
        membership_.self(), [=](Database& database) { *content = database.content(shard); },
        [=, this] { // it is large, so its answer may be late
          const bool wanted = loaders_[shard].on_snapshot(*attempt, content->seq);
          if (wanted || ground_.mistake() == Mistake::two_appliers)
            contents_[shard] = content->versions;
        },
        700);
  }
  if (polling_ && now - *polling_ > settings_.database_timeout) {
    polling_.reset();
    membership_.database_failed();
  }
  if (!oldest || polling_ || now < next_poll_) return;
  polling_ = now;
  next_poll_ = now + 250;
  auto tail = std::make_shared<Database::Tail>();
  ground_.database(
      membership_.self(), [=](Database& database) { *tail = database.tail(*oldest); },
      [=, this] {
        if (polling_ == now) polling_.reset();
        for (auto& loader : loaders_) {
          const auto before = loader.applied();
          if (!loader.on_tail(tail->previous, tail->upto)) continue;
          for (const auto& [doc, change] : tail->entries) {
            if (change.seq <= before || shard_of(doc) != loader.shard()) continue;
            if (change.version == 0)
              contents_[loader.shard()].erase(doc);
            else
              contents_[loader.shard()][doc] = change.version;
          }
        }
      });
}

void SimNode::step_work(Millis now) {
  for (auto at = works_.begin(); at != works_.end();) {
    auto& [key, work] = *at++;
    if (now < work.due) continue;
    work.due = now + 1000; // again, unless an answer comes
    if (work.epoch != 0)
      commit(key, work.epoch);
    else
      works_.erase(std::prev(at));
  }
  if (membership_.phase() == Phase::up) look_for_work(now);
}

void SimNode::look_for_work(Millis now) {
  if (looking_ && now - *looking_ > settings_.database_timeout) looking_.reset();
  if (looking_ || now < next_look_ || works_.size() >= most_works) return;
  looking_ = now;
  next_look_ = now + look_interval;
  std::vector<std::string> others;
  for (const auto& member : membership_.view().members)
    if (member.id != membership_.self()) others.push_back(to_string(member.id));
  auto found = std::make_shared<std::vector<runtime::Claimable>>();
  ground_.database(
      membership_.self(),
      [=, self = membership_.self(), limit = works_.size() + most_works](Database& database) {
        *found = database.claimable(self, others, limit);
      },
      [=, this] {
        if (looking_ != now) return;
        looking_.reset();
        for (const auto& document : *found)
          if (works_.size() < most_works && !works_.contains(document.key)) claim(document);
      });
}

void SimNode::claim(const runtime::Claimable& document) {
  works_[document.key] = {0, local() + settings_.database_timeout};
  auto epoch = std::make_shared<std::optional<std::uint64_t>>();
  ground_.database(
      membership_.self(),
      [=, self = membership_.self()](Database& database) {
        *epoch = database.claim(document, self);
      },
      [=, this] {
        const auto work = works_.find(document.key);
        if (work == works_.end() || work->second.epoch != 0) return;
        if (*epoch)
          work->second = {**epoch, local() + 100 + static_cast<Millis>(ground_.below(1500))};
        else
          works_.erase(work);
        next_look_ = 0; // there may be more
      });
}

void SimNode::commit(const runtime::DocumentKey& key, std::uint64_t epoch) {
  ground_.database(
      membership_.self(), [=](Database& database) { (void)database.commit(doc_of(key), epoch); },
      [=, this] { // done, or fenced: either way the work is over
        const auto work = works_.find(key);
        if (work == works_.end() || work->second.epoch != epoch) return;
        works_.erase(work);
        next_look_ = 0;
      });
}

void SimNode::leave() {
  membership_.leave();
  step();
}

void SimNode::receive(const PeerHeader& header, const Message& message) {
  if (!membership_.is_member()) return;
  const auto heard = hear(header, "sim", membership_.self(), membership_.view());
  if (heard == Heard::misdirected) return;
  if (heard == Heard::unknown) return membership_.hint(header.view_version), step();
  if (heard == Heard::gone && ground_.mistake() != Mistake::stale_incarnation_heard) {
    Message gone;
    gone.kind = Message::Kind::gone;
    return ground_.send(membership_.self(), header.from, {}, membership_.view().version, gone);
  }
  ground_.history().require(membership_.view().find(header.from) != nullptr,
                            "a node that is not in the view is heard");
  if (header.view_version > membership_.view().version) membership_.hint(header.view_version);
  const auto now = local();
  Message answer;
  answer.request = message.request;
  answer.number = message.number;
  switch (message.kind) {
  case Message::Kind::ping:
    answer.kind = Message::Kind::pong;
    answer.sent = message.sent;
    answer.attests = watch_.attest(now, header.from, membership_.lost_database(),
                                   membership_.voted_against(header.from));
    return send(header.from, std::move(answer));
  case Message::Kind::pong:
    watch_.on_answer(now, header.from, message.sent, message.attests);
    break;
  case Message::Kind::gone:
    membership_.told_gone(header.view_version);
    break;
  case Message::Kind::ask_applied:
    if (message.shard >= loaders_.size()) return;
    answer.kind = Message::Kind::applied;
    answer.report = report(message.shard);
    return send(header.from, std::move(answer));
  case Message::Kind::applied:
    if (const auto at = barriers_.find(message.request); at != barriers_.end())
      at->second.on_report(message.report);
    break;
  case Message::Kind::read:
    answer.kind = Message::Kind::answer;
    answer.answers = read(message.shards, message.seq);
    return send(header.from, std::move(answer));
  case Message::Kind::answer:
    on_answer(header.from, message);
    break;
  }
}

} // namespace graphrag::cluster::sim
