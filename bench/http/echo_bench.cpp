// How much of Beast's bare speed is left: (a) a bare Beast server, (b) ours with a handler that
// answers at once, (c) ours with a handler that asks a metered actor behind an admission gate, as
// the gateway actor is, by CAF's scheduler and on Asio's own thread. All run in this process, one
// thread each; the client has another. Rounds are interleaved, so that noise hits everybody alike.
//
//   http_echo_bench [rounds] [milliseconds]
#include <algorithm>
#include <cstdio>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/all.hpp>

#include "bench/http/bare_server.hpp"
#include "bench/http/load_client.hpp"
#include "gateway/asio_execution_unit.hpp"
#include "gateway/http/server.hpp"
#include "runtime/actor/metered_actor.hpp"
#include "runtime/admission.hpp"

namespace {

using namespace graphrag;

struct Call {
  std::shared_ptr<gateway::Request> request;
  gateway::Responder responder;
};

const std::string fixed_body = R"({"status":"ok","answer":"forty-two","took_ms":1})";

gateway::Response fixed_answer() {
  gateway::Response out;
  out.body = fixed_body;
  return out;
}

// An io_context with its one thread.
struct Loop {
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{io.get_executor()};
  std::thread thread;
  void start() {
    thread = std::thread{[this] { io.run(); }};
  }
  ~Loop() {
    io.stop();
    if (thread.joinable()) thread.join();
  }
};

std::unique_ptr<gateway::HttpServer> serve(boost::asio::io_context& io, gateway::Handler handler) {
  gateway::Route route;
  route.method = "GET";
  route.pattern = "/api/v1/answer";
  route.handler = std::move(handler);
  gateway::ServerOptions options;
  options.port = 0;
  auto server = gateway::HttpServer::bind(io, options, {route});
  if (!server) std::exit(1);
  (*server)->start();
  return std::move(*server);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(Call)

namespace {

class NoOpGateway final : public runtime::MeteredActor {
public:
  NoOpGateway(caf::actor_config& config, runtime::ActorIdentity identity,
              std::shared_ptr<runtime::AdmissionGate> gate)
      : MeteredActor(config, std::move(identity)), gate_(std::move(gate)) {}
  caf::behavior make_behavior() override {
    return {[this](const Call& call) {
      if (auto ticket = gate_->try_enter()) call.responder.fulfil(fixed_answer());
    }};
  }

private:
  std::shared_ptr<runtime::AdmissionGate> gate_;
};

runtime::ActorIdentity identity(const char* name) { return {"gateway", name, "/bench"}; }

} // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 7;
  const std::chrono::milliseconds duration{argc > 2 ? std::atoi(argv[2]) : 1000};

  caf::actor_system_config config;
  config.set("scheduler.max-threads", std::size_t{2});
  caf::actor_system system{config};
  const auto gate = runtime::AdmissionGate::make("query", 1000);
  const auto scheduled = caf::actor{system.spawn<NoOpGateway>(identity("scheduled"), gate)};
  const auto adopted = caf::actor{system.spawn<NoOpGateway>(identity("adopted"), gate)};

  Loop loops[4];
  bench::BareServer bare{loops[0].io, fixed_body};
  auto direct = serve(loops[1].io, [](auto, auto answer) { answer.fulfil(fixed_answer()); });
  auto by_scheduler = serve(loops[2].io, [&](auto request, auto answer) {
    caf::anon_send(scheduled, Call{std::move(request), std::move(answer)});
  });
  auto unit = gateway::AsioExecutionUnit::make(system, loops[3].io);
  unit->adopt(adopted);
  auto by_asio = serve(loops[3].io, [&](auto request, auto answer) {
    unit->send(adopted, Call{std::move(request), std::move(answer)});
  });
  for (auto& loop : loops) loop.start();

  const std::string request =
      "GET /api/v1/answer HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n"
      "Accept: application/json\r\n\r\n";
  const std::vector<std::pair<const char*, std::uint16_t>> servers = {
      {"(a) bare Beast", bare.port()},
      {"(b) HttpServer, handler answers at once", direct->port()},
      {"(c) HttpServer, actor by CAF's scheduler", by_scheduler->port()},
      {"(c) HttpServer, actor on Asio's thread", by_asio->port()}};
  for (const int connections : {8, 32}) {
    std::vector<std::vector<double>> rates(servers.size());
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < servers.size(); ++i) {
        rates[i].push_back(
            bench::requests_per_second(servers[i].second, request, connections, duration));
      }
    }
    std::printf("%d connections, median of %d rounds of %d ms\n", connections, rounds,
                static_cast<int>(duration.count()));
    for (std::size_t i = 0; i < servers.size(); ++i) {
      // The ratio round by round, since a round's four runs share the machine's mood.
      std::vector<double> ratios;
      for (std::size_t r = 0; r < rates[i].size(); ++r) ratios.push_back(rates[i][r] / rates[0][r]);
      std::printf("  %-42s %8.0f req/s   %.2f of (a)\n", servers[i].first, median(rates[i]),
                  median(ratios));
    }
  }
  unit->stop();
  direct->close_all();
  caf::anon_send_exit(scheduled, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(adopted, caf::exit_reason::user_shutdown);
  return 0;
}
