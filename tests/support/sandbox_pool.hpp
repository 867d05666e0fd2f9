#pragma once
// Runs jobs of tests/support/sandbox_child.cpp and looks at this process's children.
#include <chrono>
#include <functional>
#include <future>
#include <set>
#include <string>
#include <sys/types.h>

#include "runtime/sandbox/parser_pool.hpp"

namespace graphrag::tests {

runtime::ParserPoolOptions sandbox_options(); // children of the test executable, small limits

std::future<runtime::ParserOutcome> submit(runtime::ParserPool& pool, std::string request,
                                           std::chrono::milliseconds deadline = {});
// The outcome of one job; a failure to submit it is a test's failure (kind unavailable).
runtime::ParserOutcome run(runtime::ParserPool& pool, std::string request);

struct OwnChildren {
  std::set<pid_t> living, zombies;
  std::set<pid_t> stopped; // by SIGSTOP; also among the living
};
OwnChildren children_of(pid_t parent);
std::size_t open_descriptors(); // of this process

// Polls until `holds`, at most two minutes.
bool eventually(const std::function<bool()>& holds);

} // namespace graphrag::tests
