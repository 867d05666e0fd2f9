#include "actors/entity/entity_view.hpp"

namespace graphrag::entity {

void EntityView::set_document(const std::string& id,
                              std::shared_ptr<const chunk::LiveDocument> document) {
  auto& known = documents_[id];
  if (known != document) {
    if (known) change(*known, false);
    if (document) change(*document, true);
    known = std::move(document);
  }
  if (!known) documents_.erase(id);
}

void EntityView::change(const chunk::LiveDocument& document, bool add) {
  for (const auto& facts : document.analysis.chunks) {
    auto text =
        std::string_view{document.text}.substr(facts.start_byte, facts.end_byte - facts.start_byte);
    if (add)
      names_.add(facts, text);
    else
      names_.remove(facts, text);
  }
}

} // namespace graphrag::entity
