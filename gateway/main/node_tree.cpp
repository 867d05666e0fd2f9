#include "gateway/main/node_tree.hpp"

#include <algorithm>

#include "actors/chunk/chunk_actor.hpp"
#include "actors/chunk/embedding/embed_actor.hpp"
#include "actors/document/commit_actor.hpp"
#include "actors/document/intake_actor.hpp"
#include "actors/entity/communities_actor.hpp"
#include "actors/entity/entity_actor.hpp"
#include "actors/models/model_desk.hpp"
#include "runtime/thread_priority.hpp"

namespace graphrag {
namespace {

using runtime::ActorIdentity;
using runtime::ChildSpec;

// A child that is spawned as `Actor(identity, args...)`. Detached: it may block.
template <class Actor, caf::spawn_options Options = caf::no_spawn_options, class... Args>
ChildSpec child(std::string name, std::string kind, std::string instance, runtime::ActorRef ref,
                Args... args) {
  ChildSpec spec;
  spec.name = std::move(name);
  spec.kind = kind;
  spec.ref = std::move(ref);
  spec.start = [kind, instance, args...](caf::actor_system& system, const std::string& path) {
    return caf::actor{system.spawn<Actor, Options>(ActorIdentity{kind, instance, path}, args...)};
  };
  return spec;
}

ChildSpec inner(std::string name, runtime::Strategy strategy, std::vector<ChildSpec> children) {
  ChildSpec spec;
  spec.name = std::move(name);
  spec.kind = "supervisor";
  spec.stop_deadline = std::chrono::seconds(20);
  spec.supervisor = std::make_shared<runtime::SupervisorSpec>();
  spec.supervisor->strategy = strategy;
  spec.supervisor->children = std::move(children);
  return spec;
}

using Followers = std::vector<runtime::ActorRef>; // chunk actors, then the entity actor

ChildSpec shard_role(const std::shared_ptr<NodeParts>& parts, const Followers& followers) {
  const auto& views = parts->views;
  std::vector<ChildSpec> children;
  for (std::uint32_t i = 0; i < views->shards(); ++i) {
    auto number = std::to_string(i);
    children.push_back(child<chunk::ChunkActor, caf::detached>(
        "chunk-" + number, "chunk", number, followers[i], parts->store, views, i));
  }
  children.push_back(child<entity::EntityActor, caf::detached>(
      "entity", "entity", "", followers.back(), parts->store, views));
  for (std::size_t i = 0; parts->loading && i < parts->loading->refs().size(); ++i)
    children.push_back(
        child<runtime::IoActor, caf::detached>("loading-" + std::to_string(i), "loading", "",
                                               parts->loading->refs()[i], runtime::follower_nice));
  children.push_back(child<entity::CommunitiesActor, caf::detached>(
      "communities", "communities", "", runtime::ActorRef{}, parts));
  return inner("views", runtime::Strategy::one_for_one, std::move(children));
}

ChildSpec store_branch(const std::shared_ptr<NodeParts>& parts, const Followers& followers) {
  std::vector<ChildSpec> children;
  children.push_back(child<document::CommitActor, caf::detached>(
      "commit", "commit", "", parts->commit, parts->store, parts->space, followers, parts->peers));
  for (std::size_t i = 0; i < parts->io->refs().size(); ++i)
    children.push_back(child<runtime::IoActor, caf::detached>("io-" + std::to_string(i), "io", "",
                                                              parts->io->refs()[i], 0));
  return inner("store", runtime::Strategy::one_for_one, std::move(children));
}

// Apart from the store's own, so that its restarts are not counted as theirs.
ChildSpec log_branch(const std::shared_ptr<NodeParts>& parts, chunk::Forgetting forgetting) {
  std::vector<ChildSpec> children;
  children.push_back(child<chunk::TrimActor>("trim", "trim", "", runtime::ActorRef{},
                                             NodePartsPtr{parts}, std::move(forgetting)));
  return inner("log", runtime::Strategy::one_for_one, std::move(children));
}

ChildSpec worker_role(const NodePartsPtr& parts, std::size_t workers,
                      document::IngestLine ingest_line) {
  std::vector<ChildSpec> children{
      child<document::IntakeActor>("intake", "intake", "", parts->intake, parts, workers),
      child<document::JobActor, caf::detached>("jobs", "job", "", parts->jobs, parts,
                                               std::move(ingest_line))};
  const auto& analysts = parts->analysis->refs();
  for (std::size_t i = 0; i < analysts.size(); ++i)
    children.push_back(child<runtime::IoActor, caf::detached>(
        "analysis-" + std::to_string(i), "analysis", "", analysts[i], runtime::background_nice));
  return inner("ingest", runtime::Strategy::one_for_one, std::move(children));
}

// A branch of its own: whatever fails here, documents come in and are searchable.
ChildSpec vectors_branch(const NodePartsPtr& parts) {
  const auto& encoders = parts->encoding->refs();
  std::vector<ChildSpec> children{child<chunk::EmbedActor, caf::detached>(
      "embed", "embed", "", parts->embed, parts, encoders.size())};
  for (std::size_t i = 0; i < encoders.size(); ++i)
    children.push_back(child<runtime::IoActor, caf::detached>(
        "encoder-" + std::to_string(i), "encoder", "", encoders[i], runtime::enrichment_nice));
  return inner("vectors", runtime::Strategy::one_for_one, std::move(children));
}

ChildSpec gateway_role(const NodePartsPtr& parts, const gateway::GatewayLimits& limits,
                       const std::shared_ptr<gateway::AsioExecutionUnit>& on_asio) {
  auto gateway =
      child<gateway::GatewayActor>("gateway", "gateway", "", parts->gateway, parts, limits);
  gateway.start = [start = gateway.start, on_asio](caf::actor_system& system,
                                                   const std::string& path) {
    auto actor = start(system, path);
    on_asio->adopt(actor);
    return actor;
  };
  std::vector<ChildSpec> children{std::move(gateway)};
  return inner("front", runtime::Strategy::one_for_one, std::move(children));
}

// Threads that wait for endpoints; none without one.
ChildSpec models_branch(const ModelDesk& desk) {
  std::vector<ChildSpec> children;
  for (std::size_t work = 0; work < desk.lines().size(); ++work) {
    const auto& pool = desk.lines()[work];
    const std::string name{model_work_names[work]};
    for (std::size_t i = 0; pool && i < pool->refs().size(); ++i)
      children.push_back(child<runtime::IoActor, caf::detached>(
          name + "-" + std::to_string(i), "model_call", name, pool->refs()[i], 0));
  }
  return inner("models", runtime::Strategy::one_for_one, std::move(children));
}

} // namespace

runtime::SupervisorSpec node_tree(const runtime::Config& config,
                                  const std::shared_ptr<NodeParts>& parts,
                                  const gateway::GatewayLimits& limits,
                                  const std::shared_ptr<gateway::AsioExecutionUnit>& on_asio,
                                  document::IngestLine ingest_line, chunk::Forgetting forgetting) {
  const auto& followers = parts->followers;
  runtime::SupervisorSpec root;
  root.strategy = runtime::Strategy::one_for_one;
  root.intensity = {3, std::chrono::seconds(60)};
  root.children.push_back(shard_role(parts, followers));
  root.children.push_back(store_branch(parts, followers));
  root.children.push_back(log_branch(parts, std::move(forgetting)));
  // Before the work that waits from the last time, which asks endpoints at once.
  if (std::ranges::any_of(parts->models->lines(), [](const auto& line) { return line != nullptr; }))
    root.children.push_back(models_branch(*parts->models));
  root.children.push_back(worker_role(parts, static_cast<std::size_t>(config.document_workers),
                                      std::move(ingest_line)));
  root.children.push_back(vectors_branch(parts));
  root.children.push_back(gateway_role(parts, limits, on_asio));
  return root;
}

} // namespace graphrag
