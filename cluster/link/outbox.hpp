#pragma once
// What waits to be sent to one peer: encoded frames, in order, under a bound. Any thread puts, the
// link's thread takes. Closed while the peer is not connected, so that nothing of one session
// reaches the next.
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>

#include "runtime/error.hpp"
#include "runtime/transport/transport.hpp"

namespace graphrag::cluster {

class Outbox {
public:
  explicit Outbox(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // Appends a data frame; true when the link's thread has to be woken, which is once per turn of
  // that thread however much is put meanwhile. Errors: unavailable (closed), overloaded (the
  // bound).
  runtime::Result<bool> put(const runtime::Envelope& envelope);

  void open();
  void close(); // and drops what is there

  // Moves whole frames into `into` until it holds `enough` bytes or the box is empty, and lets the
  // next put() wake again. Returns the bytes moved, at most `enough` and one piece of
  // piece_bytes and a frame.
  std::size_t take(std::string& into, std::size_t enough);
  std::size_t bytes() const;

private:
  static constexpr std::size_t piece_bytes = 64 * 1024;

  mutable std::mutex mutex_;
  const std::size_t max_bytes_;
  std::deque<std::string> pieces_;
  std::size_t bytes_ = 0;
  bool open_ = false, woken_ = false;
};

} // namespace graphrag::cluster
