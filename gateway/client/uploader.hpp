#pragma once
// Uploads many files with several in flight. A file is done when its document is searchable or has
// failed; refusals (429, 503) and broken connections are retried with backoff until nothing has
// gone through for a while.
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gateway/client/api.hpp"
#include "gateway/client/file_walk.hpp"
#include "gateway/client/retry.hpp"

namespace graphrag::client {

enum class Fate : std::uint8_t { stored, unchanged, failed };

struct UploadOutcome {
  std::string id;
  Fate fate = Fate::failed;
  int status = 0; // 0 when there was no answer
  std::string code, detail;
  std::uint64_t bytes = 0;
};

struct UploadOptions {
  ServerAddress server;
  std::string collection = "default";
  unsigned in_flight = 4;
  RetryPolicy retry;
  std::map<std::string, std::uint64_t> known; // versions before: an equal one means unchanged
  const std::atomic<bool>* stop = nullptr;    // set from outside (Ctrl-C): start nothing more
  // Told when nothing has been answered for `say_after`, why, and when there is an answer again.
  // Called from any thread, never from two at a time.
  std::function<void(const std::string&)> say = [](const std::string&) {};
  std::chrono::milliseconds say_after{3'000};
};

struct UploadReport {
  std::vector<UploadOutcome> outcomes; // of the files that were finished, in no order
  bool unreachable = false;            // given up: the server did not answer any more
  std::string reason;                  // of that, how much is stored, and what to do
};

// `on_outcome` is called under a lock, from any thread.
UploadReport upload_files(const std::vector<FoundFile>& files, const UploadOptions& options,
                          const std::function<void(const UploadOutcome&)>& on_outcome);

// The body of a multipart/form-data request with one part `file`; `boundary` must not occur in it.
std::string multipart_body(const std::string& boundary, const std::string& filename,
                           const std::string& mime, const std::string& bytes);
// A boundary that does not occur in the bytes.
std::string multipart_boundary(const std::string& bytes);

} // namespace graphrag::client
