#pragma once
// Questions and answers whose bodies may be larger than an envelope. A small body travels with its
// question or answer. Of a large one only the id and size do; whoever is to have it fetches it in
// parts, a few at a time and in order, by questions of its own. So the sender keeps the body until
// then, nothing is pushed at a peer that does not read, and all ends with the session, as every
// request does.
//
//   asker     question, or a note of it  ──────>  answerer
//             <────── "$part" of the question     as often as it takes
//             <────── answer, or a note of it
//             "$part" of the answer ───────────>  as often as it takes
//
// Thread-safe. What a lower layer calls may run on any of its threads, without locks held here.
#include <functional>
#include <memory>
#include <string>

#include "cluster/node_id.hpp"
#include "cluster/request/pending_requests.hpp"

namespace graphrag::cluster {

struct BodyLimits {
  std::size_t part = 250 * 1024; // bytes that fit into one request or answer of the layer below
  std::size_t body = 16 * 1024 * 1024;
  std::size_t per_peer = 64 * 1024 * 1024; // kept for one peer; and, apart, being fetched from it
  std::size_t window = 4;                  // parts under way of one body
};

class LargeBodies {
public:
  // The layer below: one question with a body of at most BodyLimits::part and 32 bytes.
  using Ask = std::function<void(const NodeId& peer, std::string kind, std::string body,
                                 runtime::SteadyTime deadline, Answer answer)>;
  struct Question {
    NodeId from;
    std::string kind, body;
    runtime::SteadyTime deadline;
  };
  using Serve = std::function<void(Question, Answer)>;

  LargeBodies(Ask ask, Serve serve, BodyLimits limits = {});
  ~LargeBodies();

  // As the layer's below; errors besides its: invalid_argument (too large), overloaded (of what is
  // kept for the peer), lost (the other side has given the body up), corrupt.
  void request(const NodeId& peer, std::string kind, std::string body, runtime::SteadyTime deadline,
               Answer answer);
  // A question of the layer below. Its answer has at most BodyLimits::part and 32 bytes.
  void on_question(Question question, Answer answer);
  void on_lost(runtime::NodeOrdinal peer);
  void expire(runtime::SteadyTime now);
  // Bodies that are kept or being fetched, for tests and metrics.
  std::size_t held() const;

private:
  class Fetch;
  struct State;
  std::shared_ptr<State> state_;
};

} // namespace graphrag::cluster
