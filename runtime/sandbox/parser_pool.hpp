#pragma once
// Untrusted documents are parsed in children that are started and confined ahead of the work, see
// one document each, and end. A child that crashes, hangs or swells fails its own document only.
//
//   submit --memfd--> queue --> idle child (no files, no network, no exec) --bytes--> done
//                               ^ replaced as soon as it gets its document
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.hpp"

namespace graphrag::runtime {

struct ParserPoolOptions {
  // What a child runs; it must end up in parser_child_main (parser_child.hpp).
  std::string executable = "/proc/self/exe";
  std::vector<std::string> arguments = {"graphrag", "__parse"}; // from argv[0] on

  unsigned children = 2;      // documents at once, and as many children kept ready
  std::size_t max_queue = 64; // jobs that wait; one more is refused as overloaded
  std::uint64_t max_queue_bytes = 512ULL << 20;
  std::uint64_t max_request = 257ULL << 20;
  std::uint64_t max_answer = 256ULL << 20;

  std::chrono::milliseconds deadline{60'000};       // of one document, from its child's start on it
  std::chrono::milliseconds start_deadline{30'000}; // of a child, until it is confined
  std::uint64_t cpu_seconds = 60;
  std::uint64_t address_space = 1536ULL << 20; // 0 = no limit
  std::uint64_t resident = 1024ULL << 20;      // watched by the pool; 0 = no limit
  std::uint64_t open_files = 64;

  bool use_landlock = true;
  bool require_landlock = false; // true: no start on a kernel without it
};

// One document. The request that the child sees is `head` followed by `body`.
struct ParserJob {
  std::string head;
  std::string_view body;                 // used only during submit()
  std::chrono::milliseconds deadline{0}; // 0 = the pool's
  std::string format;                    // label of the outcome's metric; from a short fixed list
};

struct ParserOutcome {
  enum class Kind : std::uint8_t {
    ok,               // `answer` holds what the parse function gave
    crashed,          // `signal` (0 = it ended or answered wrongly without one)
    timeout,          // of wall clock or CPU
    memory,           // more than its limits
    answer_too_large, // more than max_answer
    canceled,         // the pool stopped first
    unavailable,      // no child can be started
  };
  Kind kind = Kind::ok;
  std::string answer; // written by a process that read the document: decode with care
  int signal = 0;
  std::string detail;               // for a person; holds nothing of the document
  std::chrono::nanoseconds took{0}; // from the child's start on it
};
std::string_view to_string(ParserOutcome::Kind kind) noexcept;

// What the self-test at the start found to hold.
struct ParserProtection {
  int landlock_abi = 0; // 0: none; then children cannot open any file at all
};

class ParserPool {
public:
  // Runs one child as a self-test: it must be refused a foreign file and be killed for a socket.
  // Errors: unavailable (cannot run children, or they would not be confined); what is missing but
  // bearable is logged.
  static Result<std::unique_ptr<ParserPool>> start(ParserPoolOptions options);
  ~ParserPool(); // stop()
  ParserPool(const ParserPool&) = delete;
  ParserPool& operator=(const ParserPool&) = delete;

  // Thread-safe. On success `done` is called exactly once, on the pool's thread: it must be short,
  // must not throw and must not destroy the pool. On failure it is never called: overloaded (the
  // queue is at its bound), invalid_argument (larger than max_request), unavailable, canceled
  // (stopped), io.
  Status submit(ParserJob job, std::function<void(ParserOutcome)> done);

  // Kills every child and ends every job as canceled; returns when no child is left. For an
  // orderly end wait for the jobs first. Idempotent.
  void stop();

  ParserProtection protection() const;

private:
  class Impl;
  explicit ParserPool(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

} // namespace graphrag::runtime
