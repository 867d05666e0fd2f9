#pragma once
// The embedding actor: gives live documents the vectors of the registered encoders, oldest change
// first, group after group.
//
//   store: who lacks vectors ──> group ──> rounds of passages ──> encoder pool (below questions)
//                                  │                               or the line of the endpoint
//                                  └───────── one write per group ──> commit actor
//
// A group for an endpoint is of one collection, whose budget pays. What an endpoint refuses or does
// not answer waits (EndpointPatience); vectors that were made are kept while it does.
//
// Nothing is kept here that is not in the store: killed, it goes on where the store says. At most
// one group is in flight, so memory is bounded by it. A model that is building becomes the active
// one when nothing lacks its vectors any more; the vectors of those that went are pruned in slices.
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/chunk/embedding/embed_group.hpp"
#include "actors/chunk/embedding/embed_part.hpp"
#include "actors/chunk/embedding/encoders.hpp"
#include "actors/models/endpoint_patience.hpp"
#include "actors/node_parts.hpp"
#include "runtime/actor/metered_actor.hpp"

namespace graphrag::chunk {

using WriteAnswer = std::shared_ptr<runtime::Result<std::vector<runtime::WriteResult>>>;

using PartAnswer = std::shared_ptr<runtime::Result<bool>>;

// Look at the store now: a model came or went.
using models_changed_atom = caf::atom_constant<caf::atom("models")>;

class EmbedActor final : public runtime::MeteredActor {
public:
  // `threads`: how many encode at once.
  EmbedActor(caf::actor_config& config, runtime::ActorIdentity identity, NodePartsPtr node,
             std::size_t threads);
  caf::behavior make_behavior() override;

private:
  using Document = EndpointPatience::Document;
  enum class Begun : std::uint8_t {
    busy,    // a group is in flight, or the store is away
    nothing, // nobody lacks vectors
    waits    // somebody does, but it is not the time
  };

  void look(); // what is next?
  void look_in(std::chrono::milliseconds pause);
  bool load_models();
  Begun begin(const Encoders::Loaded& model);
  bool gather(const Encoders::Loaded& model, std::vector<runtime::DocumentContent>& contents,
              bool& waits);
  void next_round();
  void submit(std::size_t part);
  void round_failed();
  void retry();
  void write(std::vector<runtime::WriteOp> ops);
  void written(const runtime::Result<std::vector<runtime::WriteResult>>& results);
  void drop_group();
  void count_backlog();
  void away(const runtime::Error& error);
  bool by_endpoint() const noexcept { return of_group_ && !of_group_->encoder; }

  NodePartsPtr node_;
  std::size_t threads_;
  std::uint64_t round_ = 0; // answers of another round are late
  bool busy_ = false;       // a group or a write is in flight
  std::shared_ptr<EmbedGroup> group_;
  std::optional<Encoders::Loaded> of_group_;      // whose vectors it gets
  std::vector<std::shared_ptr<EmbedPart>> parts_; // of the round; null: done
  std::size_t open_parts_ = 0;
  std::optional<runtime::Error> failure_; // of a part of the round
  std::string model_;                     // of the group, or of the last one
  std::uint64_t cursor_ = 0;              // nothing before it lacks vectors of model_
  std::set<Document> skipped_;            // of this version they cannot have vectors; a few at most
  EndpointPatience patience_;
  std::vector<Document> in_group_;
  bool look_waits_ = false;
  bool prune_ = true;           // vectors of models that are gone may be left
  runtime::SteadyTime began_{}; // of the group
  runtime::SteadyTime count_again_{}, load_again_{};
};

} // namespace graphrag::chunk

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(graphrag::chunk::WriteAnswer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(graphrag::chunk::PartAnswer)
