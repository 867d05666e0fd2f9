#pragma once
// One non-blocking HTTP/1.1 connection of the load generator: one request at a time, kept alive.
#include <cstdint>
#include <string>
#include <string_view>

namespace graphrag::bench {

struct Reply {
  int status = 0;
  std::string_view body; // valid until the next request
  bool keep = true;      // the connection can be used again
};

// Reads one response out of bytes that arrive in pieces. Knows Content-Length and chunked bodies.
class ReplyReader {
public:
  enum class State { more, done, broken };
  void reset();
  // Takes what is there; `done` once a whole response has come.
  State feed(std::string_view bytes);
  const Reply& reply() const { return reply_; }

private:
  State read_head();
  State read_chunks();
  std::string buffer_, chunks_;
  std::size_t head_end_ = 0, length_ = 0, chunk_at_ = 0;
  bool head_read_ = false, chunked_ = false;
  Reply reply_;
};

class Connection {
public:
  enum class State { idle, writing, reading, closed };

  ~Connection();
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Blocking; false when nobody is there.
  bool open(const std::string& host, std::uint16_t port);
  void close();
  int fd() const { return fd_; }
  State state() const { return state_; }

  // Whether the server has closed it while it was idle, as servers do after a time.
  bool hung_up() const;

  // Begins a request; only when idle.
  void start(std::string request);
  // To be called when the socket can be written or read. True when a response is complete or the
  // connection has broken (state closed).
  bool advance();
  const Reply& reply() const { return reader_.reply(); }

private:
  bool write_some();
  bool read_some();
  int fd_ = -1;
  State state_ = State::closed;
  std::string request_;
  std::size_t written_ = 0;
  ReplyReader reader_;
};

} // namespace graphrag::bench
