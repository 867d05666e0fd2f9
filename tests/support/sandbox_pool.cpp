#include "tests/support/sandbox_pool.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <poll.h>
#include <sstream>

namespace graphrag::tests {

using runtime::ParserOutcome;

runtime::ParserPoolOptions sandbox_options() {
  runtime::ParserPoolOptions options;
  options.executable = GRAPHRAG_SANDBOX_CHILD;
  options.arguments = {"sandbox_child", "__parse"};
  options.deadline = std::chrono::milliseconds(60'000);
  options.start_deadline = std::chrono::milliseconds(120'000); // on a machine busy with other tests
  options.resident = 400ULL << 20;
  options.address_space = 600ULL << 20;
  options.max_answer = 64ULL << 20;
  return options;
}

std::future<ParserOutcome> submit(runtime::ParserPool& pool, std::string request,
                                  std::chrono::milliseconds deadline) {
  auto promise = std::make_shared<std::promise<ParserOutcome>>();
  auto future = promise->get_future();
  const auto status =
      pool.submit({.head = std::move(request), .deadline = deadline},
                  [promise](ParserOutcome outcome) { promise->set_value(std::move(outcome)); });
  if (!status) {
    ADD_FAILURE() << "not submitted: " << status.error().detail;
    promise->set_value({.kind = ParserOutcome::Kind::unavailable});
  }
  return future;
}

ParserOutcome run(runtime::ParserPool& pool, std::string request) {
  auto future = submit(pool, std::move(request));
  if (future.wait_for(std::chrono::seconds(200)) != std::future_status::ready) {
    ADD_FAILURE() << "the job did not end";
    return {.kind = ParserOutcome::Kind::unavailable};
  }
  return future.get();
}

OwnChildren children_of(pid_t parent) {
  OwnChildren found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string line;
    if (!file || !std::getline(file, line)) continue;
    std::istringstream rest(line.substr(std::min(line.rfind(')') + 2, line.size())));
    char state = 0;
    pid_t ppid = 0;
    if (!(rest >> state >> ppid) || ppid != parent) continue;
    const pid_t pid = std::stoi(entry.path().filename().string());
    (state == 'Z' ? found.zombies : found.living).insert(pid);
    if (state == 'T') found.stopped.insert(pid);
  }
  return found;
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

bool eventually(const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    ::poll(nullptr, 0, 5);
  }
  return true;
}

} // namespace graphrag::tests
