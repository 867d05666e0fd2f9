#pragma once
// The entities of one collection on this node: a NameDirectory fed by whole documents, so that
// applying the same version twice, or a whole rebuild, changes nothing.
#include <memory>
#include <string>

#include "actors/chunk/index.hpp"
#include "actors/entity/community_view.hpp"
#include "actors/entity/directory.hpp"

namespace graphrag::entity {

class EntityView {
public:
  // The document's facts are now these (null: it is gone), by the log's number `seq`; 0: the index
  // has them already. One writer.
  void set_document(const std::string& id, std::shared_ptr<const chunk::LiveDocument> document,
                    std::uint64_t seq = 0);
  void set_verdicts(std::span<const runtime::Verdict> verdicts);
  const NameDirectory& names() const noexcept { return names_; }
  // Of the same documents, some time later; thread-safe by itself.
  CommunityView& communities() noexcept { return communities_; }
  const CommunityView& communities() const noexcept { return communities_; }

private:
  NameDirectory names_;
  CommunityView communities_;
};

} // namespace graphrag::entity
