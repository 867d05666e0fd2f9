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
    "maker made makes manufactured built",
    "made maker makes manufactured built",
    "built constructed erected completed architect",
    "opened opening inaugurated opens",
    "cost price costs paid",
    "price cost costs paid",
    "teacher taught pupil student apprentice",
    "pupil teacher taught student apprentice",
    "discovered discovery discoverer",
    "discoverer discovered discovery",
    "tall height high",
    "height tall high",
    "long length",
    "length long",
    // Chinese, in words of two characters, which are the index's terms.
    "出生 生于 诞生 籍贯 祖籍",
    "籍贯 生于 出生 祖籍",
    "家乡 生于 出生 祖籍 故乡",
    "去世 逝世 死于 卒于 病逝",
    "父亲 儿子 女儿 之子 之女",
    "母亲 儿子 女儿 之子 之女",
    "儿子 父亲 母亲 之子",
    "女儿 父亲 母亲 之女",
    "妻子 丈夫 结婚 嫁给 娶了",
    "丈夫 妻子 结婚 嫁给 娶了",
    "老师 学徒 师从 学生 教师",
    "学生 老师 师从 学徒 弟子",
    "建成 创建 建于 建立 落成 始建",
    "建立 创建 建于 建成 成立 创办",
    "创建 建立 成立 创办 创立 建于",
    "创办 创建 建立 成立 创立 设立",
    "成立 创建 建立 创办 创立 设立",
    "设立 成立 创立 创办",
    "位于 坐落 地处",
    "作者 撰写 创作 著有 写了",
    "导演 执导",
    "作曲 配乐 谱写",
    "毕业 就读 考入 学习",
    "任职 工作 担任 就职",
    "工作 任职 担任 就职",
    "发明 研制 首创",
    "设计 设计者",
    "获得 荣获 获奖",
    "制造 制作 打造",
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
