#pragma once
// The entities of one collection on this node: a NameDirectory fed by whole documents, so that
// applying the same version twice, or a whole rebuild, changes nothing.
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "actors/chunk/index.hpp"
#include "actors/entity/directory.hpp"

namespace graphrag::entity {

class EntityView {
public:
  // The document's facts are now these (null: it is gone). One writer.
  void set_document(const std::string& id, std::shared_ptr<const chunk::LiveDocument> document);
  const NameDirectory& names() const noexcept { return names_; }

private:
  void change(const chunk::LiveDocument& document, bool add);

  NameDirectory names_;
  std::unordered_map<std::string, std::shared_ptr<const chunk::LiveDocument>> documents_;
};

} // namespace graphrag::entity
