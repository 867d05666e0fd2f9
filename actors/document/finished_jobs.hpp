#pragma once
// Which finished jobs are kept, so that a client can still ask how one went: the newest ones, and
// those not for ever.
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace graphrag::document {

inline constexpr std::size_t kept_finished_jobs = 1'000;
inline constexpr auto finished_jobs_kept_for = std::chrono::hours(7 * 24);

class FinishedJobs {
public:
  void add(const std::string& id, std::int64_t finished_ms) { jobs_.emplace(finished_ms, id); }

  // Takes out the jobs that are to be removed now.
  std::vector<std::string> due(std::int64_t now_ms) {
    constexpr std::int64_t longest_ms = std::chrono::milliseconds(finished_jobs_kept_for).count();
    std::vector<std::string> out;
    while (!jobs_.empty() &&
           (jobs_.size() > kept_finished_jobs || now_ms - jobs_.begin()->first > longest_ms)) {
      out.push_back(jobs_.begin()->second);
      jobs_.erase(jobs_.begin());
    }
    return out;
  }

private:
  std::set<std::pair<std::int64_t, std::string>> jobs_; // oldest first
};

} // namespace graphrag::document
