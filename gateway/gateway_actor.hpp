#pragma once
// The gateway actor: the one door between Asio threads and the actors. Owns admission: what it lets
// in is bounded per stage, the rest hears `overloaded`. Owner and supervisor of the query actors.
#include <memory>

#include "actors/document/ingest_job.hpp"
#include "actors/document/intake_actor.hpp"
#include "actors/node_parts.hpp"
#include "actors/query/query_actor.hpp"
#include "runtime/actor/metered_actor.hpp"
#include "runtime/actor/supervisor.hpp"

namespace graphrag::gateway {

struct GatewayLimits {
  std::shared_ptr<runtime::AdmissionGate> queries;        // questions in flight
  std::shared_ptr<runtime::AdmissionGate> documents;      // documents in flight
  std::shared_ptr<runtime::AdmissionGate> document_bytes; // their bytes
};

class GatewayActor final : public runtime::MeteredActor {
public:
  GatewayActor(caf::actor_config& config, runtime::ActorIdentity identity, NodePartsPtr node,
               GatewayLimits limits);
  caf::behavior make_behavior() override;

private:
  void ask(const query::QueryJobPtr& job);
  void ingest(const document::IngestJobPtr& job);

  NodePartsPtr node_;
  GatewayLimits limits_;
  runtime::TemporaryChildren queries_;
};

} // namespace graphrag::gateway
