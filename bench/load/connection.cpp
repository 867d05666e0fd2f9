#include "bench/load/connection.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace graphrag::bench {
namespace {

bool same_name(std::string_view line, std::string_view lower_case) {
  if (line.size() < lower_case.size()) return false;
  for (std::size_t i = 0; i < lower_case.size(); ++i) {
    char c = line[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c != lower_case[i]) return false;
  }
  return true;
}

template <class N>
bool number(std::string_view text, N& out, int base = 10) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return std::from_chars(text.data(), text.data() + text.size(), out, base).ec == std::errc{};
}

} // namespace

void ReplyReader::reset() {
  buffer_.clear();
  chunks_.clear();
  head_end_ = length_ = chunk_at_ = 0;
  head_read_ = chunked_ = false;
  reply_ = {};
}

ReplyReader::State ReplyReader::feed(std::string_view bytes) {
  buffer_.append(bytes);
  if (!head_read_)
    if (auto state = read_head(); state != State::done) return state;
  if (chunked_) return read_chunks();
  if (buffer_.size() < head_end_ + length_) return State::more;
  reply_.body = std::string_view{buffer_}.substr(head_end_, length_);
  return State::done;
}

ReplyReader::State ReplyReader::read_head() {
  auto end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos) return buffer_.size() > 64 * 1024 ? State::broken : State::more;
  head_end_ = end + 4;
  std::string_view head{buffer_.data(), end + 2};
  if (!head.starts_with("HTTP/1.1 ") || !number(head.substr(9), reply_.status))
    return State::broken;
  bool has_length = reply_.status == 204 || reply_.status == 304;
  for (auto at = head.find("\r\n") + 2; at < head.size();) {
    auto line = head.substr(at, head.find("\r\n", at) - at);
    at += line.size() + 2;
    if (same_name(line, "content-length:"))
      has_length = number(line.substr(15), length_);
    else if (same_name(line, "transfer-encoding: chunked"))
      chunked_ = true;
    else if (same_name(line, "connection: close"))
      reply_.keep = false;
  }
  head_read_ = true;
  chunk_at_ = head_end_;
  return has_length || chunked_ ? State::done : State::broken;
}

ReplyReader::State ReplyReader::read_chunks() {
  while (true) {
    auto line_end = buffer_.find("\r\n", chunk_at_);
    if (line_end == std::string::npos) return State::more;
    std::size_t size = 0;
    if (!number(std::string_view{buffer_}.substr(chunk_at_, line_end - chunk_at_), size, 16))
      return State::broken;
    if (buffer_.size() < line_end + 2 + size + 2) return State::more;
    if (size == 0) break;
    chunks_.append(buffer_, line_end + 2, size);
    chunk_at_ = line_end + 2 + size + 2;
  }
  reply_.body = chunks_;
  return State::done;
}

Connection::~Connection() { close(); }

void Connection::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  state_ = State::closed;
}

bool Connection::open(const std::string& host, std::uint16_t port) {
  close();
  ::addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  ::addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return false;
  for (auto* at = found; at != nullptr && fd_ < 0; at = at->ai_next) {
    fd_ = ::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0 || ::connect(fd_, at->ai_addr, at->ai_addrlen) == 0) continue;
    ::close(fd_);
    fd_ = -1;
  }
  ::freeaddrinfo(found);
  if (fd_ < 0) return false;
  int yes = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  state_ = State::idle;
  return true;
}

bool Connection::hung_up() const {
  char byte = 0;
  const auto got = ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

void Connection::start(std::string request) {
  request_ = std::move(request);
  written_ = 0;
  reader_.reset();
  state_ = State::writing;
}

bool Connection::advance() {
  if (state_ == State::writing && write_some()) return true;
  return state_ == State::reading && read_some();
}

bool Connection::write_some() {
  while (written_ < request_.size()) {
    auto sent = ::send(fd_, request_.data() + written_, request_.size() - written_,
                       MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
    if (sent < 0) {
      close();
      return true;
    }
    written_ += static_cast<std::size_t>(sent);
  }
  state_ = State::reading;
  return false;
}

bool Connection::read_some() {
  char window[32 * 1024];
  while (true) {
    auto got = ::recv(fd_, window, sizeof window, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
    auto state = got <= 0 ? ReplyReader::State::broken
                          : reader_.feed({window, static_cast<std::size_t>(got)});
    if (state == ReplyReader::State::more) continue;
    if (state == ReplyReader::State::broken) {
      close();
      return true;
    }
    state_ = State::idle;
    return true;
  }
}

} // namespace graphrag::bench
