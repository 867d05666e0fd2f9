#pragma once
// One request and its answer, while the session owes it.
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "gateway/http/chunk_decoder.hpp"
#include "gateway/http/message.hpp"
#include "gateway/http/probe.hpp"
#include "gateway/http/response_stream.hpp"

namespace graphrag::gateway {

struct Route;

struct Exchange {
  enum class State : std::uint8_t {
    open,      // the request is being read, or its handler is at work
    answered,  // `response` is whole and waits for its turn
    streaming, // `response` is the head of a stream
  };
  std::uint64_t number = 0; // consecutive in a connection
  State state = State::open;
  bool keep_alive = true;
  bool http10 = false;
  bool head_only = false; // HEAD: the body's length without the body
  bool safe = true;       // may run beside other safe requests of the connection
  bool head_sent = false; // of a stream
  const Route* route = nullptr;
  RouteProbe* probe = nullptr;
  std::string trace_id;
  runtime::SteadyTime started, deadline;
  std::uint64_t buffered = 0; // of the server's budget for bodies
  Response response;
  std::shared_ptr<StreamState> stream;
};

// The body that is arriving. Independent of its exchange, which may have been answered already.
struct IncomingBody {
  enum class Sink : std::uint8_t { buffer, consumer, drop };
  std::uint64_t exchange = 0;
  Sink sink = Sink::buffer;
  bool chunked = false;
  std::uint64_t remaining = 0; // of Content-Length
  std::uint64_t seen = 0;
  std::uint64_t limit = 0; // 0 = none
  ChunkDecoder decoder;
  std::shared_ptr<Request> request;
  std::shared_ptr<BodyConsumer> consumer;
};

} // namespace graphrag::gateway
