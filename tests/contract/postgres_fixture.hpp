#pragma once
// What the tests of the PostgreSQL store share besides store_fixture.hpp: threads that stand for
// nodes, waiting, and opening with times that suit a test.
#include <functional>
#include <thread>

#include "tests/contract/store_fixture.hpp"
#include "tests/support/eventually.hpp"

namespace graphrag::runtime {

inline PostgresOptions options_for(const std::string& url) {
  PostgresOptions options;
  options.url = url;
  return options;
}

inline std::unique_ptr<Store> open_node(const PostgresOptions& options) {
  auto opened = open_postgres_store(options);
  EXPECT_TRUE(opened) << opened.error().detail;
  return opened ? std::move(*opened) : nullptr;
}

// Runs `work(node)` for each node at once and waits for all.
inline void all_at_once(int nodes, const std::function<void(int)>& work) {
  std::vector<std::jthread> threads;
  for (int node = 0; node < nodes; ++node) threads.emplace_back(work, node);
}

using test::eventually;

} // namespace graphrag::runtime
