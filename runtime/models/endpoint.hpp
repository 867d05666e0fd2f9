#pragma once
// An endpoint that speaks the protocol of OpenAI, and how we treat it.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/error.hpp"
#include "runtime/models/circuit_breaker.hpp"
#include "runtime/models/retry.hpp"
#include "runtime/models/secret.hpp"
#include "runtime/models/spend.hpp"

namespace graphrag::runtime::models {

struct ModelEndpoint {
  std::string name;     // ours, in metrics, logs and errors: a few letters, digits, '-', '_', '.'
  std::string base_url; // "https://host/v1": the calls' paths come after it; no query
  Secret api_key;       // empty: no Authorization is sent
  std::string model;

  std::chrono::milliseconds timeout{60'000}; // of a call with all its attempts
  RetryOptions retry;
  CircuitBreaker::Options breaker;
  unsigned max_concurrent_calls = 4;
  unsigned max_waiting_calls = 64; // for a free place among them; more are refused
  Prices prices;

  std::size_t max_prompt_bytes = 48 * 1024; // texts of one call; longer ones are cut
  unsigned max_output_tokens = 1024;
  unsigned batch_texts = 64; // of one embedding call
  unsigned dimension = 0;    // every vector's; 0: all alike is enough
};

// Whether it can be used as it is: `invalid_argument` names the option, never its value.
Status check(const ModelEndpoint& endpoint);

} // namespace graphrag::runtime::models
