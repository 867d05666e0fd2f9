#pragma once
// One child as the pool sees it: its state, the job it works on and what it has answered so far.
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "runtime/clock.hpp"
#include "runtime/sandbox/parser_pool.hpp"
#include "runtime/sandbox/pool_probe.hpp"
#include "runtime/sandbox/request_memory.hpp"
#include "runtime/sandbox/spawn.hpp"

namespace graphrag::runtime::sandbox {

struct PendingJob {
  RequestMemory memory;
  std::chrono::milliseconds deadline{0};
  std::string format;
  std::function<void(ParserOutcome)> done;
};

enum class Progress : std::uint8_t {
  nothing, // to read at the moment
  more,    // was read, and more must come
  complete,
  closed,
  broken,
};

class PoolChild {
public:
  PoolChild(SpawnedChild process, SteadyTime start_deadline);

  ChildState state = ChildState::starting;
  SteadyTime deadline; // of the state, for starting and busy
  SteadyTime begun;    // when it got its job
  std::optional<PendingJob> job;
  std::optional<ParserOutcome::Kind> killed_for; // why the pool killed it, when it did

  const SpawnedChild& process() const { return process_; }
  const Hello& hello() const { return hello_; }

  void kill() const;

  Progress read_hello();
  // Reads a piece of the answer. Once complete, outcome() of the answer is taken by take_answer().
  Progress read_answer(std::uint64_t max_answer);
  ParserOutcome take_answer();

  // Looks at the memory of the running process; true when it holds more than `resident` bytes.
  bool over_memory(std::uint64_t resident);
  // What the end of the process means for its job.
  ParserOutcome explain(const Exit& exit, const ParserPoolOptions& options) const;

private:
  SpawnedChild process_;
  Hello hello_;
  AnswerHead head_;
  std::size_t head_got_ = 0; // of hello_ first, then of head_
  std::string answer_;
  std::uint64_t seen_size_ = 0, seen_resident_ = 0; // bytes, at the last look
};

} // namespace graphrag::runtime::sandbox
