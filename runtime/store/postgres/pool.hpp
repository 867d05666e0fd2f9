#pragma once
// Connections to PostgreSQL that callers borrow. Thread-safe. Each borrower has one of its own
// until the lease ends; up to `kept` stay open between uses, up to `overflow` more are opened under
// load and closed afterwards. A connection is closed when it is older than `recycle`. Before a
// connection is lent its socket is looked at, and after a rest it is asked (one round trip), so
// that a server that went away meanwhile is noticed here and not in the middle of a write.
#include <condition_variable>
#include <mutex>

#include "runtime/store/postgres/connection.hpp"

namespace graphrag::runtime::postgres {

struct PoolOptions {
  std::string url;
  std::uint32_t kept = 20;
  std::uint32_t overflow = 30;
  Milliseconds wait{30'000}; // for a connection when all are lent; then overloaded
  Milliseconds connecting{3'000};
  Milliseconds recycle{3'600'000};
  Milliseconds rest{2'000}; // idle for longer: asked before use
};

class Pool {
public:
  class Lease {
  public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

  private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  explicit Pool(PoolOptions options) : options_(std::move(options)) {}

  Result<Lease> borrow();
  // Closes all that rest, then borrows: for when one broke, since the others are likely to be
  // broken.
  Result<Lease> borrow_new();

  std::uint32_t open_connections() const;

private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    SteadyTime since;
  };

  Result<Lease> open();
  bool still_good(Connection& connection, SteadyTime since) const;
  void give_back(std::unique_ptr<Connection> connection);
  void forget_one();

  PoolOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Idle> idle_;
  std::uint32_t open_ = 0; // idle, lent, or being opened
};

} // namespace graphrag::runtime::postgres
