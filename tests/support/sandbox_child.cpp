// A parser's child that does as its request says, to see what the sandbox makes of it. Also hosts
// a pool of such children ("host"), to see what becomes of them when the host is killed.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <sched.h>
#include <sstream>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include "actors/document/sandboxed_parser.hpp"
#include "runtime/sandbox/parser_child.hpp"
#include "runtime/sandbox/parser_pool.hpp"

namespace {

using Argument = const std::string&;
using Command = std::string (*)(Argument);

std::string error_name(int error) {
  const char* name = ::strerrorname_np(error);
  return name != nullptr ? name : std::to_string(error);
}
std::string outcome(long result) { return result < 0 ? error_name(errno) : "done"; }

// Recurses until the stack ends; the condition only the compiler cannot see through.
[[gnu::noinline]] std::size_t overflow(std::size_t depth) {
  std::string frame(32, static_cast<char>(depth));
  if (::getenv("NEVER_SET") != nullptr) return depth;
  return overflow(depth + 1) + frame.size();
}

std::string touch_null(Argument) {
  volatile std::uintptr_t address = 8;
  return std::to_string(*reinterpret_cast<volatile int*>(address));
}

std::string read_file(Argument path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return error_name(errno);
  char buffer[64];
  const auto got = ::read(fd, buffer, sizeof buffer);
  ::close(fd);
  return got < 0 ? error_name(errno) : "read " + std::to_string(got);
}

// Everything that is open, apart from /dev/null.
std::string descriptors(Argument) {
  std::ostringstream found;
  struct stat null {};
  ::fstat(0, &null);
  for (int fd = 0; fd < 1024; ++fd) {
    struct stat is {};
    if (::fstat(fd, &is) != 0) continue;
    if (is.st_rdev == null.st_rdev && S_ISCHR(is.st_mode)) continue;
    found << fd << (S_ISSOCK(is.st_mode) ? " socket;" : " other;");
  }
  return found.str();
}

std::string environment(Argument) {
  std::string all;
  for (char** at = environ; *at != nullptr; ++at) all += std::string(*at) + ";";
  return all;
}

std::string flood_channel(Argument) {
  const std::string noise(1 << 16, '\xff');
  while (::write(3, noise.data(), noise.size()) > 0) {
  }
  for (;;) ::pause();
}

std::string flood_stderr(Argument) {
  const std::string noise(1 << 16, 'x');
  for (int i = 0; i < 1000; ++i)
    for (const int fd : {1, 2})
      if (::write(fd, noise.data(), noise.size()) < 0) return error_name(errno);
  return "flooded";
}

std::string spin(Argument) {
  std::atomic<int> turns{0};
  for (;;) ++turns;
}

std::string swell(Argument) { // by operator new, touching every page
  std::vector<std::unique_ptr<char[]>> all;
  for (;;) {
    all.emplace_back(new char[1 << 20]);
    std::memset(all.back().get(), 1, 1 << 20);
  }
}

std::string swell_like_c(Argument) { // a library that does not look at malloc's answer
  for (;;) std::memset(std::malloc(8 << 20), 1, 8 << 20);
}

std::string connect_local(Argument) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  return outcome(fd);
}

std::string spawn_thread(Argument) {
  std::thread([] {}).join();
  return "done";
}

std::string executable_memory(Argument) {
  void* at =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? error_name(errno) : "done";
}

