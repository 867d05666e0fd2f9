#include "actors/query/asked_words.hpp"

#include <algorithm>
#include <cmath>

#include <xxhash.h>

#include "actors/chunk/characters.hpp"
#include "actors/entity/lexicon.hpp"
#include "actors/entity/words.hpp"
#include "actors/query/relation_words.hpp"

namespace graphrag::query {
namespace {

constexpr float small_word = 0.1F;   // of its idf, for "did", "when", "of"
constexpr float unknown_name = 2.0F; // of its idf, for a name that the collection does not have
constexpr std::uint32_t relation_bit = 0x100;

std::uint64_t hash(std::string_view term) { return XXH3_64bits(term.data(), term.size()); }

bool holds(std::string_view text, std::initializer_list<std::string_view> any) {
  return std::any_of(any.begin(), any.end(),
                     [&](auto part) { return text.find(part) != std::string_view::npos; });
}

Wanted wanted_in_chinese(std::string_view question) {
  if (holds(question, {"何时", "什么时候", "哪年", "哪一年", "几", "多少", "多大", "多高", "多长"}))
    return Wanted::number;
  if (holds(question, {"谁", "哪位", "何人", "什么人", "哪里", "哪儿", "何处", "哪个", "哪座",
                       "哪国", "什么地方"}))
    return Wanted::name;
  return Wanted::anything;
}

Wanted wanted_by(const entity::Words& words, std::string_view question) {
  Wanted result = wanted_in_chinese(question);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words.folded(i);
    const auto next = i + 1 < words.size() ? words.folded(i + 1) : std::string_view{};
    if (word == "when" || word == "year" || word == "date") return Wanted::number;
    if (word == "how" &&
        (next == "many" || next == "much" || next == "old" || next == "long" || next == "far"))
      return Wanted::number;
    for (const std::string_view asks : {"who", "whom", "whose", "where", "place", "birthplace",
                                        "country", "city", "nationality", "person"})
      if (word == asks) result = Wanted::name;
  }
  return result;
}

// "Who was Marley?", "What is a heap?", "周映雪是谁？", "什么是变星？"
std::string topic_of(const entity::Words& words, std::string_view question) {
  constexpr std::size_t most_words = 5;
  for (const std::string_view end : {"？", "?"})
    if (question.ends_with(end)) question.remove_suffix(end.size());
  for (const std::string_view end : {"是谁", "是什么人", "是什么"})
    if (question.ends_with(end) && question.size() > end.size())
      return std::string{question.substr(0, question.size() - end.size())};
  for (const std::string_view start : {"什么是", "谁是"})
    if (question.starts_with(start)) return std::string{question.substr(start.size())};

  if (words.size() < 3 || (words.folded(0) != "who" && words.folded(0) != "what") ||
      !words[1].is(entity::class_be))
    return {};
  const std::size_t first = words[2].is(entity::class_article) ? 3 : 2;
  if (first >= words.size() || words.size() - first > most_words) return {};
  for (auto i = first; i < words.size(); ++i) {
    constexpr auto none = entity::class_function | entity::class_joiner | entity::class_be;
    if (words[i].is(none) || (words[i].gap & entity::gap_possessive) != 0) return {};
  }
  return std::string{words.normal(first, words.size() - 1)};
}

// A word that tells nothing of what is asked: small words, and pairs of characters with one that
// Chinese questions are put with.
bool is_small(std::string_view written) {
  if (written.empty() || chunk::is_ascii(written.front())) {
    std::string word;
    for (const char c : written) word += chunk::ascii_lower(c);
    if (word == "have" || word == "has" || word == "had" || word == "be" || word == "been")
      return true;
    return (entity::word_classes(word) & (entity::class_function | entity::class_be)) != 0;
  }
  return holds(written,
               {"的", "是", "在", "了", "谁", "哪", "什", "么", "何", "多", "少", "几", "有",
                "和", "与", "个", "座", "位", "为", "被", "把", "吗", "呢", "里", "时", "候"});
}

// "long" of "how long": what is asked for, and nothing that a text would say.
bool is_measure(std::string_view question, chunk::Span word) {
  if (word.start < 4) return false;
  const auto before = question.substr(word.start - 4, 4);
  if (before != "how " && before != "How ") return false;
  const auto written = question.substr(word.start, word.end - word.start);
  for (const std::string_view measure : {"long", "old", "far", "tall", "high", "big", "large",
                                         "often", "deep", "wide", "heavy", "fast"})
    if (written == measure) return true;
  return false;
}

// Words with a letter before a digit: "P7", "TM-1007", not "20th".
std::vector<std::string_view> codes_in(std::string_view question) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < question.size();) {
    const auto end = std::min(question.find(' ', at), question.size());
    const auto word = question.substr(at, end - at);
    const auto letter = std::find_if(word.begin(), word.end(), chunk::is_ascii_letter);
    const auto digit = std::find_if(word.begin(), word.end(), chunk::is_ascii_digit);
    if (letter < digit && digit != word.end()) out.push_back(word);
    at = end + 1;
  }
  return out;
}

} // namespace

