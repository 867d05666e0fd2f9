#pragma once
// The driver's metrics.
#include <map>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include "cluster/node/node_status.hpp"

namespace graphrag::cluster {

class NodeProbe {
public:
  NodeProbe();
  void show(const NodeStatus& status);
  prometheus::Counter& loads; // replicas that began to load here
  prometheus::Counter& lost;  // replicas that their holder lost

private:
  prometheus::Gauge &view_version_, &right_left_, &lag_, &peers_reached_, &deletes_waiting_,
      &database_lost_, &no_room_;
  std::map<MemberState, prometheus::Gauge*> members_;
  std::map<ShardState::Kind, prometheus::Gauge*> shards_;
  prometheus::Gauge& serving_;
};

} // namespace graphrag::cluster
