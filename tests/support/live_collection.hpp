#pragma once
// A collection as a node holds it, for tests without a server: index and entity view, fed by the
// same documents.
#include <memory>
#include <string>

#include "actors/chunk/analyse.hpp"
#include "actors/chunk/index.hpp"
#include "actors/entity/entity_view.hpp"

namespace graphrag::test {

inline std::shared_ptr<const chunk::LiveDocument>
live_document(const std::string& id, const std::string& title, const std::string& text,
              const std::string& metadata = "{}") {
  auto made = std::make_shared<chunk::LiveDocument>();
  made->id = id;
  made->title = title;
  made->text = text;
  made->metadata = metadata;
  document::ParsedDocument parsed;
  parsed.text = text;
  made->analysis = chunk::analyse(parsed, title);
  for (const auto& each : made->analysis.chunks)
    made->chunk_ids.push_back(id + "#" + std::to_string(each.index) + "#" +
                              std::to_string(std::hash<std::string>{}(text)));
  return made;
}

class LiveCollection {
public:
  explicit LiveCollection(std::uint32_t shards = 2)
      : index_(chunk::CollectionIndex::make("test", shards)) {}

  void put(const std::string& id, const std::string& title, const std::string& text,
           const std::string& metadata = "{}") {
    set(id, live_document(id, title, text, metadata));
  }
  void remove(const std::string& id) { set(id, nullptr); }
  // All the work that communities have to do.
  void settle() {
    while (entities_.communities().step(view(), entities_.names()) != entity::CommunityWork::none) {
    }
  }

  chunk::ReadView view() const { return index_->view(); }
  entity::EntityView& entities() { return entities_; }

private:
  void set(const std::string& id, std::shared_ptr<const chunk::LiveDocument> document) {
    const chunk::DocumentChange change{id, document};
    index_->apply(index_->shard_of(id), ++seq_, {&change, 1});
    entities_.set_document(id, std::move(document));
  }

  std::shared_ptr<chunk::CollectionIndex> index_;
  entity::EntityView entities_;
  std::uint64_t seq_ = 0;
};

// Two themes that share no name: a river's dams, and a royal family.
inline void put_two_themes(LiveCollection& collection) {
  const auto add = [&](const std::string& id, const std::string& text) {
    collection.put(id, "", text, R"({"theme": ")" + id.substr(0, 3) + R"("})");
  };
  add("dam1", "Grand Coulee Dam was built on the Columbia River by Frank Crowe in Washington.");
  add("dam2", "Frank Crowe was the engineer of Grand Coulee Dam and of Shasta Dam in California.");
  add("dam3", "Shasta Dam and Grand Coulee Dam hold water of the Columbia River for Washington.");
  add("dam4", "The Columbia River flows through Washington past Grand Coulee Dam to the ocean.");
  add("roy1", "Queen Teutberga was married to King Lothair, who was crowned in Lotharingia.");
  add("roy2", "King Lothair was the second son of Emperor Otto and of Ermengarde of Tours.");
  add("roy3", "Queen Teutberga fled from Lotharingia to Emperor Otto when King Lothair was away.");
  add("roy4",
      "Emperor Otto gave Lotharingia to King Lothair and to Queen Teutberga in the spring.");
}

} // namespace graphrag::test
