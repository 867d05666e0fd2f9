#pragma once
// The query actor: one per question. Waits for the asked sequence number, runs the question on the
// views unless the cache has its answer, answers before its deadline, and ends.
#include <functional>
#include <memory>
#include <string>

#include "actors/node_parts.hpp"
#include "actors/query/query.hpp"
#include "runtime/actor/metered_actor.hpp"
#include "runtime/admission.hpp"

namespace graphrag::query {

struct QueryJob {
  std::string collection;
  Question question;
  std::uint64_t after = 0; // sequence number that must be visible; 0 = any
  runtime::SteadyTime deadline;
  // Writes the part of the answer that depends on the result alone; runs on the actor's thread.
  std::function<std::string(const QueryResult&)> render;
  std::string
      cache_key; // all of the request that the rendered answer depends on; empty: not cached
  runtime::Promise<std::string> done; // what was rendered; not_found: no such collection
  runtime::AdmissionGate::Ticket ticket;
};
using QueryJobPtr = std::shared_ptr<QueryJob>;

class QueryActor final : public runtime::MeteredActor {
public:
  QueryActor(caf::actor_config& config, runtime::ActorIdentity identity, NodePartsPtr node,
             QueryJobPtr job);
  caf::behavior make_behavior() override;
  void on_exit() override { job_.reset(); } // its promise answers `lost` at once

private:
  void run(bool after_reached);
  std::string answer(const chunk::CollectionIndex& index, const QueryJob& job, bool after_reached);

  NodePartsPtr node_;
  QueryJobPtr job_;
  std::uint64_t wait_ticket_ = 0;
};

} // namespace graphrag::query

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(graphrag::query::QueryJobPtr)
