#pragma once
// Routes that show what only the holders of a collection have in memory. In a cluster these are
// some nodes; any node takes the request, and answers it itself or asks one of them. The answer of
// a holder is the client's answer, whatever its status.
#include <optional>

#include "gateway/routes/context.hpp"

namespace graphrag::gateway {

// A request as one node gives it to another.
struct PeerQuestion {
  std::string operation;   // of a route that was added here
  std::uint64_t after = 0; // what the asking node wrote last: the answer is not older
  std::shared_ptr<Request> request;
};
// What is left until the deadline crosses, and becomes the request's deadline over there. Of the
// headers only those cross that routes look at.
std::string to_bytes(const PeerQuestion& question, std::chrono::milliseconds left);
std::optional<PeerQuestion> question_of(std::string_view bytes, runtime::SteadyTime now);

// What comes back: the holder has applied `seq`, and what the question may have written.
struct PeerAnswer {
  Response response;
  std::uint64_t seq = 0;
};
std::string to_bytes(const PeerAnswer& answer);
std::optional<PeerAnswer> answer_of(std::string_view bytes);
inline constexpr std::size_t largest_peer_answer = 15 * 1024 * 1024; // bytes; above: 500

// Whether the question may be given to several holders: it changes nothing.
bool is_harmless(const PeerQuestion& question);

// Registers `local`, which answers from this node's views, as what peers may ask for by the route's
// operation id, and gives the handler for clients: `local` where this node may read, else a holder;
// a holder also when the right ended while `local` was at it, unless it may have written something.
Handler by_holder(const Context& context, const std::string& operation, Handler local);

// For what the store tells but for a little that only views know, such as whether a document has
// vectors: asks a holder when this node is none and there is such a thing, and answers by itself
// when no holder does.
Handler rather_by_holder(const Context& context, const std::string& operation, Handler local);

// Asks a holder; answers 503 when this node is alone, or no holder answers before the deadline.
void ask_holder(const Context& context, const std::string& operation,
                const std::shared_ptr<Request>& request, runtime::SteadyTime deadline,
                Responder responder);

// A peer's question, on any thread. An error means that nothing was done, "ask another": this node
// may not read the collection (any more), is behind the one that asks, or cannot make sense of it.
void answer_peer(const Context& context, const std::string& bytes,
                 runtime::Promise<std::string> answer);

} // namespace graphrag::gateway
