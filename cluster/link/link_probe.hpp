#pragma once
// The link's metrics.
#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include "cluster/link/frame.hpp"
#include "runtime/error.hpp"

namespace graphrag::cluster {

struct LinkProbe {
  LinkProbe();

  prometheus::Gauge& connected;
  prometheus::Counter& sent;                     // envelopes taken
  prometheus::Counter& received;                 // envelopes delivered
  prometheus::Counter& accepted;                 // connections of strangers
  prometheus::Counter& evicted;                  // of them, ended to make room
  prometheus::Counter &overloaded, &unavailable; // envelopes not taken
  prometheus::Counter& fences;

  static void refused(Refusal refusal);          // somebody who dialled this node
  static void session_ended(runtime::Errc why);  // that was up
  static void attempt_failed(runtime::Errc why); // a dial or a handshake, of either side
};

} // namespace graphrag::cluster
