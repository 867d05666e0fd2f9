#include "runtime/store/postgres/pool.hpp"

namespace graphrag::runtime::postgres {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

} // namespace

Result<Pool::Lease> Pool::borrow() {
  auto until = now() + options_.wait;
  for (;;) {
    Idle idle;
    {
      std::unique_lock lock(mutex_);
      bool free = returned_.wait_until(
          lock, until, [&] { return !idle_.empty() || open_ < options_.kept + options_.overflow; });
      if (!free) return fail(Errc::overloaded, "no database connection became free in time");
      if (idle_.empty()) {
        ++open_;
      } else {
        idle = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (!idle.connection) return open();
    if (still_good(*idle.connection, idle.since)) return Lease(*this, std::move(idle.connection));
    idle.connection.reset();
    forget_one();
  }
}

Result<Pool::Lease> Pool::borrow_new() {
  std::vector<Idle> old;
  {
    std::unique_lock lock(mutex_);
    old.swap(idle_); // one broke: the others are likely to be as old
    open_ -= static_cast<std::uint32_t>(old.size());
  }
  returned_.notify_all();
  old.clear();
  return borrow();
}

Result<Pool::Lease> Pool::open() {
  auto made = Connection::open(options_.url, options_.connecting);
  if (made) return Lease(*this, std::move(*made));
  forget_one();
  return tl::unexpected(made.error());
}

bool Pool::still_good(Connection& connection, SteadyTime since) const {
  auto time = now();
  if (time - connection.opened_at() > options_.recycle || !connection.looks_open()) return false;
  if (time - since <= options_.rest) return true;
  Statement question("SELECT 1");
  return connection.fly(std::span(&question, 1), options_.connecting).has_value();
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  connection->roll_back();
  {
    std::lock_guard lock(mutex_);
    bool keep =
        !connection->lost() && !connection->in_transaction() && idle_.size() < options_.kept;
    if (keep) {
      idle_.push_back({std::move(connection), now()});
    } else {
      --open_;
    }
  }
  returned_.notify_one();
}

void Pool::forget_one() {
  {
    std::lock_guard lock(mutex_);
    --open_;
  }
  returned_.notify_one();
}

std::uint32_t Pool::open_connections() const {
  std::lock_guard lock(mutex_);
  return open_;
}

} // namespace graphrag::runtime::postgres