const std::map<std::string, Command, std::less<>> commands = {
    {"echo", [](Argument text) { return text; }},
    {"length", [](Argument text) { return std::to_string(text.size()); }},
    {"large", [](Argument size) { return std::string(std::stoull(size), 'a'); }},
    {"pid", [](Argument) { return std::to_string(::getpid()); }},
    {"segv", touch_null},
    {"abort", [](Argument) -> std::string { std::abort(); }},
    {"overflow", [](Argument) { return std::to_string(overflow(0)); }},
    {"exit", [](Argument code) -> std::string { ::_exit(std::stoi(code)); }},
    {"throw", [](Argument text) -> std::string { throw std::runtime_error(text); }},
    {"spin", spin},
    {"sleep",
     [](Argument) -> std::string {
       for (;;) ::sleep(1000);
     }},
    {"stop", [](Argument) { return outcome(::raise(SIGSTOP)); }},
    {"swell", swell},
    {"swell_like_c", swell_like_c},
    {"huge", [](Argument) { return std::string(1ULL << 45, 'x'); }},
    {"read", read_file},
    {"stat",
     [](Argument path) {
       struct stat is {};
       return outcome(::stat(path.c_str(), &is));
     }},
    {"list",
     [](Argument path) {
       return std::string(::opendir(path.c_str()) ? "done" : error_name(errno));
     }},
    {"write",
     [](Argument path) { return outcome(::open(path.c_str(), O_WRONLY | O_CREAT, 0600)); }},
    {"append", [](Argument path) { return outcome(::open(path.c_str(), O_RDWR | O_APPEND)); }},
    {"truncate", [](Argument path) { return outcome(::truncate(path.c_str(), 0)); }},
    {"unlink", [](Argument path) { return outcome(::unlink(path.c_str())); }},
    {"socket", [](Argument) { return outcome(::socket(AF_INET, SOCK_STREAM, 0)); }},
    {"local_socket", connect_local},
    {"exec",
     [](Argument path) {
       char* none[] = {nullptr};
       return outcome(::execve(path.c_str(), none, none));
     }},
    {"fork", [](Argument) { return outcome(::fork()); }},
    {"thread", spawn_thread},
    {"ptrace", [](Argument) { return outcome(::ptrace(PTRACE_ATTACH, ::getppid(), 0, 0)); }},
    {"kill_parent", [](Argument pid) { return outcome(::kill(std::stoi(pid), SIGKILL)); }},
    {"memfd", [](Argument) { return outcome(::memfd_create("x", 0)); }},
    {"raise_limit", [](Argument) { return outcome(::syscall(SYS_setrlimit, 0, nullptr)); }},
    {"unshare", [](Argument) { return outcome(::unshare(CLONE_NEWUSER)); }},
    {"executable_memory", executable_memory},
    {"descriptors", descriptors},
    {"environment", environment},
    {"flood_channel", flood_channel},
    {"flood_stderr", flood_stderr},
    {"close_channel",
     [](Argument) -> std::string {
       ::close(3);
       for (;;) ::pause();
     }},
};

std::string obey(std::string_view request) {
  const auto space = request.find(' ');
  const auto command = commands.find(request.substr(0, space));
  if (command == commands.end()) return "unknown command";
  return command->second(std::string(space == request.npos ? "" : request.substr(space + 1)));
}

// Stands in for the parser of documents: the file's name says what to do.
graphrag::document::Result<graphrag::document::ParsedDocument>
stand_in(std::string_view bytes, std::string_view filename, std::string_view,
         const graphrag::document::formats::Limits&) {
  using namespace graphrag::document;
  const std::map<std::string_view, const char*> ways = {{"crash", "segv"},
                                                        {"throw", "throw"},
                                                        {"socket", "socket"},
                                                        {"hang", "sleep"},
                                                        {"swell", "swell"}};
  if (const auto way = ways.find(filename); way != ways.end()) obey(way->second);
  ParsedDocument document;
  document.text = bytes;
  if (filename == "corrupt") return tl::unexpected(Error{Errc::corrupt, "no trailer"});
  if (filename == "bad_blocks") document.blocks = {{BlockKind::paragraph, 0, 0, 0, 1'000'000}};
  if (filename == "large") document.text.assign(65 << 20, 'x');
  return document;
}

int host(char** argv) {
  graphrag::runtime::ParserPoolOptions options;
  options.arguments = {argv[0], "__parse"};
  auto pool = graphrag::runtime::ParserPool::start(options);
  if (!pool) return 1;
  for (int i = 0; i < 2; ++i)
    if (!(*pool)->submit({.head = "sleep"}, [](auto) {})) return 1;
  std::puts("hosting");
  std::fflush(stdout);
  for (;;) ::pause();
}

} // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "host") return host(argv);
  if (mode == "__broken") {
    std::fputs("cannot load a library\n", stderr);
    return 3;
  }
  if (mode == "__parse_files") return graphrag::document::parser_child(argc, argv);
  if (mode == "__parse_stand_in") graphrag::document::parser_child_with(stand_in);
  if (mode != "__parse") return 2;
  graphrag::runtime::ParserChild child{.parse = obey};
  if (argc > 2) child.readable.push_back(argv[2]);
  graphrag::runtime::parser_child_main(child);
}
