#include "bench/http/load_client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace graphrag::bench {
namespace {

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) die("connect");
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

void send_all(int fd, const std::string& bytes) {
  if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
    die("send");
  }
}

// The length of one answer, head and body.
std::size_t measure_answer(std::uint16_t port, const std::string& request) {
  const int fd = connect_to(port);
  send_all(fd, request);
  std::string in;
  while (true) {
    char buffer[4096];
    const auto n = ::recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0) die("recv");
    in.append(buffer, static_cast<std::size_t>(n));
    const auto end = in.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    for (auto& c : in) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (in.find("http/1.1 200") != 0) die("not 200");
    const auto length = std::stoul(in.substr(in.find("content-length: ") + 16));
    ::close(fd);
    return end + 4 + length;
  }
}

} // namespace

double requests_per_second(std::uint16_t port, const std::string& request, int connections,
                           std::chrono::milliseconds duration) {
  const auto answer = measure_answer(port, request);
  const int poll = ::epoll_create1(0);
  struct Connection {
    int fd;
    std::size_t got = 0;
  };
  std::vector<Connection> all;
  for (int i = 0; i < connections; ++i) {
    all.push_back({connect_to(port)});
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<std::uint32_t>(i);
    ::epoll_ctl(poll, EPOLL_CTL_ADD, all.back().fd, &event);
  }
  for (const auto& c : all) send_all(c.fd, request);
  const auto begin = std::chrono::steady_clock::now();
  const auto until = begin + duration;
  auto now = begin;
  std::uint64_t answers = 0;
  std::array<epoll_event, 64> events{};
  std::array<char, 16384> buffer{};
  while (now < until) {
    const int n = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 1000);
    for (int i = 0; i < n; ++i) {
      auto& c = all[events[static_cast<std::size_t>(i)].data.u32];
      const auto bytes = ::recv(c.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (bytes <= 0) die("recv");
      c.got += static_cast<std::size_t>(bytes);
      if (c.got < answer) continue;
      if (c.got > answer) die("an answer of another length");
      c.got = 0;
      ++answers;
      send_all(c.fd, request);
    }
    now = std::chrono::steady_clock::now();
  }
  for (const auto& c : all) ::close(c.fd);
  ::close(poll);
  return static_cast<double>(answers) / std::chrono::duration<double>(now - begin).count();
}

} // namespace graphrag::bench
