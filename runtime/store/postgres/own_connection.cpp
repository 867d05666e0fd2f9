#include "runtime/store/postgres/own_connection.hpp"

namespace graphrag::runtime::postgres {

Status OwnConnection::open(SteadyTime until) {
  if (connection_ && !connection_->looks_open()) connection_.reset();
  if (connection_) return {};
  if (!opening_.valid())
    opening_ = std::async(std::launch::async, [url = url_, connecting = connecting_] {
      return Connection::open(url, connecting);
    });
  if (opening_.wait_until(until) != std::future_status::ready)
    return fail(Errc::unavailable, "PostgreSQL: no connection in time");
  auto opened = opening_.get();
  if (!opened) return tl::unexpected(opened.error());
  connection_ = std::move(*opened);
  return {};
}

Result<std::vector<Answer>> OwnConnection::fly(std::span<const Statement> flight,
                                               Milliseconds deadline) {
  auto until = std::chrono::steady_clock::now() + deadline;
  if (auto ok = open(until); !ok) return tl::unexpected(ok.error());
  auto left = std::chrono::duration_cast<Milliseconds>(until - std::chrono::steady_clock::now());
  auto answers = connection_->fly(flight, left, Plans::kept);
  if (answers) return std::move(*answers);
  auto why = connection_->failure().error;
  connection_.reset();
  return tl::unexpected(std::move(why));
}

} // namespace graphrag::runtime::postgres
