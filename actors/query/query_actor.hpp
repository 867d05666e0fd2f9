#pragma once
// The query actor: one per question. Waits for the asked sequence number, runs the question on the
// views unless the cache has its answer, answers before its deadline, and ends.
//
//   number reached ── vector of the question ── search ── reranking ── answer
//                     (encoder or endpoint)              (endpoint)
//
// An endpoint is asked on another thread, and the question goes on without its part when that does
// not come in time: then the part is named in `missing`.
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "actors/chunk/embedding/encoders.hpp"
#include "actors/models/model_desk.hpp"
#include "actors/node_parts.hpp"
#include "actors/query/query.hpp"
#include "runtime/actor/metered_actor.hpp"
#include "runtime/admission.hpp"

namespace graphrag::runtime::models {
struct CallContext;
}

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
  void on_exit() override;

private:
  using Clock = std::chrono::steady_clock;
  template <class T>
  using Call = std::function<runtime::Result<T>(const runtime::models::ModelPort& port,
                                                const runtime::models::CallContext& context)>;

  void begin(bool after_reached);
  bool answered_from_cache();
  void encode();
  void use_vector(const std::vector<float>& vector);
  void without_vector(const runtime::Error& error);
  void search();
  void rerank();
  void finish();

  // Calls `then` here, once: with what `call` gave on a thread of that work, or with an error when
  // it was refused or `patience` is over; the call is canceled then.
  template <class T>
  void ask(ModelWork work, Clock::duration patience, Call<T> call,
           std::function<void(runtime::Result<T>)> then);
  Clock::duration time_left() const;
  void lacks(const char* part, const runtime::Error& error);

  NodePartsPtr node_;
  QueryJobPtr job_;
  std::uint64_t wait_ticket_ = 0;
  bool begun_ = false, after_reached_ = true;

  // Of the question in work.
  chunk::CollectionViews views_;
  std::optional<chunk::ReadView> view_;
  std::shared_ptr<const chunk::Encoders::Loaded> encoder_;
  std::string seen_, fingerprint_; // of the view, and with the model; empty: not cached
  QueryResult result_;
  std::vector<std::string> lacking_; // parts that no endpoint gave

  // Of the call that is waited for.
  std::uint64_t call_ = 0; // answers of another one are late
  std::stop_source cancel_;
  std::function<void(const runtime::Error&)> give_up_;
};

} // namespace graphrag::query

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(graphrag::query::QueryJobPtr)
