#include "actors/entity/entity_actor.hpp"

namespace graphrag::entity {

void EntityActor::apply(std::uint64_t seq, const std::string& collection,
                        std::span<const chunk::LogEntry> entries) {
  entries = chunk::after_last_drop(views(), seq, collection, entries);
  if (entries.empty()) return;
  auto target = views().ensure(number(), collection, seq);
  if (!target.entities) return;
  for (const auto& entry : entries) {
    if (entry.verdicts) target.entities->set_verdicts(*entry.verdicts);
    if (!entry.id.empty() && !entry.vectors)
      target.entities->set_document(entry.id, entry.document, seq);
  }
}

} // namespace graphrag::entity
