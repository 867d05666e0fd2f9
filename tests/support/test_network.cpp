#include "tests/support/test_network.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace graphrag::test {
namespace {

constexpr int packet_bytes = 9000;
constexpr std::size_t ipv4_header = 20, ipv4_target = 16;

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string{what} + ": " + std::strerror(errno));
}

void set_ip(sockaddr& out, const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, text.c_str(), &address.sin_addr);
  std::memcpy(&out, &address, sizeof address);
}

// The calling thread is in the namespace where the interface is to be.
runtime::UniqueFd open_tunnel(const std::string& address) {
  runtime::UniqueFd tunnel{::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)};
  must(static_cast<bool>(tunnel), "/dev/net/tun");
  const runtime::UniqueFd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq request{};
  std::strcpy(request.ifr_name, "net0");
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  must(::ioctl(tunnel.get(), TUNSETIFF, &request) == 0, "no tunnel");
  set_ip(request.ifr_addr, address);
  must(::ioctl(socket.get(), SIOCSIFADDR, &request) == 0, "no address");
  set_ip(request.ifr_netmask, "255.255.255.0");
  must(::ioctl(socket.get(), SIOCSIFNETMASK, &request) == 0, "no netmask");
  request.ifr_mtu = packet_bytes;
  must(::ioctl(socket.get(), SIOCSIFMTU, &request) == 0, "no packet size");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  must(::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0, "the interface does not come up");
  return tunnel;
}

} // namespace

TestNetwork::TestNetwork(std::size_t places, std::uint32_t seed)
    : places_(places), wake_(::eventfd(0, EFD_CLOEXEC)), random_(seed) {
  for (std::size_t i = 0; i < places; ++i) {
    const InNamespace there{places_[i].space.fd()};
    places_[i].tunnel = open_tunnel(address(i));
  }
  router_ = std::thread([this] { run(); });
}

TestNetwork::~TestNetwork() {
  stop_ = true;
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
  router_.join();
}

std::string TestNetwork::address(std::size_t i) { return "10.77.0." + std::to_string(i + 1); }

void TestNetwork::set(std::size_t from, std::size_t to, Line line) {
  const std::lock_guard lock{mutex_};
  ways_[{from, to}].line = line;
}

void TestNetwork::set_both(std::size_t a, std::size_t b, Line line) {
  set(a, b, line);
  set(b, a, line);
}

void TestNetwork::heal() {
  const std::lock_guard lock{mutex_};
  for (auto& [ends, way] : ways_) way.line = {};
}

TestNetwork::Counted TestNetwork::counted(std::size_t from, std::size_t to) const {
  const std::lock_guard lock{mutex_};
  const auto at = ways_.find({from, to});
  return at == ways_.end() ? Counted{} : at->second.counted;
}

void TestNetwork::run() {
  std::vector<pollfd> ready;
  for (const auto& place : places_) ready.push_back({place.tunnel.get(), POLLIN, 0});
  ready.push_back({wake_.get(), POLLIN, 0});
  while (!stop_) {
    if (::poll(ready.data(), ready.size(), deliver_due()) <= 0) continue;
    for (std::size_t i = 0; i < places_.size(); ++i)
      if (ready[i].revents != 0) take(i);
  }
}

void TestNetwork::take(std::size_t from) {
  for (int turn = 0; turn < 64; ++turn) { // the others have a turn too
    const auto size = ::read(places_[from].tunnel.get(), buffer_.data(), buffer_.size());
    if (size <= 0) return;
    route(from, buffer_.data(), static_cast<std::size_t>(size));
  }
}

void TestNetwork::route(std::size_t from, const char* bytes, std::size_t size) {
  if (size < ipv4_header || (bytes[0] >> 4) != 4) return;
  const auto host = static_cast<unsigned char>(bytes[ipv4_target + 3]);
  if (host == 0 || host > places_.size()) return; // broadcasts
  const std::size_t to = host - 1U;
  auto due = Clock::now();
  {
    const std::lock_guard lock{mutex_};
    auto& [line, counted, last] = ways_[{from, to}];
    if (line.cut) {
      ++counted.cut;
      return;
    }
    if (line.loss > 0 && std::uniform_real_distribution<>{0, 1}(random_) < line.loss) {
      ++counted.lost;
      return;
    }
    ++counted.passed;
    const auto jitter = static_cast<int>(line.jitter.count());
    const auto late = line.delay + std::chrono::milliseconds{
                                       std::uniform_int_distribution<>{-jitter, jitter}(random_)};
    due = last = std::max(last, due + std::max(late, std::chrono::milliseconds{0}));
    if (due > Clock::now()) ++counted.delayed;
  }
  if (due <= Clock::now())
    deliver(to, bytes, size);
  else
    waiting_.push({due, ++packets_, to, std::vector<char>(bytes, bytes + size)});
}

void TestNetwork::deliver(std::size_t to, const char* bytes, std::size_t size) {
  (void)!::write(places_[to].tunnel.get(), bytes, size); // a full queue loses it, as anywhere
}

int TestNetwork::deliver_due() {
  const auto now = Clock::now();
  for (; !waiting_.empty() && waiting_.top().due <= now; waiting_.pop())
    deliver(waiting_.top().to, waiting_.top().bytes.data(), waiting_.top().bytes.size());
  if (waiting_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(waiting_.top().due - now);
  return static_cast<int>(left.count());
}

} // namespace graphrag::test
