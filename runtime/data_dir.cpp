#include "runtime/data_dir.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "runtime/check.hpp"

namespace graphrag::runtime {
namespace {

namespace fs = std::filesystem;
constexpr char lock_name[] = "graphrag.lock";

tl::unexpected<Error> failed(const std::string& path, int error) {
  const Errc code = error == ENOSPC || error == EDQUOT ? Errc::no_space : Errc::io;
  return fail(code, "data folder " + path + ": " + std::strerror(error));
}

// Each missing folder of the path, from the top, for the owner only.
Status make_folders(const fs::path& path) {
  fs::path so_far;
  for (const auto& part : path) {
    so_far /= part;
    if (::mkdir(so_far.c_str(), 0700) == 0 || errno == EEXIST) continue;
    const int error = errno;
    std::error_code ignored;
    if (!fs::is_directory(so_far, ignored)) return failed(path, error);
  }
  std::error_code ignored;
  if (!fs::is_directory(path, ignored))
    return fail(Errc::invalid_argument, "data folder " + path.string() + " is not a folder");
  return {};
}

std::string holder(int lock) {
  char text[32] = {};
  const ssize_t got = ::pread(lock, text, sizeof text - 1, 0);
  std::string pid(text, got > 0 ? static_cast<std::size_t>(got) : 0);
  pid.erase(std::find_if(pid.begin(), pid.end(), [](char c) { return c < '0' || c > '9'; }),
            pid.end());
  return pid.empty() ? "another process" : "pid " + pid;
}

} // namespace

Result<std::unique_ptr<DataDir>> DataDir::open(const std::string& path) {
  if (path.empty()) return fail(Errc::invalid_argument, "no data folder is named");
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error).lexically_normal();
  if (error) return failed(path, error.value());
  if (auto made = make_folders(absolute); !made) return tl::unexpected(made.error());

  const fs::path file = absolute / lock_name;
  UniqueFd lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return failed(absolute, errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed(absolute, errno);
    return fail(Errc::conflict,
                "data folder " + absolute.string() + " is in use by " + holder(lock.get()));
  }
  // For the message above only: the lock is the kernel's and ends with this process.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock.get(), 0) != 0 ||
      ::pwrite(lock.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return failed(absolute, errno);
  return std::unique_ptr<DataDir>(new DataDir(absolute.string(), std::move(lock)));
}

DataDir::~DataDir() {
  if (lock_) [[maybe_unused]]
    const int emptied = ::ftruncate(lock_.get(), 0);
}

std::string DataDir::file(std::string_view name) const {
  RUNTIME_CHECK(!name.empty() && name != "." && name != ".." &&
                    name.find('/') == std::string_view::npos,
                "not a plain name inside the data folder");
  return path_ + "/" + std::string(name);
}

Result<std::uint64_t> DataDir::free_bytes() const {
  struct statvfs disk {};
  if (::statvfs(path_.c_str(), &disk) != 0) return failed(path_, errno);
  return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

} // namespace graphrag::runtime
