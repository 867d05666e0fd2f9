// Chinese and Japanese write no spaces and no capitals: names are found by their marks (《》, a
// title after a surname, 是 after the subject), and the pieces between grammatical characters are
// kept as possible parts, so that a passage is linked to the home of a name that it contains.
#include <algorithm>
#include <array>
#include <string_view>

#include "actors/entity/reading.hpp"

namespace graphrag::entity {
namespace {

constexpr std::uint32_t max_name_chars = 12;
constexpr std::uint32_t max_part_chars = 6;
constexpr float definition_confidence = 0.6F;

// Characters that seldom stand within a name.
constexpr std::string_view grammar =
    "的了在是和与或由为被把对从到于以之其这那有也都就而且但并所著该某们个等至即又很最更"
    "不没此每曾则您你我他她它吗呢吧";

struct Ending {
  std::string_view text;
  Kind kind;
};
constexpr std::array<Ending, 34> endings{{
    {"先生", Kind::person},
    {"女士", Kind::person},
    {"教授", Kind::person},
    {"博士", Kind::person},
    {"总统", Kind::person},
    {"主席", Kind::person},
    {"皇帝", Kind::person},
    {"公司", Kind::organisation},
    {"集团", Kind::organisation},
    {"大学", Kind::organisation},
    {"学院", Kind::organisation},
    {"银行", Kind::organisation},
    {"委员会", Kind::organisation},
    {"协会", Kind::organisation},
    {"医院", Kind::organisation},
    {"研究所", Kind::organisation},
    {"乐队", Kind::organisation},
    {"俱乐部", Kind::organisation},
    {"出版社", Kind::organisation},
    {"省", Kind::place},
    {"市", Kind::place},
    {"县", Kind::place},
    {"区", Kind::place},
    {"镇", Kind::place},
    {"村", Kind::place},
    {"岛", Kind::place},
    {"山脉", Kind::place},
    {"河", Kind::place},
    {"江", Kind::place},
    {"湖", Kind::place},
    {"王国", Kind::place},
    {"共和国", Kind::place},
    {"战争", Kind::event},
    {"革命", Kind::event},
}};

Kind kind_by_ending(std::string_view name, std::size_t least_chars = 1) {
  for (const auto& [text, kind] : endings)
    if (text.size() >= 3 * least_chars && name.size() > text.size() && name.ends_with(text))
      return kind;
  return Kind::unknown;
}

class ChineseFinder {
public:
  explicit ChineseFinder(Reading& reading) : reading_(reading), words_(reading.words) {}

  void names() {
    const auto size = static_cast<std::uint32_t>(words_.size());
    for (std::uint32_t i = 0; i < size;) {
      if (!words_[i].has(word_han)) {
        ++i;
        continue;
      }
      if ((words_[i].gap & gap_quote_open) != 0) marked(i);
      auto end = i + 1;
      while (end < size && same_run(end)) ++end;
      run(i, end);
      i = end;
    }
  }

  // "X是…" and "X（…）是…" at the beginning of a sentence.
  void homes() {
    for (const auto& range : reading_.sentences) {
      if (!words_[range.first].has(word_han) && !mixed_subject(range)) continue;
      auto end = range.first;
      while (end < range.end && end - range.first <= max_name_chars && subject_goes_on(range, end))
        ++end;
      if (end == range.first || end - range.first > max_name_chars || end >= range.end) continue;
      auto verb = end;
      if ((words_[end].gap & gap_open) != 0)
        while (verb < range.end && verb - end < 30 && (words_[verb].gap & gap_close) == 0) ++verb;
      if (verb >= range.end) continue;
      const auto word = words_.folded(verb);
      const bool defines =
          word == "是" || (word == "为" && verb + 1 < range.end && words_.folded(verb + 1) == "一");
      if (!defines || (end - range.first < 2 && words_[range.first].has(word_han))) continue;
      const auto normal = words_.normal(range.first, end - 1);
      const auto kind = kind_by_ending(normal);
      reading_.mention(range.first, end - 1, true, kind);
      reading_.home(normal, reading_.display(range.first, end - 1), definition_confidence, kind);
      if (!reading_.topic.empty()) continue;
      reading_.topic = normal;
      reading_.topic_display = reading_.display(range.first, end - 1);
    }
  }

private:
  bool is_grammar(std::uint32_t i) const {
    return words_[i].has(word_hiragana) || grammar.find(words_.folded(i)) != std::string_view::npos;
  }

  // The same script without a break: katakana apart from Chinese characters.
  bool same_run(std::uint32_t i) const {
    const auto& word = words_[i];
    if (!word.has(word_han) || word.has(word_katakana) != words_[i - 1].has(word_katakana))
      return false;
    return word.gap == 0 || (word.has(word_katakana) && word.gap == gap_hyphen);
  }

  // 《红楼梦》, “…”, 「…」 up to a name's length.
  void marked(std::uint32_t first) {
    for (auto i = first + 1; i <= words_.size() && i - first <= 2 * max_name_chars; ++i) {
      const auto gap = i < words_.size() ? words_[i].gap : words_.last_gap();
      if ((gap & gap_quote_close) != 0) {
        reading_.mention(first, i - 1, true, Kind::work);
        return;
      }
      if ((gap & (gap_stop | gap_comma)) != 0) return;
    }
  }

  // Pieces between grammatical characters, with their beginnings and ends.
  void run(std::uint32_t first, std::uint32_t end) {
    for (auto i = first; i < end;) {
      if (is_grammar(i)) {
        ++i;
        continue;
      }
      auto stop = i + 1;
      while (stop < end && !is_grammar(stop)) ++stop;
      piece(i, stop);
      i = stop;
    }
  }

  void piece(std::uint32_t first, std::uint32_t end) {
    const auto count = end - first;
    if (count < 2) return;
    if (count <= max_name_chars) {
      const auto kind = kind_by_ending(words_.normal(first, end - 1));
      reading_.mention(first, end - 1, kind != Kind::unknown, kind);
    }
    for (std::uint32_t part = 3; part < count && part <= max_name_chars;
         ++part) // 北京大学 in 北京大学使用
      if (const auto kind = kind_by_ending(words_.normal(first, first + part - 1), 2);
          kind != Kind::unknown)
        reading_.mention(first, first + part - 1, true, kind);
    for (std::uint32_t part = 2; part <= max_part_chars && part < count; ++part) {
      reading_.mention(first, first + part - 1, false, Kind::unknown);
      reading_.mention(end - part, end - 1, false, Kind::unknown);
    }
  }

  bool mixed_subject(WordRange range) const {
    for (auto i = range.first; i < range.end && i - range.first < 4; ++i)
      if (words_[i].has(word_han)) return true;
    return false;
  }
  bool subject_goes_on(WordRange range, std::uint32_t i) const {
    constexpr std::uint16_t within = gap_space | gap_hyphen | gap_quote_open | gap_quote_close;
    if (i > range.first && (words_[i].gap & ~within) != 0) return false;
    return !words_[i].has(word_han) || !is_grammar(i);
  }

  Reading& reading_;
  const Words& words_;
};

} // namespace

void find_chinese_names(Reading& reading) { ChineseFinder{reading}.names(); }
void find_chinese_homes(Reading& reading) { ChineseFinder{reading}.homes(); }

} // namespace graphrag::entity
