#include "tests/support/s3_server.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/eventually.hpp"

namespace graphrag::test {
namespace {

namespace s3 = runtime::s3;

std::string from_environment(const char* name, const std::string& otherwise) {
  const auto* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

std::string command() {
  const bool installed = std::system("command -v s3rver >/dev/null 2>&1") == 0;
  return from_environment("GRAPHRAG_S3_TEST_SERVER",
                          installed ? "s3rver -d \"$S3_FOLDER\" -a 127.0.0.1 -p $S3_PORT" : "");
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool ok = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!ok) throw std::runtime_error("no free port");
  return ::ntohs(address.sin_port);
}

bool answers(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = ::htons(port);
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  const bool ok = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return ok;
}

runtime::S3Options options_for(std::uint16_t port, const std::string& bucket) {
  runtime::S3Options out;
  out.endpoint = "http://127.0.0.1:" + std::to_string(port);
  out.bucket = bucket;
  out.prefix = "originals";
  out.access_key = from_environment("AWS_ACCESS_KEY_ID", "S3RVER");
  out.secret_key = from_environment("AWS_SECRET_ACCESS_KEY", "S3RVER");
  return out;
}

} // namespace

std::string S3Server::why_not() {
  if (!command().empty()) return {};
  return "no S3 server: GRAPHRAG_S3_TEST_SERVER is not set and s3rver is not installed";
}

S3Server::S3Server() : port_(free_port()) {
  auto name = (std::filesystem::temp_directory_path() / "graphrag-s3-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
  folder_ = name;
  const auto run = "exec " + command() + " >\"$S3_FOLDER\".log 2>&1";
  const auto options = options_for(port_, "");
  process_ = ::fork();
  if (process_ == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setenv("S3_PORT", std::to_string(port_).c_str(), 1);
    ::setenv("S3_FOLDER", folder_.c_str(), 1);
    ::setenv("AWS_ACCESS_KEY_ID", options.access_key.c_str(), 1);
    ::setenv("AWS_SECRET_ACCESS_KEY", options.secret_key.c_str(), 1);
    ::execl("/bin/sh", "sh", "-c", run.c_str(), nullptr);
    ::_exit(127);
  }
  if (!eventually([&] { return answers(port_); }))
    throw std::runtime_error("the S3 server does not come up; see " + folder_ + ".log");
}

S3Server::~S3Server() {
  ::kill(-process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  std::filesystem::remove(folder_ + ".log", ignored);
}

S3Server& S3Server::shared() {
  static S3Server server;
  return server;
}

runtime::S3Options S3Server::empty_bucket() {
  const auto options = options_for(port_, "contract-" + std::to_string(++buckets_));
  const auto session = s3::Session::make(options, {});
  if (!session) throw std::runtime_error(session.error().detail);
  const auto made = (*session)->send({.method = "PUT"});
  if (!made) throw std::runtime_error(made.error().detail);
  if (!made->ok()) throw std::runtime_error((*session)->error_of(*made).detail);
  return options;
}

} // namespace graphrag::test
