#pragma once
// The inside of the link: its thread, the peers and their connections. Everything but the marked
// functions runs on that thread.
#include <map>
#include <memory>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>

#include "cluster/link/dialer.hpp"
#include "cluster/link/link.hpp"
#include "cluster/link/link_probe.hpp"
#include "cluster/link/peer_board.hpp"
#include "cluster/link/strangers.hpp"

namespace graphrag::cluster {

class Link::Core final : public ConnectionOwner {
public:
  Core(LinkOptions options, std::shared_ptr<WireMaker> wires);
  ~Core();

  // From the thread that owns the link.
  runtime::Status bind();
  void start();
  void stop();

  // From any thread.
  runtime::Status send(const runtime::Envelope& envelope);
  void set_peers(std::vector<PeerAddress> peers);
  void cut(NodeOrdinal peer);

  bool awake(runtime::SteadyTime now) override;
  Refusal admit(Connection& connection, const Hello& hello) override;
  void on_up(Connection& connection) override;
  void on_envelope(const runtime::Envelope& envelope) override;
  void on_ended(Connection& connection, const runtime::Error& why) override;

  const LinkOptions options;
  Transport::Receive receive;
  Transport::HearPeer hear_peer;
  std::function<void()> hear_tick;
  PeerBoard board;
  std::uint16_t port() const noexcept { return strangers_.port(); }

private:
  struct Peer {
    PeerAddress address;
    std::shared_ptr<Outbox> outbox;
    std::shared_ptr<Connection> connection; // the one that is up
    std::shared_ptr<Dialer> dialer;         // when it is ours to dial
    std::shared_ptr<Connection> attempt;    // dialled and not yet up
    bool dialing = false;                   // TCP is being opened
    runtime::BackoffCounter backoff;
    runtime::SteadyTime dial_at{};
    std::string failure; // why the last attempt failed, until one succeeds
  };

  void adopt(const std::vector<PeerAddress>& peers);
  void drop(Peer& peer, const char* why);
  void tick();
  void schedule_tick();
  void dial(NodeOrdinal ordinal, Peer& peer);
  void on_dialled(NodeOrdinal ordinal, runtime::Result<boost::asio::ip::tcp::socket> socket);
  void failed(Peer& peer, const runtime::Error& why);
  void lost(Peer& peer, const NodeId& identity, const runtime::Error& why);
  void end_all(const runtime::Error& why, bool abrupt);
  SessionRules rules() const;

  std::shared_ptr<WireMaker> wires_;
  LinkProbe probe_;
  std::shared_ptr<boost::asio::io_context> io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  Strangers strangers_;
  std::map<NodeOrdinal, Peer> peers_;
  runtime::SteadyTime last_tick_{};
  runtime::SteadyTime refusal_logged_at_{};
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace graphrag::cluster
