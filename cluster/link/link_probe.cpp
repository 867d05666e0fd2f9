#include "cluster/link/link_probe.hpp"

#include "observability/metrics.hpp"

namespace graphrag::cluster {

using observability::counter;

LinkProbe::LinkProbe()
    : connected(observability::gauge("graphrag_link_peers_connected", "Peers with a session.")),
      sent(counter("graphrag_link_envelopes_total", "Envelopes between nodes.",
                   {{"direction", "out"}})),
      received(counter("graphrag_link_envelopes_total", "Envelopes between nodes.",
                       {{"direction", "in"}})),
      accepted(counter("graphrag_link_connections_total",
                       "Connections to the link's port, by what came of their beginning.",
                       {{"event", "accepted"}})),
      evicted(counter("graphrag_link_connections_total",
                      "Connections to the link's port, by what came of their beginning.",
                      {{"event", "evicted"}})),
      overloaded(counter("graphrag_link_not_taken_total", "Envelopes not taken for sending.",
                         {{"reason", "overloaded"}})),
      unavailable(counter("graphrag_link_not_taken_total", "Envelopes not taken for sending.",
                          {{"reason", "unavailable"}})),
      fences(counter("graphrag_link_fences_total",
                     "Times this node ended all sessions since it had not run for too long.")) {}

void LinkProbe::refused(Refusal refusal) {
  counter("graphrag_link_refused_total", "Dialers refused, by reason.",
          {{"reason", std::string{to_string(refusal)}}})
      .Increment();
}

void LinkProbe::session_ended(runtime::Errc why) {
  counter("graphrag_link_sessions_ended_total", "Sessions that were up and ended, by reason.",
          {{"reason", std::string{runtime::to_string(why)}}})
      .Increment();
}

void LinkProbe::attempt_failed(runtime::Errc why) {
  counter("graphrag_link_attempts_failed_total",
          "Connections that never became a session, by reason.",
          {{"reason", std::string{runtime::to_string(why)}}})
      .Increment();
}

} // namespace graphrag::cluster
