// A node of a cluster for tests: link_node ORDINAL CERTIFICATES [times]. The last argument chooses
// times for tests of faults instead of calm ones. Reads commands, one a line:
//
//   peers ORDINAL:PORT,...    send TO BODY    ask TO KIND BODY MILLISECONDS    quit
//
// and prints what happens, one a line: "port N", "incarnation N", "up N", "lost N", "got BODY",
// "answer BODY" or "failed ERROR". It answers "echo" with the body, "hold" never.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "runtime/check.hpp"
#include "tests/support/test_node.hpp"

namespace graphrag {
namespace {

std::mutex said;

void say(const std::string& line) {
  const std::lock_guard lock{said};
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

std::vector<cluster::PeerAddress> peers_of(const std::string& list) {
  std::vector<cluster::PeerAddress> peers;
  std::istringstream in{list};
  for (std::string one; std::getline(in, one, ',');) {
    const auto colon = one.find(':');
    peers.push_back(
        test::address_of(static_cast<runtime::NodeOrdinal>(std::stoul(one.substr(0, colon))),
                         static_cast<std::uint16_t>(std::stoul(one.substr(colon + 1)))));
  }
  return peers;
}

int run(runtime::NodeOrdinal ordinal, const std::string& certificates, bool fast) {
  auto options = test::node_options(ordinal);
  if (fast) options.times = test::fault_times();
  auto wires = cluster::make_tls_wires(test::tls_files(certificates));
  RUNTIME_CHECK(wires, wires.error().detail.c_str());
  auto link = std::move(*cluster::Link::open(std::move(options), *wires));
  runtime::SystemClock clock;
  cluster::PeerRequests requests{*link, clock};
  std::vector<cluster::Answer> held;
  requests.on_message([](const runtime::Envelope& envelope) { say("got " + envelope.body); });
  requests.on_peer([](const runtime::PeerEvent& event) {
    say((event.up ? "up " : "lost ") + std::to_string(event.peer));
  });
  requests.on_request([&](cluster::Incoming in, cluster::Answer answer) {
    if (in.kind == "hold")
      held.push_back(std::move(answer));
    else
      answer.fulfil(std::move(in.body));
  });
  link->on_tick([&] { requests.expire(); });
  say("port " + std::to_string(link->port()));
  say("incarnation " + std::to_string(link->identity().incarnation));
  link->start();

  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in{line};
    std::string verb;
    in >> verb;
    if (verb == "quit") break;
    if (verb == "peers") {
      std::string list;
      in >> list;
      link->set_peers(peers_of(list));
    } else if (verb == "send") {
      runtime::NodeOrdinal to = 0;
      std::string body;
      in >> to >> body;
      if (const auto sent = link->send({0, to, 0, 0, "note", body}); !sent)
        say("failed " + std::string{to_string(sent.error().code)});
    } else if (verb == "ask") {
      runtime::NodeOrdinal to = 0;
      std::string kind, body;
      int within = 0;
      in >> to >> kind >> body >> within;
      requests.request(to, kind, body, clock.now() + std::chrono::milliseconds{within},
                       cluster::Answer{[](runtime::Result<std::string> result) {
                         say(result ? "answer " + *result
                                    : "failed " + std::string{to_string(result.error().code)});
                       }});
    }
  }
  link = nullptr;
  return 0;
}

} // namespace
} // namespace graphrag

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  return graphrag::run(
      static_cast<graphrag::runtime::NodeOrdinal>(std::strtoul(argv[1], nullptr, 10)), argv[2],
      argc > 3);
}