AskedWords::AskedWords(View& view, std::string_view question, const Plan& plan)
    : terms_(plan.terms.size()) {
  thread_local entity::Words words;
  words.read(question);
  wanted_ = wanted_by(words, question);
  topic_ = topic_of(words, question);

  std::vector<chunk::Token> tokens;
  chunk::tokenize(question, tokens);
  std::sort(tokens.begin(), tokens.end(),
            [](const auto& a, const auto& b) { return a.term < b.term; });
  tokens.erase(std::unique(tokens.begin(), tokens.end(),
                           [](const auto& a, const auto& b) { return a.term == b.term; }),
               tokens.end());
  const auto rarest = std::log1p(2 * static_cast<float>(view.chunk_count()) + 1); // held by none
  for (const auto& token : tokens) {
    const auto id = view.find_term(token.term);
    const auto known = std::find_if(plan.terms.begin(), plan.terms.end(),
                                    [&](const auto& t) { return t.term == id; });
    const bool small =
        is_measure(question, token.span) ||
        is_small(question.substr(token.span.start, token.span.end - token.span.start));
    if (known == plan.terms.end()) {
      // Beyond what a plan takes: neither weighed nor missed.
      if (id != chunk::no_term && view.document_frequency(id) > 0) continue;
      const auto first = chunk::decode(question, token.span.start).code;
      const bool name = token.span.start > 0 && chunk::is_upper(first);
      const bool half = chunk::classify(first) == chunk::CharClass::han; // of two characters' pair
      if (!small) unknown_ += rarest * (name ? unknown_name : half ? 0.5F : 1);
      continue;
    }
    const auto t = static_cast<std::uint32_t>(known - plan.terms.begin());
    weight_[t] = plan.idf[t] * (small ? small_word : 1);
    places_.insert(hash(token.term), t);
  }
  for (const auto& token : tokens) { // after all words themselves, which take precedence
    const auto t = places_.find(hash(token.term));
    if (t != entity::KeySet::absent && t < relation_bit)
      for (const auto& word : relation_words(token.term))
        places_.insert(hash(word), t | relation_bit);
  }
  for (std::size_t t = 0; t < terms_; ++t) total_ += weight_[t];
  for (const auto code : codes_in(question)) {
    names_codes_ = true;
    chunk::tokenize(code, tokens);
    std::uint64_t bits = 0;
    bool known = true;
    for (const auto& token : tokens) {
      const auto t = places_.find(hash(token.term));
      known = known && t != entity::KeySet::absent && t < relation_bit;
      if (known) bits |= std::uint64_t{1} << t;
    }
    if (known) codes_.push_back(bits);
  }
}

void AskedWords::mark(const chunk::Token& token, Covered& covered) const {
  const auto place = places_.find(hash(token.term));
  if (place == entity::KeySet::absent) return;
  const auto bit = std::uint64_t{1} << (place & (relation_bit - 1));
  ((place & relation_bit) != 0 ? covered.relations : covered.words) |= bit;
}

float AskedWords::share(const Covered& covered) const noexcept {
  if (names_codes_ && std::none_of(codes_.begin(), codes_.end(), [&](std::uint64_t code) {
        return (covered.words & code) == code;
      }))
    return 0;
  float sum = 0;
  for (std::size_t t = 0; t < terms_; ++t)
    if (((covered.words | covered.relations) >> t & 1) != 0) sum += weight_[t];
  const float all = total_ + unknown_;
  return all > 0 ? sum / all : 0;
}

} // namespace graphrag::query
