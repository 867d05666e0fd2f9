#pragma once
// How a request and its answer travel as envelopes: msgpack arrays in the body. Pure.
//
//   kind "request"  [id, milliseconds left, kind, body]
//   kind "answer"   [id, "" or the name of an error, body or the error's detail]
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/error.hpp"

namespace graphrag::cluster {

inline constexpr std::string_view request_kind = "request", answer_kind = "answer";
// A body of at most this fits into an envelope as a request or an answer.
inline constexpr std::size_t max_request_body_bytes = 255 * 1024;

struct RequestBody {
  std::uint64_t id = 0;
  std::chrono::milliseconds left{0}; // until the asker gives up; clocks of nodes are not compared
  std::string kind, body;
};
struct AnswerBody {
  std::uint64_t id = 0;
  runtime::Result<std::string> result;
};

std::string pack(const RequestBody& request);
std::string pack(const AnswerBody& answer);
// Errors: corrupt.
runtime::Result<RequestBody> unpack_request(const std::string& bytes);
runtime::Result<AnswerBody> unpack_answer(const std::string& bytes);

} // namespace graphrag::cluster
