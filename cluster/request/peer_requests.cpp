#include "cluster/request/peer_requests.hpp"

#include <map>
#include <mutex>
#include <shared_mutex>

#include "cluster/identity.hpp"
#include "cluster/request/request_body.hpp"

namespace graphrag::cluster {

using runtime::Envelope;
using runtime::Errc;
using runtime::fail;
using runtime::NodeOrdinal;

struct PeerRequests::State : std::enable_shared_from_this<State> {
  State(runtime::Transport& t, const runtime::Clock& c, RequestLimits l)
      : clock(c), limits(l), pending(random_number(), l.outstanding), transport(&t) {}

  runtime::Status send(Envelope envelope) {
    const std::shared_lock lock{transport_mutex};
    if (!transport) return fail(Errc::canceled, "the node stops");
    return transport->send(std::move(envelope));
  }
  void on_envelope(const Envelope& envelope);
  void on_question(const Envelope& envelope);
  void on_answer(const Envelope& envelope);
  void on_peer(const runtime::PeerEvent& event);
  void answer(NodeOrdinal to, std::uint64_t id, runtime::Result<std::string> result);
  bool begin_serving(NodeOrdinal peer);

  const runtime::Clock& clock;
  const RequestLimits limits;
  Serve serve;
  Receive receive;
  HearPeer hear_peer;

  std::mutex mutex; // guards the next two
  PendingRequests pending;
  std::map<NodeOrdinal, std::size_t> serving;

  std::shared_mutex transport_mutex; // held for writing only to say that it is over
  runtime::Transport* transport;
};

namespace {

void fail_all(const std::vector<Answer>& answers, Errc code, const std::string& why) {
  for (const auto& answer : answers) answer.fulfil(fail(code, why));
}

} // namespace

void PeerRequests::State::on_envelope(const Envelope& envelope) {
  if (envelope.kind == request_kind)
    on_question(envelope);
  else if (envelope.kind == answer_kind)
    on_answer(envelope);
  else if (receive)
    receive(envelope);
}

bool PeerRequests::State::begin_serving(NodeOrdinal peer) {
  const std::lock_guard lock{mutex};
  auto& count = serving[peer];
  if (count >= limits.serving) return false;
  ++count;
  return true;
}

void PeerRequests::State::on_question(const Envelope& envelope) {
  auto request = unpack_request(envelope.body);
  if (!request) return; // there is no id to answer to
  const auto from = envelope.from;
  const auto id = request->id;
  if (!serve) return answer(from, id, fail(Errc::unavailable, "this node answers nothing yet"));
  if (!begin_serving(from))
    return answer(from, id, fail(Errc::overloaded, "too many requests are being served"));
  Answer reply{[weak = weak_from_this(), from, id](runtime::Result<std::string> result) {
    const auto state = weak.lock();
    if (!state) return;
    {
      const std::lock_guard lock{state->mutex};
      --state->serving[from];
    }
    state->answer(from, id, std::move(result));
  }};
  serve({from, envelope.incarnation, envelope.epoch, std::move(request->kind),
         std::move(request->body), clock.now() + request->left},
        std::move(reply));
}

void PeerRequests::State::answer(NodeOrdinal to, std::uint64_t id,
                                 runtime::Result<std::string> result) {
  if (result && result->size() > max_request_body_bytes)
    result = fail(Errc::invalid_argument,
                  "an answer of " + std::to_string(result->size()) + " bytes is too large");
  // Not taken: the peer is gone, or its deadline will tell it.
  (void)send({0, to, 0, 0, std::string{answer_kind}, pack(AnswerBody{id, std::move(result)})});
}

void PeerRequests::State::on_answer(const Envelope& envelope) {
  auto body = unpack_answer(envelope.body);
  if (!body) return;
  std::optional<Answer> waiting;
  {
    const std::lock_guard lock{mutex};
    waiting = pending.take(envelope.from, body->id);
  }
  if (waiting) waiting->fulfil(std::move(body->result));
}

void PeerRequests::State::on_peer(const runtime::PeerEvent& event) {
  if (!event.up) {
    std::vector<Answer> failed;
    {
      const std::lock_guard lock{mutex};
      failed = pending.take_peer(event.peer);
    }
    fail_all(failed, Errc::lost, "node " + std::to_string(event.peer) + " is lost");
  }
  if (hear_peer) hear_peer(event);
}

PeerRequests::PeerRequests(runtime::Transport& transport, const runtime::Clock& clock,
                           RequestLimits limits)
    : state_(std::make_shared<State>(transport, clock, limits)) {
  const std::weak_ptr weak = state_;
  transport.on_receive([weak](const Envelope& envelope) {
    if (const auto state = weak.lock()) state->on_envelope(envelope);
  });
  transport.on_peer([weak](const runtime::PeerEvent& event) {
    if (const auto state = weak.lock()) state->on_peer(event);
  });
}

PeerRequests::~PeerRequests() {
  {
    const std::lock_guard lock{state_->transport_mutex};
    state_->transport = nullptr;
  }
  std::vector<Answer> left;
  {
    const std::lock_guard lock{state_->mutex};
    left = state_->pending.take_all();
  }
  fail_all(left, Errc::canceled, "the node stops");
}

void PeerRequests::on_request(Serve serve) { state_->serve = std::move(serve); }
void PeerRequests::on_message(Receive receive) { state_->receive = std::move(receive); }
void PeerRequests::on_peer(HearPeer hear) { state_->hear_peer = std::move(hear); }

void PeerRequests::request(NodeOrdinal peer, std::string kind, std::string body,
                           runtime::SteadyTime deadline, Answer answer, std::uint64_t epoch) {
  if (kind.size() > runtime::max_kind_bytes || body.size() > max_request_body_bytes) {
    answer.fulfil(fail(Errc::invalid_argument,
                       "a request of " + std::to_string(body.size()) + " bytes is too large"));
    return;
  }
  const auto now = state_->clock.now();
  if (deadline <= now) {
    answer.fulfil(fail(Errc::timeout, "the deadline has passed"));
    return;
  }
  // Entered before it is sent, so that whatever happens to the peer from here on finds it.
  runtime::Result<std::uint64_t> id = [&] {
    const std::lock_guard lock{state_->mutex};
    return state_->pending.add(peer, deadline, answer);
  }();
  if (!id) {
    answer.fulfil(tl::unexpected(id.error()));
    return;
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
  auto sent = state_->send({0, peer, 0, epoch, std::string{request_kind},
                            pack(RequestBody{*id, left, std::move(kind), std::move(body)})});
  if (sent) return;
  {
    const std::lock_guard lock{state_->mutex};
    if (!state_->pending.take(peer, *id)) return; // somebody has ended it
  }
  answer.fulfil(tl::unexpected(sent.error()));
}

void PeerRequests::expire() {
  std::vector<Answer> late;
  {
    const std::lock_guard lock{state_->mutex};
    late = state_->pending.take_due(state_->clock.now());
  }
  fail_all(late, Errc::timeout, "the peer did not answer in time");
}

std::size_t PeerRequests::pending() const {
  const std::lock_guard lock{state_->mutex};
  return state_->pending.size();
}

} // namespace graphrag::cluster
