#include "actors/chunk/trim_rule.hpp"

#include <algorithm>

namespace graphrag::chunk {

void TrimRule::said(runtime::SteadyTime now, std::optional<std::uint64_t> left_behind) {
  known_ = left_behind.has_value();
  if (known_) said_.push_back({now, *left_behind});
  while (said_.size() > 1 && now - said_[1].at >= keep_) said_.pop_front();
  old_enough_ = !said_.empty() && now - said_.front().at >= keep_;
}

std::uint64_t TrimRule::may_go() const {
  if (!known_ || !old_enough_) return 0;
  return std::ranges::min_element(said_, {}, &Said::number)->number;
}

} // namespace graphrag::chunk
