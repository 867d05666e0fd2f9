#include "runtime/store/rules/change_order.hpp"

#include <algorithm>
#include <tuple>

namespace graphrag::runtime {

void order_changes(std::vector<Change>& changes, std::size_t limit) {
  auto rank = [](ChangeKind kind) {
    if (kind == ChangeKind::drop_collection) return 0;
    return kind == ChangeKind::create_collection ? 1 : 2;
  };
  std::ranges::sort(changes, [&](const Change& a, const Change& b) {
    return std::tuple(a.seq, rank(a.kind), std::tie(a.key)) <
           std::tuple(b.seq, rank(b.kind), std::tie(b.key));
  });
  if (changes.size() <= limit) return;
  auto keep = std::max<std::size_t>(limit, 1);
  while (keep < changes.size() && changes[keep].seq == changes[keep - 1].seq) ++keep;
  changes.resize(keep);
}

} // namespace graphrag::runtime
