#include "cluster/log_freshness.hpp"

#include <algorithm>

namespace graphrag::cluster {

void LogFreshness::stands(Millis now, std::uint64_t needed_after) {
  if (now - current_ > limit_ && stands_ != needed_after) missed_ = true;
  stands_ = needed_after;
  if (!awaited_ || needed_after < awaited_->seq) return;
  current_ = std::max(current_, awaited_->sent);
  awaited_.reset();
}

void LogFreshness::saw(Millis sent, std::uint64_t seq) {
  if (stands_ && *stands_ >= seq)
    current_ = std::max(current_, sent);
  else if (!awaited_)
    awaited_ = {sent, seq};
}

} // namespace graphrag::cluster
