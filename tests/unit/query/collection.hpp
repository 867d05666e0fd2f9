#pragma once
// A small collection for the tests of queries: passages go in as they would from the store.
#include <algorithm>
#include <memory>
#include <string>

#include "actors/chunk/analyse.hpp"
#include "actors/chunk/index.hpp"
#include "actors/query/query.hpp"

namespace graphrag::query {

// A document as the store's log would bring it.
inline std::shared_ptr<chunk::LiveDocument>
live_document(const std::string& id, const std::string& title, const std::string& text,
              std::vector<float> vector, const std::string& metadata) {
  auto made = std::make_shared<chunk::LiveDocument>();
  made->id = id;
  made->title = title;
  made->text = text;
  made->metadata = metadata;
  made->vector = std::move(vector);
  document::ParsedDocument parsed;
  parsed.text = text;
  if (text.find(" | ") != std::string::npos) // lines of a table, as formats give them
    for (std::size_t from = 0, to = 0; from < text.size(); from = to + 1) {
      to = std::min(text.find('\n', from), text.size());
      if (to > from)
        parsed.blocks.push_back({document::BlockKind::table_row, 0, 0,
                                 static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)});
    }
  made->analysis = chunk::analyse(parsed, title);
  for (const auto& each : made->analysis.chunks)
    made->chunk_ids.push_back(id + "#" + std::to_string(each.index));
  return made;
}

class TestCollection {
public:
  explicit TestCollection(std::uint32_t shards = 2)
      : index_(chunk::CollectionIndex::make("test", shards)) {}

  TestCollection& add(const std::string& id, const std::string& title, const std::string& text,
                      std::vector<float> vector = {}, const std::string& metadata = "{}") {
    return apply({id, live_document(id, title, text, std::move(vector), metadata)});
  }
  TestCollection& remove(const std::string& id) { return apply({id, nullptr}); }
  // Gives a document of one chunk the vector that encoder "m" made.
  TestCollection& encode(const std::string& id, std::vector<float> unit) {
    const auto size = static_cast<std::uint32_t>(unit.size());
    return apply({id, nullptr,
                  std::make_shared<runtime::ChunkVectors>(
                      runtime::ChunkVectors{"m", size, std::move(unit)})});
  }

  chunk::ReadView view() const { return index_->view(); }
  QueryResult ask(const Question& question) const { return run(view(), question); }
  QueryResult ask(const std::string& text, Mode mode = Mode::hybrid) const {
    Question question;
    question.text = text;
    question.mode = mode;
    question.explain = true;
    return ask(question);
  }

private:
  TestCollection& apply(const chunk::DocumentChange& change) {
    index_->apply(index_->shard_of(change.id), ++seq_, {&change, 1});
    return *this;
  }

  std::shared_ptr<chunk::CollectionIndex> index_;
  std::uint64_t seq_ = 0;
};

// The ids of the hits, best first.
inline std::vector<std::string> ids(const QueryResult& result) {
  std::vector<std::string> found;
  for (const auto& hit : result.hits) found.push_back(hit.document_id);
  return found;
}

// A few passages about a family, with much else around them.
inline TestCollection family(std::uint32_t shards = 2) {
  TestCollection collection{shards};
  collection.add(
      "lothair", "Lothair II",
      "Lothair II was the king of Lotharingia from 855. He was the second son of Emperor "
      "Lothair I and Ermengarde of Tours. He was married to Teutberga.");
  collection.add("ermengarde", "Ermengarde of Tours",
                 "Ermengarde of Tours (died 20 March 851) was the daughter of Hugh of "
                 "Tours. In 849 she made a donation to a monastery.");
  collection.add("teutberga", "Teutberga",
                 "Teutberga (died 11 November 875) was a queen of Lotharingia. She was a daughter "
                 "of Boso the Elder.");
  collection.add(
      "mothers", "Mother",
      "A mother is the female parent of a child. When did the first mothers die is unknown.");
  for (int i = 0; i < 30; ++i)
    collection.add("other" + std::to_string(i), "Place " + std::to_string(i),
                   "Place " + std::to_string(i) +
                       " is a village with a mother church where many people die of age.");
  return collection;
}

} // namespace graphrag::query
