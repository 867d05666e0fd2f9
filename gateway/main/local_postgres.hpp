#pragma once
// A PostgreSQL of this machine's packages for a cluster of one's own, in a folder, on a unix socket
// that only its user (and root) can reach. Started as root it runs as the user `postgres`, since it
// refuses root. It ends with this process.
#include <filesystem>
#include <string>

#include <sys/types.h>

#include "runtime/error.hpp"

namespace graphrag {

class LocalPostgres {
public:
  // Makes the database on first use. Call from a thread that lives as long as it is needed. Errors:
  // not_found (no PostgreSQL is installed), unavailable (it does not start; its log says why).
  static runtime::Result<LocalPostgres> start(const std::filesystem::path& folder);
  LocalPostgres(LocalPostgres&& other) noexcept;
  LocalPostgres& operator=(LocalPostgres&&) = delete;
  ~LocalPostgres(); // disconnects its clients and waits until it has ended

  const std::string& url() const { return url_; }

private:
  LocalPostgres() = default;
  ::pid_t pid_ = -1;
  std::string url_;
};

} // namespace graphrag
