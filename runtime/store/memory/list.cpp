// Listing of the memory store.
#include <algorithm>

#include "runtime/store/memory/memory_store.hpp"
#include "runtime/store/rules/cursor.hpp"

namespace graphrag::runtime::memory {

Result<ListPage> MemoryStore::list(const ListRequest& request) {
  std::optional<Cursor> after;
  if (!request.after.empty()) {
    auto cursor = decode_cursor(request.after, request.sort);
    if (!cursor) return tl::unexpected(cursor.error());
    after = std::move(*cursor);
  }
  std::lock_guard lock(mutex_);
  auto where = tables_.collections.find(request.collection);
  if (where == tables_.collections.end()) return fail(Errc::not_found, "no such collection");

  bool by_time = request.sort == SortOrder::updated_desc;
  std::vector<const DocumentRecord*> matching;
  for (const auto& [id, document] : where->second.documents) {
    const auto& record = document.row.record;
    if (!id.starts_with(request.prefix)) continue;
    if (request.state && record.state != *request.state) continue;
    matching.push_back(&record);
  }
  if (by_time)
    std::ranges::stable_sort(
        matching, [](const auto* a, const auto* b) { return a->updated_ms > b->updated_ms; });

  ListPage page;
  page.total = matching.size();
  auto passed = [&](const DocumentRecord* record) {
    if (!after) return true;
    if (!by_time || record->updated_ms == after->updated_ms) return record->key.id > after->id;
    return record->updated_ms < after->updated_ms;
  };
  for (const auto* record : matching) {
    if (!passed(record)) continue;
    if (page.items.size() == std::max(request.limit, 1U)) {
      const auto& last = page.items.back();
      page.next = encode_cursor({request.sort, last.updated_ms, last.key.id});
      break;
    }
    page.items.push_back(*record);
  }
  return page;
}

} // namespace graphrag::runtime::memory
