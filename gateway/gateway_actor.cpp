#include "gateway/gateway_actor.hpp"

#include "actors/chunk/embedding/encoders.hpp"
#include "actors/document/backlog.hpp"

namespace graphrag::gateway {

GatewayActor::GatewayActor(caf::actor_config& config, runtime::ActorIdentity identity,
                           NodePartsPtr node, GatewayLimits limits)
    : MeteredActor(config, std::move(identity)), node_(std::move(node)), limits_(std::move(limits)),
      queries_(this, "query", this->identity().path + "/query") {}

caf::behavior GatewayActor::make_behavior() {
  set_down_handler([this](const caf::down_msg& message) { queries_.on_down(message); });
  return {
      [this](const query::QueryJobPtr& job) { ask(job); },
      [this](const document::IngestJobPtr& job) { ingest(job); },
      [this](document::kill_one_atom) { queries_.kill_one(); },
  };
}

void GatewayActor::ask(const query::QueryJobPtr& job) {
  auto ticket = limits_.queries->try_enter();
  if (!ticket) {
    job->done.fulfil(runtime::fail(runtime::Errc::overloaded, "too many questions in flight"));
    return;
  }
  job->ticket = std::move(*ticket);
  runtime::ActorIdentity identity{"query", "", this->identity().path + "/query"};
  queries_.watch(spawn<query::QueryActor>(std::move(identity), node_, job));
}

void GatewayActor::ingest(const document::IngestJobPtr& job) {
  auto refuse = [&](const char* why) {
    job->done.fulfil(runtime::fail(runtime::Errc::overloaded, why));
  };
  if (job->accept_first && node_->backlog->full(job->input.key.collection))
    return refuse("the collection's backlog of accepted documents is full");
  if (node_->encoders->behind()) return refuse("too many documents wait for their vectors");
  auto place = limits_.documents->try_enter();
  if (!place) return refuse("too many documents in flight");
  auto bytes = limits_.document_bytes->try_enter(static_cast<std::int64_t>(job->bytes.size()));
  if (!bytes) return refuse("too many bytes of documents in flight");
  job->tickets.push_back(std::move(*place));
  job->tickets.push_back(std::move(*bytes));
  if (!node_->intake.send(job))
    job->done.fulfil(runtime::fail(runtime::Errc::unavailable, "ingestion is restarting"));
}

} // namespace graphrag::gateway
