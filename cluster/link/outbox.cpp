#include "cluster/link/outbox.hpp"

#include "cluster/link/frame.hpp"

namespace graphrag::cluster {

runtime::Result<bool> Outbox::put(const runtime::Envelope& envelope) {
  const std::lock_guard lock{mutex_};
  if (!open_) return runtime::fail(runtime::Errc::unavailable, "the peer is not connected");
  if (bytes_ > 0 && bytes_ + envelope.body.size() > max_bytes_)
    return runtime::fail(runtime::Errc::overloaded, "too much waits for the peer");
  if (pieces_.empty() || pieces_.back().size() >= piece_bytes) pieces_.emplace_back();
  auto& piece = pieces_.back();
  const auto before = piece.size();
  append_data(piece, envelope);
  bytes_ += piece.size() - before;
  return !std::exchange(woken_, true);
}

void Outbox::open() {
  const std::lock_guard lock{mutex_};
  open_ = true;
}

void Outbox::close() {
  const std::lock_guard lock{mutex_};
  open_ = woken_ = false;
  pieces_.clear();
  bytes_ = 0;
}

std::size_t Outbox::take(std::string& into, std::size_t enough) {
  const std::lock_guard lock{mutex_};
  woken_ = false;
  std::size_t taken = 0;
  while (taken < enough && !pieces_.empty()) {
    taken += pieces_.front().size();
    if (into.empty())
      into = std::move(pieces_.front());
    else
      into += pieces_.front();
    pieces_.pop_front();
  }
  bytes_ -= taken;
  return taken;
}

std::size_t Outbox::bytes() const {
  const std::lock_guard lock{mutex_};
  return bytes_;
}

} // namespace graphrag::cluster
