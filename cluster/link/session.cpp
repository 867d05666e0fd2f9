#include "cluster/link/session.hpp"

#include <algorithm>

namespace graphrag::cluster {

using runtime::Errc;
using runtime::fail;
using runtime::Result;

Session::Session(SessionRules rules, runtime::SteadyTime now)
    : rules_(std::move(rules)), heard_at_(now), sent_at_(now) {}

Session Session::dial(SessionRules rules, NodeOrdinal peer, std::uint64_t session,
                      runtime::SteadyTime now) {
  Session made{std::move(rules), now};
  made.dialer_ = true;
  made.peer_.ordinal = peer;
  made.id_ = session;
  append_hello(made.output_, FrameType::hello, made.hello_to(peer));
  return made;
}

Session Session::accept(SessionRules rules, Admit admit, runtime::SteadyTime now) {
  Session made{std::move(rules), now};
  made.admit_ = std::move(admit);
  return made;
}

Hello Session::hello_to(NodeOrdinal peer) const {
  return {link_version, rules_.self, peer, id_, rules_.window, rules_.cluster};
}

Refusal Session::judge(const Hello& hello) const {
  if (hello.version != link_version) return Refusal::version;
  if (hello.cluster != rules_.cluster) return Refusal::cluster;
  if (hello.to != rules_.self.ordinal) return Refusal::target;
  return admit_(hello);
}

Result<Session::Heard> Session::on_hello(const Frame& frame) {
  auto hello = read_hello(frame.payload);
  if (!hello) return tl::unexpected(hello.error());
  if (const auto refusal = judge(*hello); refusal != Refusal::none) {
    append_refusal(output_, refusal);
    return fail(Errc::conflict, "refused node " + std::to_string(hello->from.ordinal) + ": " +
                                    std::string{to_string(refusal)});
  }
  peer_ = hello->from;
  id_ = hello->session;
  window_ = hello->window;
  up_ = true;
  append_hello(output_, FrameType::ack, hello_to(peer_.ordinal));
  return Heard{true, std::nullopt};
}

Result<Session::Heard> Session::on_ack(const Frame& frame) {
  if (frame.type == FrameType::refuse)
    return fail(Errc::conflict,
                "refused by the peer: " + std::string{to_string(read_refusal(frame.payload))});
  if (frame.type != FrameType::ack) return fail(Errc::corrupt, "no acknowledgement");
  auto ack = read_hello(frame.payload);
  if (!ack) return tl::unexpected(ack.error());
  if (ack->version != link_version || ack->cluster != rules_.cluster ||
      ack->to != rules_.self.ordinal || ack->from.ordinal != peer_.ordinal || ack->session != id_)
    return fail(Errc::conflict, "acknowledged by somebody else");
  peer_ = ack->from;
  window_ = ack->window;
  up_ = true;
  return Heard{true, std::nullopt};
}

Result<Session::Heard> Session::on_frame(const Frame& frame, runtime::SteadyTime now) {
  heard_at_ = now;
  if (!up_ && dialer_) return on_ack(frame);
  if (!up_) {
    if (frame.type != FrameType::hello) return fail(Errc::corrupt, "no hello");
    return on_hello(frame);
  }
  switch (frame.type) {
  case FrameType::data: {
    auto envelope = read_data(frame.payload);
    if (!envelope) return tl::unexpected(envelope.error());
    envelope->from = peer_.ordinal;
    envelope->to = rules_.self.ordinal;
    envelope->incarnation = peer_.incarnation;
    return Heard{false, std::move(*envelope)};
  }
  case FrameType::credit: {
    const auto bytes = read_credit(frame.payload);
    if (!bytes) return tl::unexpected(bytes.error());
    if (*bytes > sent_) return fail(Errc::corrupt, "credit for what was never sent");
    sent_ -= *bytes;
    return Heard{};
  }
  case FrameType::heartbeat:
    if (!frame.payload.empty()) return fail(Errc::corrupt, "a heartbeat that says something");
    return Heard{};
  default:
    return fail(Errc::corrupt, "a second greeting");
  }
}

void Session::consumed(std::size_t bytes) {
  unacknowledged_ += bytes;
  if (unacknowledged_ < rules_.window / 4) return;
  append_credit(output_, static_cast<std::uint32_t>(unacknowledged_));
  unacknowledged_ = 0;
}

runtime::Status Session::on_tick(runtime::SteadyTime now) {
  if (!up_) return {}; // whoever opened the connection gives the greeting its deadline
  if (now - heard_at_ > rules_.timeout)
    return fail(Errc::timeout, "node " + std::to_string(peer_.ordinal) + " is silent");
  if (now - sent_at_ >= rules_.heartbeat && output_.empty()) append_heartbeat(output_);
  return {};
}

void Session::on_sent(std::size_t data_bytes, runtime::SteadyTime now) {
  sent_ += data_bytes;
  sent_at_ = now;
}

} // namespace graphrag::cluster
