#include "runtime/sandbox/request_memory.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "runtime/sandbox/wire.hpp"

namespace graphrag::runtime::sandbox {
namespace {

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

} // namespace

Result<RequestMemory> make_request_memory(std::string_view head, std::string_view body) {
  RequestMemory memory{UniqueFd(::memfd_create("request", MFD_CLOEXEC | MFD_ALLOW_SEALING)),
                       head.size() + body.size()};
  if (!memory.fd || !write_all(memory.fd.get(), head) || !write_all(memory.fd.get(), body) ||
      ::fcntl(memory.fd.get(), F_ADD_SEALS,
              F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
    return fail(Errc::io, std::string("memory for a parser's request: ") + std::strerror(errno));
  return memory;
}

bool send_request(const UniqueFd& channel, const RequestMemory& memory) {
  RequestHead head;
  head.length = memory.bytes;
  iovec part{&head, sizeof head};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* item = CMSG_FIRSTHDR(&message);
  item->cmsg_level = SOL_SOCKET;
  item->cmsg_type = SCM_RIGHTS;
  item->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = memory.fd.get();
  std::memcpy(CMSG_DATA(item), &fd, sizeof fd);
  ssize_t sent = 0;
  do sent = ::sendmsg(channel.get(), &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(sizeof head);
}

} // namespace graphrag::runtime::sandbox
