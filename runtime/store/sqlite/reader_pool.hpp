#pragma once
// Read-only connections, lent one at a time. Readers never wait for the writer (WAL).
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/store/sqlite/connection.hpp"

namespace graphrag::runtime::sqlite {

class ReaderPool {
public:
  static Result<std::unique_ptr<ReaderPool>> open(const std::string& file, unsigned readers);

  // A connection for as long as the lease lives, in a read transaction, so that all its queries
  // see one point in time. Waits while all are lent.
  class Lease {
  public:
    Lease(ReaderPool& pool, std::unique_ptr<Connection> connection);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Connection& operator*() const { return *connection_; }

  private:
    ReaderPool& pool_;
    std::unique_ptr<Connection> connection_;
  };
  Lease borrow();

private:
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

// A reader outside the pool, for reads that last long.
Result<std::unique_ptr<Connection>> open_reader(const std::string& file);

} // namespace graphrag::runtime::sqlite
