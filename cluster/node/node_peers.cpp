// What this node says to its peers about the cluster, and what it answers them.
#include "cluster/node/node_core.hpp"

namespace graphrag::cluster {

using runtime::Errc;
using runtime::fail;

void ClusterNode::Core::listen() {
  const std::weak_ptr weak = weak_from_this();
  const auto later = [weak](auto&& run) {
    if (const auto core = weak.lock())
      core->post([core = core.get(), run = std::forward<decltype(run)>(run)] { run(*core); });
  };
  PeerTalk::Ears ears;
  ears.question = [weak](LargeBodies::Question question, Answer answer) {
    if (const auto core = weak.lock()) core->serve(std::move(question), std::move(answer));
  };
  ears.message = [later](const NodeId& from, const std::string& kind, std::string body) {
    later([from, kind, body = std::move(body)](Core& core) { core.on_message(from, kind, body); });
  };
  ears.newer_view = [later](std::uint64_t version) {
    later([version](Core& core) { core.hint(version); });
  };
  ears.gone = [later](std::uint64_t version) {
    later([version](Core& core) {
      core.membership_.told_gone(version);
      core.follow_phase();
    });
  };
  BodyLimits limits;
  limits.body = max_peer_body_bytes;
  limits.per_peer = options.max_body_memory;
  talk = std::make_unique<PeerTalk>(*net_.transport, clock, options.cluster, options.self.id, board,
                                    options.requests, limits, std::move(ears));
}

void ClusterNode::Core::serve(LargeBodies::Question question, Answer answer) {
  if (question.kind == shard_kind) {
    auto asked = decode_shard_question(question.body);
    if (!asked || asked->shard >= loaders_.size())
      return (void)answer.fulfil(fail(Errc::invalid_argument, "not a question about a shard"));
    post([this, asked = *asked, until = question.deadline, answer] {
      on_shard_question(asked, until, answer);
    });
    return;
  }
  const auto handler = handlers.find(question.kind);
  if (handler == handlers.end())
    return (void)answer.fulfil(
        fail(Errc::invalid_argument, "no handler for '" + question.kind + "'"));
  handler->second({question.from, std::move(question.body), question.deadline}, std::move(answer));
}

void ClusterNode::Core::step_peers(Millis now) {
  for (const auto& peer : watch_.due(now)) talk->tell(peer, ping_kind, encode(Ping{now}));
}

void ClusterNode::Core::on_message(const NodeId& from, const std::string& kind,
                                   const std::string& body) {
  if (!membership_.is_member()) return;
  if (kind == ping_kind) {
    if (const auto ping = decode_ping(body)) on_ping(from, *ping);
  } else if (kind == pong_kind) {
    const auto pong = decode_pong(body);
    if (!pong || membership_.view().find(from) == nullptr) return;
    watch_.on_answer(board->now(), from, pong->sent, pong->attests);
    auto& report = reports_[from] = {pong->served, pong->loading, pong->lag, 0};
    for (const auto& size : pong->sizes) {
      report.bytes += size.bytes;
      if (size.shard < states_.size() && states_[size.shard].kind != ShardState::Kind::loaded)
        sizes_.heard(size.shard, size.bytes);
    }
  }
}

void ClusterNode::Core::on_ping(const NodeId& from, const Ping& ping) {
  const auto own = own_report();
  Pong pong{ping.sent, false, own.served, own.loading, own.lag, {}};
  pong.attests = watch_.attest(board->now(), from, membership_.lost_database(),
                               membership_.voted_against(from));
  for (std::uint32_t shard = 0; shard < states_.size(); ++shard)
    if (states_[shard].kind == ShardState::Kind::loaded)
      pong.sizes.push_back({shard, states_[shard].bytes});
  talk->tell(from, pong_kind, encode(pong));
}

ShardReport ClusterNode::Core::report(std::uint32_t shard) const {
  const auto& loader = loaders_[shard];
  return {seen_version_, loader.counted_on(),
          serves(shard) && membership_.read_right().held(board->now()), loader.applied()};
}

bool ClusterNode::Core::holds(const ShardQuestion& question, const ShardReport& report) {
  if (question.serves) return report.serves && report.applied >= question.seq;
  return report.reads ? report.applied >= question.seq : report.seen_view >= question.view_version;
}

void ClusterNode::Core::on_shard_question(const ShardQuestion& question,
                                          runtime::SteadyTime deadline, const Answer& answer) {
  if (question.view_version > seen_version_) membership_.hint(question.view_version);
  const auto wait = std::chrono::milliseconds{std::clamp<Millis>(question.wait, 0, 1000)};
  asked_.push_back({question, std::min(deadline, clock.now() + wait), answer});
}

void ClusterNode::Core::answer_shard_questions() {
  const auto now = clock.now();
  std::erase_if(asked_, [&](const Asked& asked) {
    const auto said = report(asked.question.shard);
    if (!holds(asked.question, said) && now < asked.until) return false;
    asked.answer.fulfil(encode(said));
    return true;
  });
}

} // namespace graphrag::cluster
