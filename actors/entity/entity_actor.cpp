#include "actors/entity/entity_actor.hpp"

namespace graphrag::entity {

void EntityActor::apply(std::uint64_t seq, const std::string& collection,
                        std::span<const chunk::LogEntry> entries) {
  for (const auto& entry : entries) {
    if (entry.kind == runtime::ChangeKind::drop_collection) {
      views().drop(collection, seq);
      continue;
    }
    auto target = views().ensure(collection, seq);
    if (target.entities && !entry.id.empty()) target.entities->set_document(entry.id, entry.document);
  }
}

} // namespace graphrag::entity
