#include "cluster/node/peer_talk.hpp"

#include "cluster/node/node_wire.hpp"

namespace graphrag::cluster {

using runtime::Errc;
using runtime::fail;
using runtime::Result;

namespace {

constexpr char answered = 'a', gone = 'g'; // what follows the header of an answer

} // namespace

struct PeerTalk::State : std::enable_shared_from_this<State> {
  State(runtime::Transport& t, const runtime::Clock& c, std::string id, const NodeId& s,
        std::shared_ptr<const NodeBoard> b, Ears e)
      : transport(t), clock(c), cluster(std::move(id)), self(s), board(std::move(b)),
        ears(std::move(e)) {}

  std::string header(std::uint64_t to_incarnation) const {
    return encode_header({cluster, self, to_incarnation, board->view()->version});
  }
  // `ordinal` is whom the transport knows the sender to be.
  Heard judge(const PeerHeader& header, runtime::NodeOrdinal ordinal) const {
    const auto view = board->view();
    if (!board->member || header.from.ordinal != ordinal) return Heard::misdirected;
    const auto heard = hear(header, cluster, self, *view);
    if (heard != Heard::misdirected && header.view_version > view->version)
      ears.newer_view(header.view_version);
    return heard;
  }
  std::shared_ptr<PeerRequests> requests() const {
    const std::shared_lock lock{mutex};
    return requests_;
  }
  void ask(const NodeId& peer, std::string kind, std::string body, runtime::SteadyTime deadline,
           Answer answer);
  void on_answer(const NodeId& peer, Result<std::string> result, const Answer& answer);
  void on_question(Incoming in, Answer answer);
  void on_message(const runtime::Envelope& envelope);

  runtime::Transport& transport;
  const runtime::Clock& clock;
  const std::string cluster;
  const NodeId self;
  const std::shared_ptr<const NodeBoard> board;
  const Ears ears;
  std::unique_ptr<LargeBodies> bodies;

