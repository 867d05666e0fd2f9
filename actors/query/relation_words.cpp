#include "actors/query/relation_words.hpp"

#include <unordered_map>
#include <vector>

#include "actors/chunk/analyse.hpp"

namespace graphrag::query {
namespace {

// The word asked for, then what may stand in the text.
constexpr std::string_view groups[] = {
    "birth born",
    "birthplace born birth",
    "born birth birthplace",
    "death died dead killed",
    "die died death killed",
    "mother son daughter child born",
    "father son daughter child",
    "parent son daughter father mother",
    "child son daughter children father mother",
    "son father mother born",
    "daughter father mother born",
    "husband wife married marriage spouse consort",
    "wife husband married marriage spouse consort",
    "spouse husband wife married marriage",
    "sibling brother sister",
    "brother sister sibling brothers",
    "sister brother sibling sisters",
    "grandfather grandson granddaughter grandchild father son",
    "grandmother grandson granddaughter grandchild mother daughter",
    "uncle nephew niece brother",
    "aunt nephew niece sister",
    "director directed directs",
    "composer composed music score",
    "performer performed sung singer recorded song album",
    "singer sung performed recorded",
    "author written wrote writer novel",
    "writer written wrote author screenplay",
    "producer produced",
    "founder founded established",
    "founded established created formed",
    "publisher published",
    "owner owned owns acquired",
    "creator created",
    "inventor invented",
    "designer designed",
    "architect designed built",
    "study studied educated attended university college school graduated",
    "educated attended studied university college school graduated",
    "attend attended studied graduated university college school",
    "nationality citizen born american british french german italian indian",
    "citizen born nationality",
    "work worked employed works",
    "employer works worked employed",
    "located location situated lies",
    "location located situated lies",
    "border borders bordering bordered adjacent",
    "label records released signed",
    "cast starring stars played plays",
    "star starring stars played",
    "winner won awarded",
    "award won awarded winner prize",
    "leader led leads headed",
    "start started began founded established",
    "end ended dissolved closed",
    "population inhabitants people residents",
    "buried burial tomb interred cemetery",
    "detained prison sentenced imprisoned arrested",
};

using Table = std::unordered_map<std::string, std::vector<std::string>>;

Table build() {
  Table table;
  std::vector<chunk::Token> tokens;
  for (const auto group : groups) {
    chunk::tokenize(group, tokens);
    auto& said = table[tokens.front().term];
    for (std::size_t i = 1; i < tokens.size(); ++i) said.push_back(tokens[i].term);
  }
  return table;
}

} // namespace

std::span<const std::string> relation_words(std::string_view term) {
  static const Table table = build();
  const auto found = table.find(std::string{term});
  return found == table.end() ? std::span<const std::string>{} : std::span{found->second};
}

} // namespace graphrag::query
