#include "runtime/sandbox/pool_child.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace graphrag::runtime::sandbox {
namespace {

// One read into [at, at + size); `got` is what came.
Progress read_some(int fd, void* at, std::size_t size, std::size_t& got) {
  const ssize_t count = ::recv(fd, at, size, MSG_DONTWAIT);
  got = count > 0 ? static_cast<std::size_t>(count) : 0;
  if (count > 0) return got == size ? Progress::complete : Progress::more;
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return Progress::nothing;
  return Progress::closed;
}

} // namespace

PoolChild::PoolChild(SpawnedChild process, SteadyTime start_deadline)
    : deadline(start_deadline), process_(std::move(process)) {}

void PoolChild::kill() const { ::kill(process_.pid, SIGKILL); }

Progress PoolChild::read_hello() {
  std::size_t got = 0;
  const auto progress =
      read_some(process_.channel.get(), reinterpret_cast<char*>(&hello_) + head_got_,
                sizeof hello_ - head_got_, got);
  head_got_ += got;
  if (progress != Progress::complete) return progress;
  head_got_ = 0;
  return hello_.magic == wire_magic ? Progress::complete : Progress::broken;
}

Progress PoolChild::read_answer(std::uint64_t max_answer) {
  constexpr std::size_t piece = 1 << 20;
  std::size_t got = 0;
  if (head_got_ < sizeof head_) {
    const auto progress =
        read_some(process_.channel.get(), reinterpret_cast<char*>(&head_) + head_got_,
                  sizeof head_ - head_got_, got);
    head_got_ += got;
    if (progress != Progress::complete) return progress;
    if (head_.magic != wire_magic || head_.length > max_answer ||
        head_.status > AnswerStatus::too_large)
      return Progress::broken;
    return head_.length == 0 ? Progress::complete : Progress::more;
  }
  // Grown piece by piece: a length alone takes no memory here.
  const std::size_t before = answer_.size();
  const std::size_t wanted = std::min<std::size_t>(piece, head_.length - before);
  answer_.resize(before + wanted);
  const auto progress = read_some(process_.channel.get(), answer_.data() + before, wanted, got);
  answer_.resize(before + got);
  if (progress == Progress::closed || progress == Progress::nothing) return progress;
  return answer_.size() == head_.length ? Progress::complete : Progress::more;
}

ParserOutcome PoolChild::take_answer() {
  ParserOutcome outcome;
  switch (head_.status) {
  case AnswerStatus::ok:
    outcome.answer = std::move(answer_);
    break;
  case AnswerStatus::exception:
    outcome.kind = ParserOutcome::Kind::crashed;
    outcome.detail = "the parser threw an exception";
    break;
  case AnswerStatus::too_large:
    outcome.kind = ParserOutcome::Kind::answer_too_large;
    outcome.detail = "the parser's answer is larger than the limit";
    break;
  }
  return outcome;
}

bool PoolChild::over_memory(std::uint64_t resident) {
  char path[32], text[128];
  std::snprintf(path, sizeof path, "/proc/%d/statm", static_cast<int>(process_.pid));
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return false;
  const ssize_t got = ::read(file.get(), text, sizeof text - 1);
  if (got <= 0) return false;
  text[got] = 0;
  unsigned long long size = 0, pages = 0;
  if (std::sscanf(text, "%llu %llu", &size, &pages) != 2) return false;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  seen_size_ = size * page;
  seen_resident_ = pages * page;
  return resident != 0 && seen_resident_ > resident;
}

ParserOutcome PoolChild::explain(const Exit& exit, const ParserPoolOptions& options) const {
  using Kind = ParserOutcome::Kind;
  // A kill by the pool says nothing: only a signal that it did not send is told.
  const int signal = killed_for ? 0 : exit.signal;
  const auto with = [signal](Kind kind, std::string detail) {
    ParserOutcome outcome;
    outcome.kind = kind;
    outcome.signal = signal;
    outcome.detail = std::move(detail);
    return outcome;
  };
  if (killed_for) {
    switch (*killed_for) {
    case Kind::timeout:
      return with(Kind::timeout, "the parser exceeded its time");
    case Kind::memory:
      return with(Kind::memory, "the parser exceeded its memory");
    case Kind::canceled:
      return with(Kind::canceled, "the parsers were stopped");
    default:
      return with(*killed_for, "the parser's answer was not understood");
    }
  }
  if (exit.signal == SIGXCPU) return with(Kind::timeout, "the parser exceeded its CPU time");
  const auto nearly = [](std::uint64_t seen, std::uint64_t limit) {
    return limit != 0 && seen > limit / 10 * 9;
  };
  const bool swollen = (!sanitized && nearly(seen_size_, options.address_space)) ||
                       nearly(seen_resident_, options.resident);
  if ((exit.signal == 0 && exit.code == exit_memory) ||
      (swollen && (exit.signal == SIGABRT || exit.signal == SIGSEGV || exit.signal == SIGKILL)))
    return with(Kind::memory, "the parser exceeded its memory");
  if (exit.signal == SIGSYS)
    return with(Kind::crashed, "the parser was killed for a forbidden system call (SIGSYS)");
  if (exit.signal != 0) {
    const char* name = ::sigabbrev_np(exit.signal);
    return with(Kind::crashed,
                "the parser was killed by SIG" +
                    (name != nullptr ? std::string(name) : std::to_string(exit.signal)));
  }
  return with(Kind::crashed,
              "the parser ended without an answer, exit code " + std::to_string(exit.code));
}

} // namespace graphrag::runtime::sandbox
