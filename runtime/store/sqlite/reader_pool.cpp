#include "runtime/store/sqlite/reader_pool.hpp"

#include <algorithm>

namespace graphrag::runtime::sqlite {

Result<std::unique_ptr<Connection>> open_reader(const std::string& file) {
  auto connection = Connection::open(file, Access::read_only);
  if (!connection) return connection;
  (*connection)
      ->exec("PRAGMA query_only = ON; PRAGMA cache_size = -16384; "
             "PRAGMA temp_store = MEMORY");
  if (auto error = (*connection)->take_error()) return tl::unexpected(std::move(*error));
  return connection;
}

Result<std::unique_ptr<ReaderPool>> ReaderPool::open(const std::string& file, unsigned readers) {
  auto pool = std::make_unique<ReaderPool>();
  for (unsigned i = 0; i < std::max(readers, 1U); ++i) {
    auto connection = open_reader(file);
    if (!connection) return tl::unexpected(connection.error());
    pool->idle_.push_back(std::move(*connection));
  }
  return pool;
}

ReaderPool::Lease::Lease(ReaderPool& pool, std::unique_ptr<Connection> connection)
    : pool_(pool), connection_(std::move(connection)) {
  connection_->run("BEGIN");
}

ReaderPool::Lease::~Lease() {
  connection_->take_error(); // whoever cared has asked
  if (connection_->in_transaction()) connection_->run("COMMIT");
  connection_->take_error();
  std::lock_guard lock(pool_.mutex_);
  pool_.idle_.push_back(std::move(connection_));
  pool_.returned_.notify_one();
}

ReaderPool::Lease ReaderPool::borrow() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [&] { return !idle_.empty(); });
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  lock.unlock();
  return {*this, std::move(connection)};
}

} // namespace graphrag::runtime::sqlite
