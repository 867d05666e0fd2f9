#pragma once
// One connection for calls that must end in time, whatever the server, the network or the name
// service do. Opening it may block in the resolver or on a server that says nothing, so a thread
// opens it; a call waits for that as long as it has time, and a later call goes on waiting. One
// thread at a time. The destructor waits for an opening under way: `connecting`, and what the name
// service takes.
#include <future>

#include "runtime/store/postgres/connection.hpp"

namespace graphrag::runtime::postgres {

class OwnConnection {
public:
  OwnConnection(std::string url, Milliseconds connecting)
      : url_(std::move(url)), connecting_(connecting) {}

  // One flight with all that it takes, opening too, within `deadline`. After a failure the
  // connection is closed, which ends its transaction.
  Result<std::vector<Answer>> fly(std::span<const Statement> flight, Milliseconds deadline);

private:
  using Opened = Result<std::unique_ptr<Connection>>;
  Status open(SteadyTime until);

  std::string url_;
  Milliseconds connecting_;
  std::unique_ptr<Connection> connection_;
  std::future<Opened> opening_;
};

} // namespace graphrag::runtime::postgres
