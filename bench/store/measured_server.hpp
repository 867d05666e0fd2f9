#pragma once
// A server on one of the stores, with the processor time of its processes and what it says about
// its commits.
#include <memory>
#include <string>

#include "tests/support/test_cluster.hpp"

namespace graphrag::bench {

// Processor seconds since the start, user and system.
struct CpuTime {
  double server = 0, database = 0; // database: all processes of PostgreSQL, ended ones too
};

// Since the start.
struct Commits {
  double count = 0, seconds = 0, operations = 0;
};

class MeasuredServer {
public:
  // A server on SQLite, or a cluster of one node on a PostgreSQL of its own. `counting` has the
  // database count its statements. Starting throws when it fails.
  enum class Kind { sqlite, postgres, postgres_counting };
  explicit MeasuredServer(Kind kind);

  const char* name() const { return cluster_ ? "PostgreSQL" : "SQLite"; }
  std::string url() const;
  CpuTime cpu() const;
  Commits commits() const; // zeros when the server gives no metrics
  // What the database spent its time on, the most first, as a table; empty when it does not count.
  std::string statements();
  void forget_statements();

private:
  const test::ServerProcess& server() const;

  bool counting_ = false;
  std::unique_ptr<test::TestCluster> cluster_;
  std::unique_ptr<test::TempDir> folder_;
  std::unique_ptr<test::ServerProcess> single_;
};

} // namespace graphrag::bench
