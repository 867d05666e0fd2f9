#include "runtime/sandbox/parser_child.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <optional>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/sandbox/confine.hpp"
#include "runtime/sandbox/wire.hpp"

namespace graphrag::runtime {
namespace {

using namespace sandbox;

bool read_exactly(void* into, std::size_t size) {
  auto* at = static_cast<char*>(into);
  while (size > 0) {
    const ssize_t got = ::read(channel_fd, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_exactly(const void* from, std::size_t size) {
  const auto* at = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t put = ::write(channel_fd, at, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    at += put;
    size -= static_cast<std::size_t>(put);
  }
  return true;
}

// C libraries abort or touch a null pointer when malloc fails; errno still says why. The exit
// code tells the pool that it was memory. A wrong guess only changes the name of the failure.
extern "C" void on_fatal_signal(int signal) {
  if (errno == ENOMEM) ::_exit(exit_memory);
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void catch_fatal_signals() {
  alignas(16) static char stack[64 * 1024]; // the ordinary one may be what overflowed
  stack_t alternative{};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof stack;
  ::sigaltstack(&alternative, nullptr);
  struct sigaction action {};
  action.sa_handler = on_fatal_signal;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_NODEFER);
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGTRAP, SIGILL, SIGFPE})
    ::sigaction(signal, &action, nullptr);
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::fflush(stderr);
  ::_exit(exit_startup);
}

// The request's memory, mapped for reading; it stays mapped until the process ends.
std::optional<std::string_view> receive_request() {
  RequestHead head;
  iovec part{&head, sizeof head};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = 0;
  do got = ::recvmsg(channel_fd, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof head) || head.magic != wire_magic) return std::nullopt;
  const cmsghdr* item = CMSG_FIRSTHDR(&message);
  if (item == nullptr || item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS)
    return std::nullopt;
  int memory = -1;
  std::memcpy(&memory, CMSG_DATA(item), sizeof memory);
  std::string_view request;
  if (head.length > 0) {
    void* at = ::mmap(nullptr, head.length, PROT_READ, MAP_PRIVATE, memory, 0);
    if (at == MAP_FAILED) ::_exit(exit_memory);
    request = {static_cast<const char*>(at), head.length};
  }
  ::close(memory);
  return request;
}

[[noreturn]] void answer(AnswerStatus status, std::string_view bytes) {
  const AnswerHead head{wire_magic, status, bytes.size()};
  const bool sent = write_exactly(&head, sizeof head) && write_exactly(bytes.data(), bytes.size());
  ::_exit(sent ? 0 : 1);
}

[[noreturn]] void parse_one(const ParseFunction& parse, std::uint64_t max_answer) {
  const auto request = receive_request();
  if (!request) ::_exit(0); // the pool went away, or ended this child unused
  std::string result;
  try {
    errno = 0;
    result = parse(*request);
  } catch (const std::bad_alloc&) {
    ::_exit(exit_memory);
  } catch (...) {
    answer(AnswerStatus::exception, {});
  }
  if (result.size() > max_answer) answer(AnswerStatus::too_large, {});
  answer(AnswerStatus::ok, result);
}

} // namespace

void parser_child_main(const ParserChild& child) {
  ChildSetup setup;
  if (!read_exactly(&setup, sizeof setup) || setup.magic != wire_magic)
    give_up("started without a parser pool");
  if (auto shed = shed_privileges(setup); !shed) give_up(shed.error().detail);
  child.prepare();
  catch_fatal_signals();
  const auto abi = raise_walls(setup, child.readable);
  if (!abi) give_up(abi.error().detail);

  Hello hello;
  hello.landlock_abi = *abi;
  const int foreign = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  hello.foreign_file_errno = foreign >= 0 ? 0 : errno;
  if (foreign >= 0) ::close(foreign);
  if (!write_exactly(&hello, sizeof hello)) ::_exit(0);
  if (setup.self_test != 0) {
    ::socket(AF_INET, SOCK_STREAM, 0); // must not return
    ::_exit(0);
  }
  parse_one(child.parse, setup.max_answer);
}

} // namespace graphrag::runtime
