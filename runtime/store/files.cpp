#include "runtime/store/files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/content_hash.hpp"

namespace graphrag::runtime::files {
namespace {

class File {
public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

private:
  int descriptor_;
};

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

} // namespace

Error error_of(int code, std::string_view doing, const std::string& path) {
  auto kind = code == ENOSPC || code == EDQUOT ? Errc::no_space
              : code == ENOENT                 ? Errc::not_found
                                               : Errc::io;
  return {kind, std::string(doing) + " " + path + ": " + std::strerror(code)};
}

Status write_synced(const std::string& path, std::string_view bytes) {
  File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return tl::unexpected(error_of(errno, "create", path));
  if (write_all(file.get(), bytes) && ::fsync(file.get()) == 0) return {};
  auto error = error_of(errno, "write", path);
  ::unlink(path.c_str());
  return tl::unexpected(std::move(error));
}

Result<std::string> read_all(const std::string& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return tl::unexpected(error_of(errno, "open", path));
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return tl::unexpected(error_of(errno, "stat", path));
  std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    auto got = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(error_of(errno, "read", path));
    if (got == 0) break; // truncated meanwhile: the checksum will say so
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

namespace {

// Gives the file's bytes to `each`, a piece at a time, until it fails.
template <class Each>
Result<Digest> read_pieces(const std::string& path, Each each) {
  constexpr std::size_t piece = 1024 * 1024;
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return tl::unexpected(error_of(errno, "open", path));
  Digest digest;
  ContentHasher hasher;
  std::string bytes(piece, '\0');
  for (;;) {
    const auto got = ::read(file.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(error_of(errno, "read", path));
    if (got == 0) break;
    const std::string_view read{bytes.data(), static_cast<std::size_t>(got)};
    if (auto given = each(read); !given) return tl::unexpected(given.error());
    hasher.add(read);
    digest.bytes += read.size();
  }
  digest.hash = hasher.finish();
  return digest;
}

} // namespace

Result<Digest> digest_of(const std::string& path) {
  return read_pieces(path, [](std::string_view) { return Status{}; });
}

Result<Digest> copy(const std::string& from, const std::string& to) {
  File file(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.get() < 0) return tl::unexpected(error_of(errno, "create", to));
  return read_pieces(from, [&](std::string_view bytes) -> Status {
    if (!write_all(file.get(), bytes)) return tl::unexpected(error_of(errno, "write", to));
    return {};
  });
}

Status sync_file_system(const std::string& path) {
  File folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return tl::unexpected(error_of(errno, "open folder", path));
  if (::syncfs(folder.get()) != 0) return tl::unexpected(error_of(errno, "sync", path));
  return {};
}

Status rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  return tl::unexpected(error_of(errno, "rename", to));
}

Status sync_folder(const std::string& path) {
  File folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return tl::unexpected(error_of(errno, "open folder", path));
  if (::fsync(folder.get()) != 0) return tl::unexpected(error_of(errno, "sync folder", path));
  return {};
}

Status make_folder(const std::string& parent, const std::string& name) {
  auto path = parent + "/" + name;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return tl::unexpected(error_of(errno, "create folder", path));
  return sync_folder(parent);
}

} // namespace graphrag::runtime::files