  std::shared_mutex
      ears_mutex; // shared while a question is heard; exclusive to say that it is over
  bool deaf = false;
  mutable std::shared_mutex mutex; // guards the next
  std::shared_ptr<PeerRequests> requests_;
};

void PeerTalk::State::ask(const NodeId& peer, std::string kind, std::string body,
                          runtime::SteadyTime deadline, Answer answer) {
  const auto requests = this->requests();
  if (!requests || !board->member || board->view()->find(peer) == nullptr) {
    answer.fulfil(requests ? fail(Errc::not_found, to_string(peer) + " is no member")
                           : fail(Errc::canceled, "the node stops"));
    return;
  }
  requests->request(peer.ordinal, std::move(kind), header(peer.incarnation) + body, deadline,
                    Answer{[weak = weak_from_this(), peer, answer](Result<std::string> result) {
                      if (const auto state = weak.lock(); state && result)
                        state->on_answer(peer, std::move(result), answer);
                      else
                        answer.fulfil(result ? fail(Errc::canceled, "the node stops")
                                             : std::move(result));
                    }});
}

void PeerTalk::State::on_answer(const NodeId& peer, Result<std::string> result,
                                const Answer& answer) {
  std::string_view rest;
  const auto header = decode_header(*result, rest);
  if (!header || rest.empty() || header->from != peer) {
    answer.fulfil(fail(Errc::corrupt, "an answer without a peer's header"));
    return;
  }
  if (judge(*header, peer.ordinal) != Heard::taken || rest.front() != answered) {
    if (rest.front() == gone && board->view()->find(peer) != nullptr)
      ears.gone(header->view_version);
    answer.fulfil(fail(Errc::lost, to_string(peer) + " and this node are not members of one view"));
    return;
  }
  result->erase(0, result->size() - rest.size() + 1);
  answer.fulfil(std::move(result));
}

void PeerTalk::State::on_question(Incoming in, Answer answer) {
  std::string_view rest;
  const auto header = decode_header(in.body, rest);
  if (!header) {
    answer.fulfil(tl::unexpected(header.error()));
    return;
  }
  const auto heard = judge(*header, in.from);
  if (heard == Heard::gone) {
    answer.fulfil(this->header(header->from.incarnation) + gone);
    return;
  }
  if (heard != Heard::taken) {
    answer.fulfil(fail(Errc::lost, "this node does not know the asker as a member"));
    return;
  }
  Answer wrapped{
      [weak = weak_from_this(), to = header->from.incarnation, answer](Result<std::string> result) {
        const auto state = weak.lock();
        if (result && state) *result = state->header(to) + answered + *result;
        answer.fulfil(std::move(result));
      }};
  bodies->on_question({header->from, std::move(in.kind), std::string{rest}, in.deadline},
                      std::move(wrapped));
}

void PeerTalk::State::on_message(const runtime::Envelope& envelope) {
  std::string_view rest;
  const auto header = decode_header(envelope.body, rest);
  if (!header) return;
  const auto heard = judge(*header, envelope.from);
  if (heard == Heard::gone && envelope.kind != gone_kind)
    (void)transport.send(
        {0, envelope.from, 0, 0, std::string{gone_kind}, this->header(header->from.incarnation)});
  if (heard != Heard::taken) return;
  if (envelope.kind == gone_kind)
    ears.gone(header->view_version);
  else
    ears.message(header->from, envelope.kind, std::string{rest});
}

PeerTalk::PeerTalk(runtime::Transport& transport, const runtime::Clock& clock, std::string cluster,
                   const NodeId& self, std::shared_ptr<const NodeBoard> board,
                   RequestLimits requests, BodyLimits bodies, Ears ears)
    : state_(std::make_shared<State>(transport, clock, std::move(cluster), self, std::move(board),
                                     std::move(ears))) {
  const std::weak_ptr weak = state_;
  state_->bodies = std::make_unique<LargeBodies>(
      [weak](const NodeId& peer, std::string kind, std::string body, runtime::SteadyTime deadline,
             Answer answer) {
        if (const auto state = weak.lock())
          state->ask(peer, std::move(kind), std::move(body), deadline, std::move(answer));
        else
          answer.fulfil(fail(Errc::canceled, "the node stops"));
      },
      [weak](LargeBodies::Question question, Answer answer) {
        const auto state = weak.lock();
        if (!state) return;
        const std::shared_lock lock{state->ears_mutex};
        if (!state->deaf) state->ears.question(std::move(question), std::move(answer));
      },
      bodies);
  state_->requests_ = std::make_shared<PeerRequests>(transport, clock, requests);
  state_->requests_->on_request([weak](Incoming in, Answer answer) {
    if (const auto state = weak.lock()) state->on_question(std::move(in), std::move(answer));
  });
  state_->requests_->on_message([weak](const runtime::Envelope& envelope) {
    if (const auto state = weak.lock()) state->on_message(envelope);
  });
  state_->requests_->on_peer([weak](const runtime::PeerEvent& event) {
    if (const auto state = weak.lock(); state && !event.up) state->bodies->on_lost(event.peer);
  });
}

PeerTalk::~PeerTalk() { close(); }

void PeerTalk::request(const NodeId& peer, const std::string& kind, std::string body,
                       runtime::SteadyTime deadline, Answer answer) {
  state_->bodies->request(peer, kind, std::move(body), deadline, std::move(answer));
}

void PeerTalk::tell(const NodeId& peer, std::string_view kind, const std::string& body) {
  if (!state_->requests() || !state_->board->member || state_->board->view()->find(peer) == nullptr)
    return;
  (void)state_->transport.send(
      {0, peer.ordinal, 0, 0, std::string{kind}, state_->header(peer.incarnation) + body});
}

void PeerTalk::expire() {
  if (const auto requests = state_->requests()) requests->expire();
  state_->bodies->expire(state_->clock.now());
}

void PeerTalk::close() {
  std::shared_ptr<PeerRequests> requests;
  {
    const std::lock_guard lock{state_->mutex};
    requests.swap(state_->requests_);
  }
  requests.reset(); // what is pending hears it; a fetch that this ends must not find the lock taken
  const std::lock_guard lock{state_->ears_mutex};
  state_->deaf = true;
}

} // namespace graphrag::cluster
