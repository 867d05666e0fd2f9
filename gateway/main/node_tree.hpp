#pragma once
// The supervision tree of a node, a branch for each of its roles:
//
//   /node ── views   shard    chunk-0.. chunk-n, entity   follow the log into the views
//         ── store   all      commit, io-0..            the one writer of the store; blocking calls
//         log     all      trim                        forgets deletions that nobody needs
//         models  all      passages-0.., answers-0..   threads that wait for endpoints, if any
//         work ── ingest  worker   intake, jobs, analysis-0..  accepted documents to commits ──
//         vectors worker   embed, encoder-0..          vectors of documents, later
//         front   gateway  gateway                     admission; owner of the query actors
//
// A role's branch knows the others only by the addresses in NodeParts.
#include <memory>

#include "actors/chunk/trim_actor.hpp"
#include "actors/document/job_actor.hpp"
#include "gateway/asio_execution_unit.hpp"
#include "gateway/gateway_actor.hpp"
#include "runtime/actor/supervisor.hpp"
#include "runtime/config/config.hpp"

namespace graphrag {

// The gateway actor is adopted by `on_asio` in each of its incarnations.
runtime::SupervisorSpec node_tree(const runtime::Config& config,
                                  const std::shared_ptr<NodeParts>& parts,
                                  const gateway::GatewayLimits& limits,
                                  const std::shared_ptr<gateway::AsioExecutionUnit>& on_asio,
                                  document::IngestLine ingest_line, chunk::Forgetting forgetting);

} // namespace graphrag
