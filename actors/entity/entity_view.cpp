#include "actors/entity/entity_view.hpp"

namespace graphrag::entity {

void EntityView::set_document(const std::string& id,
                              std::shared_ptr<const chunk::LiveDocument> document,
                              std::uint64_t seq) {
  const auto known = names_.set_document(id, document);
  if (known != document) communities_.note(id, known, document, seq);
}

void EntityView::set_verdicts(std::span<const runtime::Verdict> verdicts) {
  std::vector<NameVerdict> names;
  for (const auto& verdict : verdicts)
    names.push_back({verdict.first, verdict.second, verdict.same});
  names_.set_verdicts(names);
}

} // namespace graphrag::entity
